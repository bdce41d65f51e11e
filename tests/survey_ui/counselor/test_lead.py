"""A name that opens at once is looked at afterwards; who leads sees who has seen a case."""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from survey_api.audit import trail
from survey_api.jobs.clocks import tick
from survey_api.kit.actor import Actor, ActorKind
from survey_api.services.notifications.rules import AUDIENCE
from survey_api.tables.notifications import Notification
from survey_api.vocabulary import AuditKind, NotificationKind, Role, Urgency
from survey_ui.shell.forms import csrf_token
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


def test_the_access_report_says_who_when_and_why_and_nothing_of_the_child(room: Room) -> None:
    why = "保護者から電話があったため、名前を確かめる"
    room.client.get(room.here)
    room.post("name", reason="other", words=why)
    with room.as_("ono") as office:
        form = {"csrf": csrf_of(office), "school_id": room.house.schools["north"]}
        office.client.post(
            f"/office/waves/{room.house.wave_id}/tickets",
            data={**form, "grade": str(room.pupil.grade), "class_name": "1", "sure": "yes"},
        )
    assert room.client.get(f"{room.here}/access").status_code == 403, "not the counselor's own paper"
    with room.as_("sato") as head:
        paper = head.client.get(f"{room.here}/access").text
        assert "ケースを開いた" in paper
        assert "名前を確かめた" in paper
        assert why in paper
        assert "onoさん" in paper
        assert "名前の載った紙" in paper
        assert room.pupil.name.given not in paper
        assert "いえに かえりたくない" not in paper
        assert "print-refused" not in paper, "it is made for paper"
        again = head.client.get(f"{room.here}/access").text
    made = [line for line in room.trail() if line.kind == AuditKind.ACCESS_REPORTED]
    assert [line.subject_id for line in made] == [room.case_id] * 2
    assert "閲覧記録の報告を出した" in again
    assert why not in " ".join(line.facts for line in room.trail()), "the words are sealed elsewhere"


def csrf_of(room: Room) -> str:
    return csrf_token(room.house.runtime.keys, room.client.cookies["kizuki_staff"])


def opened_by_hand(room: Room, cases: int, names: int = 0) -> None:
    counselor = Actor(ActorKind.STAFF, room.house.staff["aoki"], frozenset())
    with room.house.runtime.work(counselor) as work:
        for number in range(cases):
            trail.record(work, AuditKind.CASE_VIEWED, "case", f"case{number}")
        for number in range(names):
            trail.record(
                work, AuditKind.NAME_REVEALED, "student", f"pupil{number}", reason="safety", case_id="case0"
            )


def told_of(room: Room) -> list[str]:
    with room.house.runtime.reading() as db:
        kind = NotificationKind.MANY_OPENED
        return list(db.exec(select(Notification.subject_id).where(Notification.kind == kind)).all())


@pytest.mark.parametrize(("cases", "names", "told"), [(19, 9, 0), (20, 0, 1), (3, 10, 1)])
def test_many_in_one_day_are_told_once_to_who_leads(room: Room, cases: int, names: int, told: int) -> None:
    opened_by_hand(room, cases, names)
    tick(room.house.runtime)
    tick(room.house.runtime)
    assert told_of(room) == [room.house.staff["aoki"]] * told
    lines = [line for line in room.trail() if line.kind == AuditKind.MANY_OPENED]
    assert [json.loads(line.facts) for line in lines] == [{"cases": cases, "names": names}] * told
    assert AUDIENCE[NotificationKind.MANY_OPENED] == (Role.HEAD,)


def test_what_was_opened_yesterday_does_not_count(room: Room) -> None:
    opened_by_hand(room, 15)
    room.house.clock.move(timedelta(days=1))
    opened_by_hand(room, 15)
    tick(room.house.runtime)
    assert told_of(room) == []


def test_the_month_s_report_counts_per_person_for_the_own_school(room: Room) -> None:
    room.client.get(room.here)
    room.client.get(room.here)
    room.post("name", reason="safety")
    opened_by_hand(room, 5)
    with room.as_("sato") as head:
        shown = head.client.get("/counselor/openings").text
        assert re.search(r"aokiさん</th><td>1</td><td>\d+</td><td>1</td><td>0</td>", shown), shown
        assert "aokiさん" not in head.client.get("/counselor/openings?month=2026-10").text
        assert head.client.get("/counselor/openings?month=x").status_code == 200
