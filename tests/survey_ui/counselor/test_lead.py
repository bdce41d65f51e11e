"""A name that opens at once is looked at afterwards; who leads sees who has seen a case."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from survey_api.vocabulary import AuditKind, Urgency
from tests.house import SETUP
from tests.survey_ui.counselor.room import Room, open_room


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as opened:
        yield opened


def lower(room: Room, urgency: Urgency) -> None:
    with room.house.runtime.work(SETUP) as work:
        case = room.case()
        case.urgency = urgency
        work.db.merge(case)


def test_the_script_gets_the_name_alone_and_for_how_long(room: Room) -> None:
    data = {"csrf": room.csrf(), "reason": "safety"}
    answer = room.client.post(f"{room.here}/name", data=data, headers={"accept": "application/json"})
    assert answer.json() == {
        "full": room.pupil.name.full,
        "kana": room.pupil.name.kana,
        "viewer": "aokiさん 11月24日(火) 09:30",
        "seconds": 60,
    }
    page = room.client.post(f"{room.here}/name", data=data)
    assert page.headers["refresh"] == f"60;url={room.here}"


def test_most_urgent_opens_at_once_and_somebody_else_looks_at_why(room: Room) -> None:
    assert room.post("name", reason="break_glass").status_code == 200
    kept = [json.loads(entry.facts) for entry in room.trail() if entry.kind == AuditKind.NAME_REVEALED]
    assert kept == [{"case_id": room.case_id, "reason": "break_glass"}]
    assert room.client.get("/counselor/reviews").status_code == 403
    with room.as_("sato") as head:
        page = head.client.get("/counselor/reviews").text
        assert "aokiさん" in page
        assert "11月25日(水)" in page
        assert room.pupil.name.given not in page
        reveal = page.split('action="/counselor/reviews/')[1].split('"')[0]
        data = {"csrf": head.csrf()}
        assert head.client.post(f"/counselor/reviews/{reveal}", data=data).status_code == 303
        assert head.client.post(f"/counselor/reviews/{reveal}", data=data).status_code == 409
        access = head.client.get(f"{room.here}/access").text
        assert "名前を確かめた" in access
        assert "aokiさん" in access
    assert AuditKind.REVEAL_REVIEWED in {entry.kind for entry in room.trail()}


def test_nobody_reviews_the_own_opening(room: Room) -> None:
    with room.as_("sato") as head:
        assert head.post("name", reason="break_glass").status_code == 200
        assert "自分の閲覧は、ほかの人が確認します" in head.client.get("/counselor/reviews").text


def test_what_is_not_most_urgent_needs_a_reason(room: Room) -> None:
    lower(room, Urgency.CHECK)
    answer = room.post("name", reason="break_glass")
    assert answer.status_code == 422
    assert room.pupil.name.given not in answer.text
    assert "すぐに名前を見る" not in room.client.get(room.here).text
    assert room.case().due_on == date(2026, 11, 24)
