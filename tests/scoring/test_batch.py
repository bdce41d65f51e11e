"""The batch gives what assess() gives, row by row, whatever the order of the rows."""

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.assessment import assess
from scoring.batch import assess_frame, frame_of, is_batchable
from scoring.parse import parse
from scoring.sheet import AnswerMistake, AnswerSheet
from tests.scoring.small_bank import LEXICON, content
from tests.scoring.test_laws import ANSWERS

KEY = parse(content(), LEXICON, frozenset({"note"}), follow_ups={"hurt": "tasks"})
NOTES = st.sampled_from(["", "死にたい", "死ぬほど楽しい", "きょうは はれ"])


@st.composite
def sheets(draw: st.DrawFn) -> AnswerSheet:
    answers: dict[str, Any] = {**draw(ANSWERS), "note": draw(NOTES)}
    shown = [*KEY.items, "note"]
    if draw(st.booleans()):
        answers.pop("hurt", None)
        shown.remove("hurt")
    return AnswerSheet.of(answers, KEY, shown=shown)


def by_rows(sheet: AnswerSheet) -> dict[str, Any]:
    content = assess(KEY, sheet).as_dict()
    fired = {flag["rule"] for flag in content["flags"]}
    row: dict[str, Any] = {"urgency": content["urgency"] or ""}
    for rule in KEY.rules:
        if is_batchable(rule):
            row[f"rule.{rule.id}"] = -1 if rule.id in content["unevaluable"] else int(rule.id in fired)
    for part in content["subscales"]:
        row[f"value.{part['id']}"] = -1 if part["value"] is None else part["value"]
        row[f"band.{part['id']}"] = part["band"] or ""
    for concern in content["concerns"]:
        row[f"points.{concern['concern']}"] = concern["points"]
        row[f"pattern.{concern['concern']}"] = concern["band"]
    return row


@settings(max_examples=500, deadline=None)
@given(st.lists(sheets(), min_size=1, max_size=6), st.booleans())
def test_every_row_equals_the_single_assessment(rows: list[AnswerSheet], categorical: bool) -> None:
    frame = frame_of(KEY, rows)
    if categorical:
        frame = frame.astype(dict.fromkeys(KEY.items, "category"))
    assert assess_frame(KEY, frame).to_dict("records") == [by_rows(sheet) for sheet in rows]


@settings(max_examples=500, deadline=None)
@given(st.lists(sheets(), min_size=2, max_size=6), st.randoms())
def test_the_order_of_rows_and_columns_changes_nothing(rows: list[AnswerSheet], random: Any) -> None:
    frame = frame_of(KEY, rows)
    turned = frame.sample(frac=1, random_state=random.randrange(1000))[sorted(frame.columns)]
    pd.testing.assert_frame_equal(assess_frame(KEY, turned).sort_index(), assess_frame(KEY, frame))


def test_an_unknown_code_names_its_column() -> None:
    frame = frame_of(KEY, [AnswerSheet.of({"hungry": "daily"}, KEY)])
    frame["hungry"] = "purple"
    with pytest.raises(AnswerMistake, match=r"answers\.hungry"):
        assess_frame(KEY, frame)


def test_a_missing_column_is_named() -> None:
    frame = frame_of(KEY, [AnswerSheet.of({}, KEY)]).drop(columns="dirty")
    with pytest.raises(AnswerMistake, match=r"answers\.dirty"):
        assess_frame(KEY, frame)


def test_no_rows_give_no_rows() -> None:
    assert len(assess_frame(KEY, frame_of(KEY, []))) == 0
