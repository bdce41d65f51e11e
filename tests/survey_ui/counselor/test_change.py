"""Two waves: a case shows what was said before, and a serious “yes” that is gone is a reason, not a relief."""

import re
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


def later_wave(house: House, day: int = 20, name: str = "次の回") -> Pupil:
    """The first pupil with a ticket of a later wave, opened on this day of November."""
    pupil = house.pupils[0]
    ticket, ticket_id, wave_id = new_ticket(house.runtime.keys, name), new_id(), new_id()
    with house.runtime.work(SETUP) as work:
        student = work.db.exec(select(Student).where(Student.pseudonym == pupil.pseudonym)).one()
        work.db.add(
            Wave(
                id=wave_id,
                name=name,
                opens_on=date(2026, 11, day),
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


def test_the_case_compares_with_the_waves_before_it(tmp_path: Path) -> None:
    """Three waves side by side; what is gone since the last is named with a shape and a word, never as relief."""
    with open_house(tmp_path, pupils=1) as house, house.client() as client:
        send(house, house.pupils[0], best_answers(bank("chu")))
        send(house, later_wave(house, 18, "二回目"), worst_answers(bank("chu")))
        second = cases(house)[0]
        send(house, later_wave(house, 20, "三回目"), best_answers(bank("chu")))
        third = next(case for case in cases(house) if case != second)
        house.sign_in(client, "aoki")
        queue = client.get("/counselor/").text
        assert "前回あり→今回なし(解消とはみなさない): " in queue
        assert "▼前回あり→今回なし" in queue
        gone = client.get("/counselor/?kind=gone").text
        assert gone.count('<a id="c-') == 2  # the most urgent one stays too
        page = client.get(f"/counselor/cases/{third}").text
        assert '前回<span class="sub">二回目</span>' in page
        assert 'その前<span class="sub">2026年11月の生活アンケート</span>' in page
        assert '<span aria-hidden="true">▼</span>前回あり→今回なし' in page
        earlier = client.get(f"/counselor/cases/{second}").text
        assert '<span aria-hidden="true">▲</span>前より重い' in earlier
        assert "その前<" not in earlier


def test_a_first_wave_and_a_domain_have_their_words(tmp_path: Path) -> None:
    with open_house(tmp_path, pupils=1) as house, house.client() as client:
        send(house, house.pupils[0], worst_answers(bank("chu")))
        house.sign_in(client, "aoki")
        page = client.get(f"/counselor/cases/{cases(house)[0]}").text
    assert "はじめての回です" in page
    for domain in ("生活の基本", "家族の世話", "気持ち", "話したい希望"):
        assert re.search(f'scope="rowgroup"[^>]*>{domain}<', page), domain


def cases(house: House) -> list[str]:
    with house.runtime.reading() as db:
        return list(db.exec(select(Case.id).order_by(col(Case.id))).all())
