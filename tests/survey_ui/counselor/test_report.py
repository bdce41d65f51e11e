"""通告: one tap from any state, no gate before it, both clocks kept, the name only with a trail line."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from survey_api.services.reports.rules import PRINCIPLES
from survey_api.tables.cases import Case
from survey_api.tables.desk import CaseLease
from survey_api.tables.reports import Report
from survey_api.vocabulary import AuditKind, CaseState
from tests.house import SETUP
from tests.survey_ui.counselor.room import Room, open_room

GUIDANCE = "県南雪野児童相談所"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as opened:
        yield opened


def tap(room: Room) -> str:
    answer: Any = room.post("report")
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def tell(room: Room, address: str, **fields: str) -> Any:
    form = {"csrf": room.csrf(), "version": str(room.case().version), **fields}
    return room.client.post(address, data=form)


def test_one_tap_on_a_case_nobody_took_over_makes_the_draft(room: Room) -> None:
    assert room.case().state == CaseState.NEW
    page = room.client.get(tap(room)).text
    for words in (*PRINCIPLES, "189", GUIDANCE, room.pupil.name.full, "いえに かえりたくない"):
        assert words in page, words
    assert room.case().state == CaseState.NEW
    kinds = {entry.kind for entry in room.trail()}
    assert {AuditKind.REPORT_DRAFTED, AuditKind.NAME_REVEALED} <= kinds


def test_a_second_tap_finds_the_same_draft(room: Room) -> None:
    assert tap(room) == tap(room)


@pytest.mark.parametrize("before", ["new", "acknowledged", "closed", "notified", "held by another"])
def test_whatever_the_state_the_call_is_written_down(room: Room, before: str) -> None:
    if before != "new":
        room.post("claim")
    if before == "closed":
        room.post("contact", result="absent")
        with room.house.runtime.work(SETUP) as work:
            work.db.get_one(Case, room.case_id).state = CaseState.CLOSED
    if before == "notified":
        room.post("move", to="notified")
    if before == "held by another":
        with room.house.runtime.work(SETUP) as work:
            until = work.now + timedelta(hours=1)
            work.db.merge(CaseLease(case_id=room.case_id, staff_id=room.house.staff["berg"], until=until))
    address = tap(room)
    room.house.clock.move(timedelta(minutes=7))
    answer = tell(room, address, recipient=room.agency(GUIDANCE), advice="帰さずに待つ")
    assert answer.status_code == 303, answer.text
    assert room.case().state == CaseState.NOTIFIED
    with room.house.runtime.reading() as db:
        kept = db.exec(select(Report)).one()
    assert kept.reported_at is not None
    assert kept.reported_at - kept.suspected_at == timedelta(minutes=7)
    assert "帰さずに待つ" in room.client.get(room.here).text
    assert tell(room, address, recipient=room.agency(GUIDANCE)).status_code == 409


def test_only_who_was_told_is_asked_for(room: Room) -> None:
    address = tap(room)
    assert tell(room, address).status_code == 422
    assert tell(room, address, recipient="press").status_code == 422
    assert room.case().state == CaseState.NEW


def test_neither_database_row_nor_trail_holds_what_was_said(room: Room, tmp_path: Path) -> None:
    tell(room, tap(room), recipient=room.agency(GUIDANCE), advice="帰さずに待つ")
    content = b"".join(path.read_bytes() for path in tmp_path.glob("survey.db*"))
    for words in ("帰さずに待つ", room.pupil.name.given, "いえに かえりたくない"):
        assert words.encode() not in content
