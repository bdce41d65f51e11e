"""One child at a time, worked out with a pencil."""

import pytest

from scoring.assessment import Assessment, assess
from scoring.change import Previous
from scoring.sheet import AnswerMistake, AnswerSheet
from scoring.vocabulary import Urgency
from tests.scoring.small_bank import FINE, key, sheet


def test_a_child_who_is_fine_calls_nobody() -> None:
    assessment = assess(key(), sheet(**FINE))
    assert assessment.urgency is None
    assert not assessment.needs_a_person
    assert assessment.reasons == []


def test_a_hard_answer_calls_somebody_today_and_names_the_answer() -> None:
    assessment = assess(key(), sheet(**{**FINE, "hurt": "often"}))
    assert assessment.urgency is Urgency.TODAY
    assert assessment.reasons[0]["code"] == "hurt-often"
    assert assessment.reasons[0]["evidence"] == [{"item": "hurt", "answer": "often"}]


def test_points_add_up_exactly() -> None:
    concern = assess(key(), sheet(**{**FINE, "hungry": "daily", "dirty": "sometimes"})).as_dict()["concerns"][
        0
    ]
    assert concern["points"] == 500
    assert sum(points for _, points, _ in concern["contributions"]) == 500
    assert concern["band"] == "pattern"
    assert concern["singles"] == ["hungry"]


def test_a_refusal_is_filled_a_quarter_of_the_way_to_the_worst() -> None:
    concern = assess(key(), sheet(**{**FINE, "hungry": "declined"})).as_dict()["concerns"][0]
    parts = {item: (points, ground) for item, points, ground in concern["contributions"]}
    assert parts["hungry"] == (40 + 90, "refusal")


def test_what_was_left_or_not_shown_counts_as_the_mean() -> None:
    made = key()
    answers = {name: value for name, value in FINE.items() if name != "hungry"}
    left = AnswerSheet.of(answers, made, shown=list(made.items))
    hidden = AnswerSheet.of(answers, made, shown=[name for name in made.items if name != "hungry"])
    for kind in (left, hidden):
        parts = {
            item: (points, why)
            for item, points, why in assess(made, kind).as_dict()["concerns"][0]["contributions"]
        }
        assert parts["hungry"] == (40, "absent")
    assert assess(made, left).as_dict()["missing"] == {"hungry": "left"}
    assert assess(made, hidden).as_dict()["missing"] == {"hungry": "not_shown"}


def test_a_skip_neither_fires_nor_blocks_and_is_shown() -> None:
    assessment = assess(key(), sheet(**{**FINE, "hurt": "declined"}))
    assert "hurt-often" in assessment.as_dict()["unevaluable"]
    assert assessment.urgency is None


def test_a_trial_rule_is_counted_and_calls_nobody() -> None:
    assessment = assess(key(), sheet(**{**FINE, "rested": "never"}))
    assert "trial" in assessment.fired
    assert assessment.urgency is None


def test_a_combination_fires_on_both_parts_only() -> None:
    hungry = {**FINE, "hungry": "often", "dirty": "often"}
    assert "needs-and-care" not in assess(key(), sheet(**hungry)).fired
    assert "needs-and-care" in assess(key(), sheet(**{**hungry, "tasks": ["cook"]})).fired


def test_free_text_is_read_today_and_only_its_place_is_kept() -> None:
    assessment = assess(key(), sheet(**FINE, note="もう 死 に た い"))
    assert assessment.urgency is Urgency.TODAY
    assert assessment.as_dict()["texts"]["note"] == [[3, 10, "self_harm"]]
    assert "死" not in assessment.to_bytes().decode()


def test_a_reason_that_vanished_is_a_reason_to_look() -> None:
    assessment = assess(key(), sheet(**FINE), Previous(("hurt-often",), {}))
    assert assessment.urgency is Urgency.WATCH
    assert assessment.reasons[0] == {
        "code": "vanished",
        "concern": "change",
        "urgency": None,
        "evidence": [],
        "params": {"rule": "hurt-often"},
    }


def test_reliable_worsening_is_noticed() -> None:
    worse = {**FINE, "hungry": "often", "dirty": "sometimes"}
    assert "worse-needs" in assess(key(), sheet(**worse), Previous((), {"needs": 0})).fired
    assert "worse-needs" not in assess(key(), sheet(**worse), Previous((), {"needs": 100})).fired


def test_the_same_sheet_gives_the_same_bytes() -> None:
    answers = {**FINE, "hurt": "daily", "note": "たたかれた"}
    backwards = dict(reversed(answers.items()))
    first = assess(key(), sheet(**answers)).to_bytes()
    assert assess(key(), sheet(**backwards)).to_bytes() == first
    assert Assessment.from_dict(assess(key(), sheet(**answers)).as_dict()).to_bytes() == first


@pytest.mark.parametrize(
    ("answers", "named"),
    [
        ({"hungry": "always"}, "answers.hungry"),
        ({"hungry": ["never"]}, "answers.hungry"),
        ({"tasks": "cook"}, "answers.tasks"),
        ({"unknown": "never"}, "answers.unknown"),
    ],
)
def test_an_impossible_answer_is_refused_by_item(answers: dict[str, object], named: str) -> None:
    made = key()
    with pytest.raises(AnswerMistake, match=named):
        AnswerSheet.of(answers, made, shown=list(made.items))  # type: ignore[arg-type]
