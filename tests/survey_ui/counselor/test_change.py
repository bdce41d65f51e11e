"""Two waves: a case shows what was said before, and a serious “yes” that is gone is a reason, not a relief."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from sqlmodel import col, select

from survey_api.access.tickets import new_ticket
from survey_api.kit.ids import new_id
from survey_api.tables.cases import Case
from survey_api.tables.schools import Student
from survey_api.tables.waves import Ticket, Wave
from survey_api.vocabulary import TicketState, WaveState
from tests.house import SETUP, House, Pupil, bank, best_answers, open_house, worst_answers
from tests.survey_ui.counselor.room import send


def second_wave(house: House) -> Pupil:
    """The first pupil with a ticket of a later wave."""
    pupil = house.pupils[0]
    ticket, ticket_id, wave_id = new_ticket(house.runtime.keys, "later"), new_id(), new_id()
    with house.runtime.work(SETUP) as work:
        student = work.db.exec(select(Student).where(Student.pseudonym == pupil.pseudonym)).one()
        work.db.add(
            Wave(
                id=wave_id,
                name="次の回",
                opens_on=date(2026, 11, 20),
                closes_on=date(2026, 12, 18),
                state=WaveState.OPEN,
            )
        )
        work.db.flush()
        work.db.add(
            Ticket(
                id=ticket_id,
                wave_id=wave_id,
                school_id=student.school_id,
                pseudonym=pupil.pseudonym,
                bank_sha256=bank("chu").sha256,
                qr_mac=ticket.qr_mac,
                code_selector=ticket.code_selector,
                code_hash=ticket.code_hash,
                state=TicketState.UNUSED,
            )
        )
    return replace(pupil, ticket_id=ticket_id, ticket=ticket)


def test_the_case_compares_with_the_wave_before_it(tmp_path: Path) -> None:
    with open_house(tmp_path, pupils=1) as house, house.client() as client:
        send(house, house.pupils[0], worst_answers(bank("chu")))
        first = cases(house)[0]
        send(house, second_wave(house), best_answers(bank("chu")))
        second = next(case for case in cases(house) if case != first)
        house.sign_in(client, "aoki")
        assert "前回あり→今回なし(解消とはみなさない): " in client.get("/counselor/").text
        page = client.get(f"/counselor/cases/{second}").text
        assert '<th scope="col">前回</th>' in page
        assert "変わった" in page
        older = client.get(f"/counselor/cases/{first}").text
        assert "前回の回答はありません" in older


def cases(house: House) -> list[str]:
    with house.runtime.reading() as db:
        return list(db.exec(select(Case.id).order_by(col(Case.id))).all())
