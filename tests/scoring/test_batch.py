"""The batch gives what assess() gives, row by row: earlier waves, seconds and signs of carelessness included."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.assessment import Previous, assess
from scoring.batch import assess_frame, frame_of
from scoring.key import ScoringKey
from scoring.sheet import AnswerMistake, AnswerSheet
from scoring.vocabulary import REFUSALS, Missing
from tests.scoring.real_sheets import KEYS, Row, rows
from tests.scoring.small_bank import LEXICON, content


def by_row(key: ScoringKey, row: Row) -> dict[str, Any]:
    """What assess_frame must say about one row."""
    content = assess(key, row.sheet, row.before, seconds=row.seconds).as_dict()
    fired = {flag["rule"] for flag in content["flags"]}
    found: dict[str, Any] = {"urgency": content["urgency"] or ""}
    for rule in key.rules:
        found[f"rule.{rule.id}"] = -1 if rule.id in content["unevaluable"] else int(rule.id in fired)
    for part in content["subscales"]:
        found[f"value.{part['id']}"] = -1 if part["value"] is None else part["value"]
        found[f"band.{part['id']}"] = part["band"] or ""
        found[f"change.{part['id']}"] = part["change"]
    for concern in content["concerns"]:
        found[f"points.{concern['concern']}"] = concern["points"]
        found[f"pattern.{concern['concern']}"] = concern["band"]
    reasons = list(row.sheet.missing.values())
    found["refused"] = sum(reason in REFUSALS for reason in reasons)
    found["left"], found["not_shown"] = reasons.count(Missing.LEFT), reasons.count(Missing.NOT_SHOWN)
    found["answered"] = len(row.sheet.levels)
    found["signs"] = "|".join(content["quality"]["signs"])
    found["first_step"] = content["quality"]["first_step"] or ""
    found["vanished"] = "|".join(content["vanished"])
    return found


def by_frame(frame: pd.DataFrame) -> list[dict[str, Any]]:
    records = frame.to_dict("records")
    for record in records:
        for name, value in record.items():
            if str(name).startswith("change."):
                record[name] = None if value != value else round(value, 2)
    return [{str(name): value for name, value in record.items()} for record in records]


def frame_from(key: ScoringKey, some: list[Row]) -> pd.DataFrame:
    return frame_of(
        key, [row.sheet for row in some], [row.before for row in some], [row.seconds for row in some]
    )


@pytest.mark.parametrize("name", list(KEYS))
@settings(max_examples=40, deadline=None)  # up to sixteen children each
@given(st.data(), st.booleans())
def test_every_row_equals_the_single_assessment(name: str, data: st.DataObject, categorical: bool) -> None:
    key = KEYS[name]
    some = data.draw(st.lists(rows(name), min_size=1, max_size=16))
    frame = frame_from(key, some)
    if categorical:
        frame = frame.astype(dict.fromkeys(key.items, "category"))
    assert by_frame(assess_frame(key, frame)) == [by_row(key, row) for row in some]


def test_an_unknown_code_names_its_column() -> None:
    key = KEYS["chu"]
    frame = frame_of(key, [AnswerSheet.of({"hungry": "d0"}, key)])
    frame["hungry"] = "purple"
    with pytest.raises(AnswerMistake, match=r"answers\.hungry"):
        assess_frame(key, frame)


def test_a_missing_column_is_named() -> None:
    key = KEYS["chu"]
    frame = frame_of(key, [AnswerSheet.of({}, key)]).drop(columns="hungry")
    with pytest.raises(AnswerMistake, match=r"answers\.hungry"):
        assess_frame(key, frame)


@pytest.mark.parametrize("wrong", [float("inf"), "soon"])
def test_seconds_that_are_no_time_are_refused_by_column(wrong: object) -> None:
    key = KEYS["chu"]
    frame = frame_of(key, [AnswerSheet.of({}, key)]).assign(**{"seconds.hungry": [wrong]})
    with pytest.raises(AnswerMistake, match=r"seconds\.hungry"):
        assess_frame(key, frame)


@pytest.mark.parametrize("name", list(KEYS))
def test_no_rows_give_no_rows(name: str) -> None:
    assert len(assess_frame(KEYS[name], frame_of(KEYS[name], []))) == 0
    assert len(assess_frame(KEYS[name], frame_of(KEYS[name], [], [], []))) == 0


def test_the_small_bank_without_norms_is_batched_too() -> None:
    from scoring.parse import parse

    key = parse(content(), LEXICON, frozenset({"note"}), follow_ups={"hurt": "tasks"})
    sheets = [AnswerSheet.of({"hungry": "daily", "note": "死にたい"}, key)]
    before: Mapping[str, int] = {"needs": 0}
    row = Row(sheets[0], Previous(("two-of-three",), before), {})
    assert by_frame(assess_frame(key, frame_from(key, [row]))) == [by_row(key, row)]
