"""An answer sheet keeps the four kinds of “no answer” apart and refuses what the bank cannot have."""

import pytest

from scoring.sheet import AnswerMistake, AnswerSheet, AnswerValue
from scoring.vocabulary import Missing
from tests.scoring.small_bank import key, sheet


def test_the_four_kinds_of_no_answer_stay_apart() -> None:
    made = AnswerSheet.of(
        {"hungry": "dont_know", "dirty": "declined"}, key(), shown=["hungry", "dirty", "hurt"]
    )
    assert made.missing == {
        "hungry": Missing.DONT_KNOW,
        "dirty": Missing.DECLINED,
        "hurt": Missing.LEFT,
        "rested": Missing.NOT_SHOWN,
        "tasks": Missing.NOT_SHOWN,
    }


def test_a_refusal_in_a_list_is_a_refusal_and_never_the_best_answer() -> None:
    made = sheet(tasks=["declined"])
    assert made.missing["tasks"] is Missing.DECLINED
    assert "tasks" not in made.levels


def test_an_empty_choice_was_left() -> None:
    assert sheet(tasks=[]).missing["tasks"] is Missing.LEFT


@pytest.mark.parametrize(
    ("item", "value"),
    [("hungry", "purple"), ("hungry", ["daily"]), ("tasks", "cook"), ("tasks", ["cook", "declined"])],
)
def test_a_wrong_answer_names_the_item_and_not_the_answer(item: str, value: AnswerValue) -> None:
    with pytest.raises(AnswerMistake) as refused:
        sheet(**{item: value})
    assert f"answers.{item}" in str(refused.value)
    assert "purple" not in str(refused.value)


def test_an_answer_to_a_question_that_was_not_shown_is_refused() -> None:
    with pytest.raises(AnswerMistake, match=r"answers\.hurt"):
        AnswerSheet.of({"hurt": "never"}, key(), shown=["hungry"])
