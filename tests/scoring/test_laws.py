"""The laws of scoring, on random children: rules raise, nothing hides, sums are exact."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.assessment import Assessment, assess
from scoring.change import Previous
from scoring.key import ItemKey
from tests.scoring.small_bank import key, sheet

KEY = key()
TASKS = st.lists(st.sampled_from(["cook", "wash", "siblings"]), min_size=1, unique=True).map(sorted)


def _value(item: ItemKey) -> st.SearchStrategy[Any]:
    skip = st.sampled_from(["dont_know", "declined"])
    return (
        st.one_of(TASKS, st.just(["none"]), skip)
        if item.is_multi
        else st.one_of(st.sampled_from(list(item.levels)), skip)
    )


ANSWERS = st.fixed_dictionaries({}, optional={name: _value(item) for name, item in KEY.items.items()})
HISTORY = st.one_of(
    st.none(),
    st.builds(
        Previous,
        st.lists(st.sampled_from([rule.id for rule in KEY.rules]), unique=True).map(tuple),
        st.dictionaries(st.just("needs"), st.integers(0, 300)),
    ),
)
MANY = settings(max_examples=500, deadline=None)


def rank(assessment: Assessment) -> int:
    return assessment.urgency.rank if assessment.urgency else 9


@MANY
@given(ANSWERS, HISTORY, st.sampled_from(sorted(KEY.items)))
def test_a_worse_answer_never_lowers_anything(
    answers: dict[str, Any], history: Previous | None, name: str
) -> None:
    item = KEY.items[name]
    if item.is_multi or answers.get(name) not in item.levels:
        return
    worse = [code for code, level in item.levels.items() if level == item.levels[answers[name]] + 1]
    if not worse:
        return
    before, after = (
        assess(KEY, sheet(**answers), history),
        assess(KEY, sheet(**{**answers, name: worse[0]}), history),
    )
    assert rank(after) <= rank(before)
    for low, high in zip(before.as_dict()["concerns"], after.as_dict()["concerns"], strict=True):
        assert high["points"] >= low["points"]


@MANY
@given(ANSWERS)
def test_contributions_add_up(answers: dict[str, Any]) -> None:
    for concern, table in zip(
        assess(KEY, sheet(**answers)).as_dict()["concerns"], KEY.model.tables, strict=True
    ):
        assert table.base + sum(points for _, points, _ in concern["contributions"]) == concern["points"]


@MANY
@given(ANSWERS, st.sampled_from(["hungry", "dirty"]), st.sampled_from(["dont_know", "declined"]))
def test_a_refusal_lies_between_best_and_worst(answers: dict[str, Any], name: str, refusal: str) -> None:
    points = [
        assess(KEY, sheet(**{**answers, name: value})).as_dict()["concerns"][0]["points"]
        for value in ("never", refusal, "daily")
    ]
    assert points[0] <= points[1] <= points[2]


@MANY
@given(ANSWERS, HISTORY)
def test_the_final_urgency_is_never_below_any_active_rule(
    answers: dict[str, Any], history: Previous | None
) -> None:
    assessment = assess(KEY, sheet(**answers), history)
    for flag in assessment.as_dict()["flags"]:
        if flag["active"]:
            assert rank(assessment) <= ["today", "this_week", "check", "watch"].index(flag["urgency"])


@MANY
@given(ANSWERS, st.dictionaries(st.sampled_from(sorted(KEY.items)), st.floats(0, 5)))
def test_careless_looking_answers_never_silence_a_hard_rule(
    answers: dict[str, Any], seconds: dict[str, float]
) -> None:
    assert assess(KEY, sheet(**{**answers, "hurt": "daily"}), seconds=seconds).urgency == "today"


@MANY
@given(ANSWERS, HISTORY)
def test_every_flag_names_an_answer_that_caused_it(answers: dict[str, Any], history: Previous | None) -> None:
    assessment = assess(KEY, sheet(**answers), history)
    for flag in assessment.as_dict()["flags"]:
        rule = next(rule for rule in KEY.rules if rule.id == flag["rule"])
        if rule.when.form == "answered":
            assert flag["evidence"] == [rule.when.item]
            assert answers[rule.when.item] in rule.when.codes


@MANY
@given(ANSWERS)
def test_every_way_out_really_leads_out(answers: dict[str, Any]) -> None:
    table = KEY.model.tables[0]
    concern = assess(KEY, sheet(**answers)).as_dict()["concerns"][0]
    for item in concern["singles"]:
        best = (
            ["none"]
            if KEY.items[item].is_multi
            else min(KEY.items[item].levels, key=KEY.items[item].levels.get)
        )  # type: ignore[arg-type]
        changed = assess(KEY, sheet(**{**answers, item: best})).as_dict()["concerns"][0]
        assert changed["urgency"] is None
    if concern["urgency"] and not concern["singles"]:
        assert all(
            concern["points"] - points + min(table.points[item].values()) >= 400
            for item, points, ground in concern["contributions"]
            if ground == "answer"
        )


@MANY
@given(st.text(max_size=60))
def test_any_text_is_survived_and_never_copied(text: str) -> None:
    assessment = assess(KEY, sheet(hungry="never", note=text))
    for start, end, _ in assessment.as_dict()["texts"].get("note", []):
        assert 0 <= start < end <= len(text)
