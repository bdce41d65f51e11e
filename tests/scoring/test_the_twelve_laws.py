"""The twelve laws of scoring, in the order of the design, each on 500 random children or more."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from scoring.assessment import Assessment, assess
from scoring.batch import assess_frame, frame_of
from scoring.capacity import Waiting, listed
from scoring.cluster import join_parquet, parts_of, score_parts
from scoring.key import Condition, Rule, ScoringKey
from scoring.model import concern_scores
from scoring.sheet import AnswerMistake
from scoring.vocabulary import Level, Urgency
from survey_api.services.banks.sheets import sheet_of
from tests.scoring.real_sheets import BANKS, KEYS, Row, answers, befores, rows

NAME = "sho-low"  # the shortest bank, so that many children fit; every bank stands in test_batch.py
BANK, KEY = BANKS[NAME], KEYS[NAME]
SINGLE = sorted(name for name, item in KEY.items.items() if not item.is_multi)
MULTI = sorted(name for name, item in KEY.items.items() if item.is_multi)
MANY = settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
ANSWERS, BEFORE = answers(NAME), befores(NAME)


def on_the_way(given: dict[str, Any]) -> dict[str, Any]:
    """Without what another answer has taken off the child's way: the bank asks a wish and its partner of nobody twice."""
    shown = {*BANK.bank.skippable(), *BANK.bank.shown_items(given)}
    return {item: answer for item, answer in given.items() if item in shown}


def said(given: dict[str, Any], before: Any = None, **more: Any) -> Assessment:
    return assess(KEY, sheet_of(BANK, on_the_way(given)), before, **more)


def best_of(name: str) -> Any:
    item = KEY.items[name]
    if not item.is_multi:
        return next(code for code, level in item.levels.items() if level == 0)
    return [next(code for code in BANK.bank.items[name].options if code not in item.count_of)]


def worst_of(name: str) -> Any:
    item = KEY.items[name]
    if not item.is_multi:
        return next(code for code, level in item.levels.items() if level == item.worst)
    return sorted(item.count_of)


def about_the_child(assessment: Assessment) -> int:
    """The strongest urgency of rules A–C and patterns; level D speaks of how a sheet was answered."""
    found = [
        flag["urgency"] for flag in assessment.content["flags"] if flag["active"] and flag["level"] != "D"
    ]
    found += [concern["urgency"] for concern in assessment.content["concerns"] if concern["urgency"]]
    return min((Urgency(each).rank for each in found), default=len(Urgency))


def points(assessment: Assessment) -> dict[str, int]:
    return {concern["concern"]: concern["points"] for concern in assessment.content["concerns"]}


@MANY
@given(ANSWERS, BEFORE, st.sampled_from(SINGLE + MULTI))
def test_01_a_worse_answer_never_lowers_score_band_or_rule_level(
    given_: dict[str, Any], before: Any, name: str
) -> None:
    item, now = KEY.items[name], given_.get(name)
    if item.is_multi:
        more = sorted(item.count_of - set(now)) if isinstance(now, list) else []
        worse: Any = sorted({*now, more[0]} & item.count_of) if more and isinstance(now, list) else None
    else:
        worse = next(
            (c for c, lv in item.levels.items() if now in item.levels and lv == item.levels[now] + 1), None
        )
    if worse is None:
        return
    low, high = said(given_, before), said({**given_, name: worse}, before)
    assert about_the_child(high) <= about_the_child(low)
    for before_, after in zip(low.content["concerns"], high.content["concerns"], strict=True):
        bands = [cut.band for cut in next(t for t in KEY.model.tables if t.concern == after["concern"]).bands]
        assert after["points"] >= before_["points"]
        assert bands.index(after["band"]) >= bands.index(before_["band"])


@MANY
@given(ANSWERS, st.sampled_from(SINGLE + MULTI), st.sampled_from(["dont_know", "declined"]))
def test_02_a_skip_lies_between_best_and_worst(given_: dict[str, Any], name: str, refusal: str) -> None:
    if name not in given_:
        return
    best, skip, worst = (
        points(said({**given_, name: value})) for value in (best_of(name), refusal, worst_of(name))
    )
    assert all(best[concern] <= skip[concern] <= worst[concern] for concern in best)


@MANY
@given(ANSWERS)
def test_03_contributions_add_up_exactly(given_: dict[str, Any]) -> None:
    for concern, table in zip(said(given_).content["concerns"], KEY.model.tables, strict=True):
        assert table.base + sum(points for _, points, _ in concern["contributions"]) == concern["points"]


POOL = 24


@pytest.fixture(scope="module")
def pool() -> tuple[pd.DataFrame, pd.DataFrame, list[Row]]:
    """A frame of random children, its assessments, and the children themselves."""
    kept: list[Row] = []

    @settings(max_examples=POOL, deadline=None, database=None, derandomize=True)
    @given(rows(NAME))
    def gather(row: Row) -> None:
        kept.append(row)

    gather()
    some = kept[:POOL]
    frame = frame_of(KEY, [r.sheet for r in some], [r.before for r in some], [r.seconds for r in some])
    return frame, assess_frame(KEY, frame), some


@settings(MANY, max_examples=60)  # each on the whole pool
@given(order=st.permutations(range(POOL)), columns=st.randoms(), parts=st.integers(1, 4))
def test_04_neither_order_nor_partition_nor_engine_changes_a_bit(
    pool: Any, order: list[int], columns: Any, parts: int
) -> None:
    frame, expected, some = pool
    names = list(frame.columns)
    columns.shuffle(names)
    place = [number for number in order if number < len(frame)]
    turned = frame.iloc[place][names]
    step = -(-len(turned) // parts)
    pieces = [assess_frame(KEY, turned.iloc[at : at + step]) for at in range(0, len(turned), step)]
    pd.testing.assert_frame_equal(pd.concat(pieces).sort_index(), expected, check_exact=True)
    row = place[0]
    alone = assess(KEY, some[row].sheet, some[row].before, seconds=some[row].seconds)
    assert (alone.content["urgency"] or "") == expected["urgency"].iloc[row]


def _work(frame: pd.DataFrame, first: int) -> pd.DataFrame:
    return assess_frame(KEY, frame)


@pytest.mark.parametrize("parts", [1, 5])
def test_04_dask_gives_the_same_bits(pool: Any, parts: int, tmp_path: Path) -> None:
    frame, expected, _ = pool
    frame.to_parquet(tmp_path / "in.parquet", row_group_size=-(-len(frame) // parts))
    pieces = parts_of(tmp_path / "in.parquet")
    assert len(pieces) == parts
    join_parquet(score_parts(pieces, _work, tmp_path, "threads"), tmp_path / "out.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "out.parquet"), expected, check_dtype=False)


LEVELS = st.sampled_from([(Level.A, Urgency.TODAY), (Level.B, Urgency.THIS_WEEK), (Level.B, Urgency.CHECK)])


def with_rule(level: Level, urgency: Urgency) -> ScoringKey:
    """The key with one more rule, which always fires."""
    always = Condition("count", parts=(Condition("quality", item="fast"),), at_least=0)
    extra = Rule("extra", level, "mood", urgency, always, "extra", "tests", "tests", (0.0, 1.0))
    return replace(KEY, rules=(*KEY.rules, extra))


@MANY
@given(ANSWERS, BEFORE, LEVELS)
def test_05_one_more_rule_never_lowers_and_the_end_is_never_below_a_rule(
    given_: dict[str, Any], before: Any, kind: tuple[Level, Urgency]
) -> None:
    plain = said(given_, before)
    more = assess(with_rule(*kind), sheet_of(BANK, given_), before)
    end = Urgency(more.content["urgency"]).rank
    assert end <= kind[1].rank
    assert end <= (plain.urgency.rank if plain.urgency else len(Urgency))
    assert end <= min(Urgency(f["urgency"]).rank for f in more.content["flags"] if f["active"])


@MANY
@given(ANSWERS, BEFORE)
def test_06_i_want_to_talk_is_always_heard_today(given_: dict[str, Any], before: Any) -> None:
    assessment = said({**given_, "wish_talk": "today"}, before)
    assert "wish-today" in assessment.fired
    assert assessment.urgency is Urgency.TODAY
    assert assessment.content["quality"]["first_step"] == "see_today"


@MANY
@given(ANSWERS, st.sampled_from(SINGLE + MULTI), st.text(max_size=40))
@example({}, "hungry", "none")
def test_07_an_unknown_code_or_any_text_never_crashes_and_never_counts_as_best(
    given_: dict[str, Any], name: str, unknown: str
) -> None:
    written = said({**given_, "free_text": unknown}) if "free_text" in BANK.bank.items else said(given_)
    assert points(written) == points(said({k: v for k, v in given_.items() if k != "free_text"}))
    for start, end, _ in written.content["texts"].get("free_text", []):
        assert 0 <= start < end <= len(unknown)
    item = KEY.items[name]
    if unknown in {*item.levels, *BANK.bank.items[name].options, "dont_know", "declined", ""}:
        return
    if item.is_multi or name in BANK.bank.shown_items(given_):
        with pytest.raises(AnswerMistake, match=name):
            sheet_of(BANK, on_the_way({**given_, name: unknown}))


@settings(MANY, max_examples=50)  # ten children each
@given(
    some=st.lists(rows(NAME), min_size=10, max_size=10),
    sex=st.sampled_from("fm"),
    language=st.sampled_from(["ja", "vi"]),
    school=st.text(max_size=5),
)
def test_08_who_a_child_is_changes_nothing(some: list[Row], sex: str, language: str, school: str) -> None:
    frame = frame_of(KEY, [r.sheet for r in some], [r.before for r in some], [r.seconds for r in some])
    known = frame.assign(sex=sex, language=language, school=school, grade=2)
    pd.testing.assert_frame_equal(assess_frame(KEY, known), assess_frame(KEY, frame), check_exact=True)


@MANY
@given(ANSWERS)
def test_09_every_way_out_leads_out_and_none_smaller_exists(given_: dict[str, Any]) -> None:
    content = said(given_).content
    for concern in content["concerns"]:
        changeable = [item for item, points, ground in concern["contributions"] if ground == "answer"]
        leads = {item for item in changeable if not _calls(given_, concern["concern"], item)}
        if not concern["urgency"]:
            assert (concern["singles"], concern["pairs"]) == ([], [])
            continue
        assert set(concern["singles"]) == leads
        if leads:
            assert concern["pairs"] == []
            continue
        both = {
            frozenset((one, two))
            for one in changeable
            for two in changeable
            if one < two and not _calls(given_, concern["concern"], one, two)
        }
        assert {frozenset(pair) for pair in concern["pairs"]} == both


def _calls(given_: dict[str, Any], concern: str, *items: str) -> bool:
    """Whether the pattern of a concern still calls somebody when these items had their best answer."""
    scores = concern_scores(KEY, sheet_of(BANK, {**given_, **{item: best_of(item) for item in items}}))
    return any(score.band and score.band.urgency for score in scores if score.concern == concern)


@MANY
@given(rows(NAME))
def test_10_the_same_answers_and_version_give_the_same_bytes(row: Row) -> None:
    first, again = (assess(KEY, row.sheet, row.before, seconds=row.seconds) for _ in range(2))
    assert first.to_bytes() == again.to_bytes() == Assessment.from_bytes(first.to_bytes()).to_bytes()
    assert (first.content["bank"], first.content["version"]) == (KEY.bank, KEY.version)
    assert first.content["model"] == KEY.model.version


WAITING = st.lists(
    st.builds(Waiting, st.text(min_size=1, max_size=4), st.booleans(), st.integers(0, 9)),
    max_size=15,
    unique_by=lambda one: one.key,
)


@MANY
@given(WAITING, st.integers(0, 20), st.integers(0, 20))
def test_11_a_smaller_capacity_lists_a_part_of_a_larger_one(those: list[Waiting], one: int, two: int) -> None:
    small, large = sorted((one, two))
    assert listed(those, small) <= listed(those, large)
    assert {each.key for each in those if each.by_rule} <= listed(those, small)
    assert len(listed(those, large)) >= min(large, len(those))


@MANY
@given(row=rows(NAME), pace=st.floats(0, 5))
def test_12_careless_answers_never_remove_a_hard_hit(row: Row, pace: float) -> None:
    slow = assess(KEY, row.sheet, row.before)
    quick = assess(KEY, row.sheet, row.before, seconds=dict.fromkeys(row.sheet.chosen, pace))
    hard = {flag["rule"] for flag in slow.content["flags"] if flag["level"] == "A"}
    assert hard <= set(quick.fired)
    if hard:
        assert quick.urgency is Urgency.TODAY
        assert quick.content["quality"]["first_step"] in ("see_today", "ask_again")
