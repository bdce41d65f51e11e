"""Who is at school when: it moves what is due, shows the days without anybody, and ranks no person."""

import csv
from collections.abc import Iterator
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from sqlmodel import col, update

from survey_api.services.review.clocks.rules import CityRules, due_on
from survey_api.tables.cases import Case
from survey_api.vocabulary import Urgency
from survey_ui.counselor.csv_text import csv_text
from tests.house import SETUP
from tests.survey_ui.counselor.room import Room, open_room

MONDAY, TUESDAY, THURSDAY = 0, 1, 3


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as opened:
        yield opened


def set_week(room: Room, *half_days: tuple[int, str]) -> None:
    there = [f"{day}:{half}:{room.house.staff['aoki']}" for day, half in half_days]
    data = {"csrf": room.csrf(), "there": there}
    school = room.case().school_id
    assert room.client.post(f"/counselor/days/{school}/week", data=data).status_code == 303


@pytest.mark.parametrize(
    ("urgency", "there", "due"),
    [
        (Urgency.THIS_WEEK, set(), date(2026, 11, 27)),
        (Urgency.THIS_WEEK, {THURSDAY}, date(2026, 11, 26)),
        (Urgency.THIS_WEEK, {TUESDAY}, date(2026, 11, 24)),
        (Urgency.THIS_WEEK, {MONDAY}, date(2026, 11, 27)),  # nobody comes before the limit: the limit stays
        (Urgency.TODAY, {THURSDAY}, date(2026, 11, 24)),
    ],
)
def test_what_is_due_falls_on_a_day_when_somebody_is_there(
    urgency: Urgency, there: set[int], due: date
) -> None:
    rules = CityRules()
    calendar = rules.calendar(there=frozenset(there))
    assert due_on(rules, calendar, urgency, date(2026, 11, 24)) == due


def test_a_changed_week_moves_what_nobody_has_touched(room: Room) -> None:
    with room.house.runtime.work(SETUP) as work:
        changed = {"urgency": Urgency.THIS_WEEK, "due_on": date(2026, 11, 27)}
        work.db.exec(update(Case).where(col(Case.id) == room.case_id).values(**changed))
    set_week(room, (THURSDAY, "am"))
    assert room.case().due_on == date(2026, 11, 26)
    assert "11月26日(木)" in room.client.get("/counselor/").text


def test_days_and_half_days_without_anybody_are_words_and_a_file(room: Room) -> None:
    set_week(room, (MONDAY, "am"), (MONDAY, "pm"), (TUESDAY, "am"))
    page = room.client.get("/counselor/days").text
    assert "いない日(4週間に" in page
    assert '<td class="none">いない</td>' in page
    answer = room.client.get("/counselor/days/uncovered.csv")
    rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == ["日付", "学校", "午前・午後", "状態"]
    assert ["2026-11-24", "北の中学校", "午後", "担当者がいない"] in rows
    assert ["2026-11-24", "北の中学校", "午前", "担当者がいない"] not in rows
    assert not any(row[0] == "2026-11-30" for row in rows)
    assert "aoki" not in answer.text


def test_a_cell_is_never_a_formula() -> None:
    assert csv_text([["=1+1", '@a"b']]) == '"\'=1+1","\'@a""b"\r\n'


def test_people_stand_by_name_and_not_by_how_much_they_carry(room: Room) -> None:
    room.post("claim")
    page = room.client.get("/counselor/days").text
    assert page.index("aokiさん") < page.index("satoさん")
    assert "1件" in page
    for word in ("順位", "平均", "分あたり", "最多"):
        assert word not in page
