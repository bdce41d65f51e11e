"""A follow-up the child's own answer ruled out is no gap; one hidden behind a refusal is."""

import pytest

from scoring.assessment import assess
from scoring.change import Previous
from scoring.parse import parse
from scoring.sheet import AnswerSheet, AnswerValue
from tests.scoring.small_bank import LEXICON, content

KEY = parse(
    content(), LEXICON, text_items=frozenset({"note"}), follow_ups={"dirty": "tasks", "hurt": "tasks"}
)


def sheet(**answers: AnswerValue) -> AnswerSheet:
    return AnswerSheet.of(answers, KEY, shown=["hungry", "rested", "tasks"])


def test_ruled_out_by_an_answer_it_is_no_gap() -> None:
    found = assess(KEY, sheet(hungry="often", tasks=["none"])).as_dict()
    assert found["unevaluable"] == ["trial"]
    assert found["missing"]["dirty"] == "not_shown"
    assert found["subscales"][0] | {"change": 0} == {
        "id": "needs",
        "concern": "neglect",
        "value": 200,
        "band": "concern",
        "answered": 1,
        "of": 1,
        "change": 0,
    }


@pytest.mark.parametrize("gate", [{"tasks": "declined"}, {"tasks": "dont_know"}, {}])
def test_behind_a_refusal_it_is_a_gap(gate: dict[str, AnswerValue]) -> None:
    found = assess(KEY, sheet(hungry="often", **gate)).as_dict()
    assert "hurt-often" in found["unevaluable"]
    assert found["subscales"][0]["of"] == 2


def test_values_of_another_bank_are_not_compared() -> None:
    answers = sheet(hungry="daily", tasks=["none"])
    same, other = (assess(KEY, answers, Previous((), {"needs": 0}, bank)) for bank in ("small", "sho-low"))
    assert "worse-needs" in same.fired
    assert "worse-needs" not in other.fired


def test_a_first_wave_has_no_gaps_about_earlier_waves() -> None:
    assert "worse-needs" not in assess(KEY, sheet(hungry="daily", tasks=["none"])).as_dict()["unevaluable"]
