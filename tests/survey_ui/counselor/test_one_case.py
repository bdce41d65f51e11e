"""One case per pupil and wave gathers what calls for it; who knows of a child stays the same from wave to wave."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from survey_api.access import actions as access_actions
from survey_api.access import queries as access_queries
from survey_api.access.tickets import new_ticket
from survey_api.journeys.close_wave import close_wave
from survey_api.journeys.escalate_cases import escalate_cases
from survey_api.kit.actor import Actor
from survey_api.kit.ids import new_id
from survey_api.services.review import actions as review_actions
from survey_api.tables.cases import Case
from survey_api.tables.desk import CheckItem, Escalation
from survey_api.tables.notifications import Notification
from survey_api.tables.results import Result
from survey_api.tables.waves import Ticket
from survey_api.vocabulary import AuditKind, CaseState, Label, Outcome, Role, TicketState, Urgency
from tests.house import PASSWORD, SETUP, House, Pupil, bank, best_answers, worst_answers
from tests.survey_ui.counselor.room import Room, open_room, send
from tests.survey_ui.counselor.test_change import cases, later_wave
from tests.survey_ui.counselor.test_known_to_few import limit

MISREAD = {"outcome": Outcome.MISTAKEN_ANSWER, "label": Label.NONE}


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as opened:
        opened.post("claim")
        yield opened


def set_case(room: Room, **values: object) -> None:
    with room.house.runtime.work(SETUP) as work:
        case = work.db.get_one(Case, room.case_id)
        for name, value in values.items():
            setattr(case, name, value)
        work.db.add(case)


def another_ticket(house: House, pupil: Pupil) -> Pupil:
    """A second sheet of the same child in the same wave: one that came late from a ticket of before."""
    ticket, ticket_id = new_ticket(house.runtime.keys, "second"), new_id()
    with house.runtime.work(SETUP) as work:
        first = work.db.get_one(Ticket, pupil.ticket_id)
        values = first.model_dump() | {"id": ticket_id, "qr_mac": ticket.qr_mac, "state": TicketState.UNUSED}
        work.db.add(Ticket(**values))
    return replace(pupil, ticket_id=ticket_id, ticket=ticket)


def test_a_signal_on_a_closed_case_opens_it_again_and_its_clocks_run_anew(room: Room) -> None:
    set_case(
        room, state=CaseState.CLOSED, **MISREAD, due_on=date(2026, 11, 20), follow_up_on=date(2027, 2, 24)
    )
    send(room.house, another_ticket(room.house, room.pupil), worst_answers(bank("chu")))
    assert cases(room.house) == [room.case_id]
    case = room.case()
    assert (case.state, case.outcome, case.label) == (CaseState.REOPENED, None, None)
    assert (case.due_on, case.signal_on, case.follow_up_on) == (date(2026, 11, 24), date(2026, 11, 24), None)
    page = room.client.get(room.here).text
    assert "終了のあとに新しい回答が届いたので、再開しました" in page
    assert "新しい回答で再開: 終了 → 再開(前の終了の結果: 心配なし(答えのまちがい)・見立て: 心配なし)" in page
    queue = room.client.get("/counselor/").text
    assert "再開・新しい回答あり" in queue
    assert f'action="{room.here}/claim"' in queue
    moved = [json.loads(line.facts) for line in room.trail() if line.kind == AuditKind.CASE_MOVED]
    assert {"from": "closed", "to": "reopened", "outcome": None, "label": None} in moved
    with room.house.runtime.reading() as db:
        keys = db.exec(select(Notification.event_key).where(Notification.subject_id == room.case_id)).all()
    assert sorted(keys) == [f"case|{room.case_id}", f"case|{room.case_id}|{case.version}"]


def test_nobody_takes_it_over_again_and_it_climbs(room: Room) -> None:
    set_case(room, state=CaseState.CLOSED, **MISREAD)
    send(room.house, another_ticket(room.house, room.pupil), worst_answers(bank("chu")))
    room.house.clock.move(timedelta(minutes=45))
    with room.house.runtime.work(Actor.job("clocks")) as work:
        escalate_cases(work)
    with room.house.runtime.reading() as db:
        assert [hop.case_id for hop in db.exec(select(Escalation)).all()] == [room.case_id]
    with room.as_("aoki") as again:
        again.post("claim")
        assert "新しい回答あり" not in again.client.get("/counselor/").text
    assert room.case().signal_on is None


def test_a_signal_while_two_agree_on_the_end_is_shown_to_both(room: Room) -> None:
    """The reasons of both sheets stand on the page, and whoever was asked to agree to the end is not asked any more."""
    set_case(room, state=CaseState.TRIAGE, urgency=Urgency.CHECK, closing_by="somebody", **MISREAD)
    send(room.house, another_ticket(room.house, room.pupil), worst_answers(bank("chu")))
    case = room.case()
    assert (case.urgency, case.closing_by, case.outcome) == (Urgency.TODAY, None, None)
    page = room.client.get(room.here).text
    assert "前に見たあとで、新しい回答が届きました" in page
    assert page.split("なぜここにあるか")[1].split("</section>")[0].count("消えてしまいたい") >= 2


def test_a_case_that_was_merged_is_read_and_not_worked_on(room: Room) -> None:
    set_case(room, state=CaseState.CLOSED, **MISREAD, merged_into="x" * 32)
    assert "読むことだけができます" in room.client.get(room.here).text
    refused = room.post("move", to="reopened")
    assert refused.status_code == 409
    assert "もう一つの件にまとめました" in refused.text
    send(room.house, another_ticket(room.house, room.pupil), worst_answers(bank("chu")))
    assert len(cases(room.house)) == 2


def by_an_answer(room: Room) -> None:
    send(room.house, later_wave(room.house), worst_answers(bank("chu")))


def by_a_check(room: Room) -> None:
    """Something is found in a drawn sheet of the child; a colleague who is not to know of it cannot read that sheet."""
    pupil = later_wave(room.house)
    send(room.house, pupil, best_answers(bank("chu")))
    with room.house.runtime.reading() as db:
        wave_id = db.get_one(Ticket, pupil.ticket_id).wave_id
        opened = [case.id for case in db.exec(select(Case)).all() if case.wave_id == wave_id]
    with room.house.runtime.work(SETUP) as work:  # as if the rules had seen nothing, what is gone included
        for case_id in opened:
            review_actions.erase(work, work.db.get_one(Case, case_id))
        for result in work.db.exec(select(Result).where(Result.wave_id == wave_id)).all():
            result.urgency = None
            work.db.add(result)
    with room.house.runtime.work(Actor.job("close")) as work:
        close_wave(work, wave_id)
    with room.as_("endo") as other:
        form = {"csrf": other.csrf(), "wave": wave_id, "school": room.house.schools["north"]}
        other.client.post("/counselor/checks", data=form)
        with room.house.runtime.reading() as db:
            item = db.exec(select(CheckItem)).one()
        here = f"/counselor/checks/{item.id}"
        assert item.id not in other.client.get("/counselor/checks").text
        assert other.client.get(here).status_code == 404
        assert other.client.post(f"{here}/label", data={**form, "label": "safety"}).status_code == 404
    with room.as_("aoki") as few:
        form["csrf"] = few.csrf()
        assert item.id in few.client.get("/counselor/checks").text
        assert few.client.post(f"{here}/label", data={**form, "label": "safety"}).status_code == 303
        assert few.client.post(f"{here}/case", data={**form, "urgency": "today"}).status_code == 303


@pytest.mark.parametrize("door", [by_an_answer, by_a_check])
def test_a_new_case_of_a_child_few_know_of_is_known_to_the_same_few(room: Room, door: object) -> None:
    with room.house.runtime.work(SETUP) as work:
        staff_id = access_actions.add_staff(work, "endo", "endoさん", PASSWORD)
        access_actions.grant(work, staff_id, Role.COUNSELOR, room.house.schools["north"])
    limit(room.house, room.case_id)
    set_case(room, state=CaseState.CLOSED, **MISREAD, reviewer_id=room.house.staff["sato"])
    door(room)  # type: ignore[operator]
    (later,) = [one for one in cases(room.house) if one != room.case_id]
    with room.house.runtime.reading() as db:
        case = db.get_one(Case, later)
    few = (room.house.staff["aoki"], room.house.staff["sato"])
    assert (case.restricted, case.owner_id, case.reviewer_id) == (True, *few)
    for login, sees in (("aoki", 200), ("sato", 200), ("endo", 404)):
        with room.as_(login) as one:
            assert one.client.get(f"/counselor/cases/{later}").status_code == sees, login
            assert (later[:8] in one.client.get("/counselor/").text) == (sees == 200), login
    assert "同じ人だけが知っています" in room.client.get(f"/counselor/cases/{later}").text
    with room.house.runtime.work(Actor.job("trail")) as work:
        review_actions.note_opened(work)
    lines = [line.kind for line in room.trail() if line.subject_id == later]
    assert lines.count(AuditKind.CASE_RESTRICTED) == 1


def test_when_none_of_the_few_is_there_any_more_everybody_sees_it(room: Room) -> None:
    limit(room.house, room.case_id)
    with room.house.runtime.work(SETUP) as work:
        for login in ("aoki", "sato"):
            staff = access_queries.staff_by_id(work.db, room.house.staff[login])
            assert staff is not None
            staff.active = False
            work.db.add(staff)
    by_an_answer(room)
    with room.house.runtime.reading() as db:
        later = db.exec(select(Case).where(Case.id != room.case_id)).one()
    assert later.restricted is False
