"""The walker: every route that takes an object, every member of staff, every object of another school.

What belongs to somebody else's school answers exactly as what does not exist, so that nothing can be found out by
trying. A route with a parameter this file does not know fails.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from httpx2 import Response
from sqlmodel import col, select
from starlette.testclient import TestClient

from survey_api.access import actions as access_actions
from survey_api.access.class_code import class_code, class_of
from survey_api.access.tickets import code_fits
from survey_api.journeys.close_wave import close_wave
from survey_api.journeys.finish_submission import finish_submission
from survey_api.journeys.hold_back import place_hold
from survey_api.journeys.print_tickets import print_tickets
from survey_api.journeys.withdraw_answers import withdraw_answers
from survey_api.kit.actor import Actor, ActorKind
from survey_api.kit.ids import new_id
from survey_api.kit.problems import BadInput, Erased, KeyMissing
from survey_api.services.submissions import queries as submissions_queries
from survey_api.services.submissions.queries import ticket_by_code
from survey_api.services.waves.queries import classes_on
from survey_api.tables.cases import Case, Referral
from survey_api.tables.schools import Student
from survey_api.tables.submissions import Draft, Submission
from survey_api.tables.waves import Ticket, Wave
from survey_api.vocabulary import HoldKind, ReferralState, Role, WaveState, WithdrawnBy
from survey_api.web.cookies import _signer
from survey_ui.app import create_app
from survey_ui.shell.forms import csrf_token
from tests.answered import answer
from tests.house import PASSWORD, SETUP, House, Pupil, bank, best_answers, open_house, worst_answers
from tests.survey_ui.counselor.test_change import later_wave

SHARED = {
    "place": "a screen of the pupil's own sheet",
    "band": "a reading level",
    "wave_id": "waves are the same for every school",
    "wave": "waves are the same for every school",
    "sha256": "question banks are the same for every school",
    "indicator": "an indicator of the published tables",
    "agency_id": "the directory is the same for every school",
    "service": "a sign-in service of the city",
    "staff_id": "staff are managed for the whole city, by operators only",
    "request_id": "asked of and decided by operators only",
    "bank": "question banks are the same for every school",
    "kind": "a kind of paper or meeting",
    "filter_id": "one's own saved filters: looked for among these only",
    "wish": "asked for and decided by people of the whole city only",
    "escalation_id": "taken by whoever is on duty for the city",
    "passkey_id": "one's own passkeys: looked for among these only",
}
"""Parameter → why another school's object cannot stand in it."""
MADE_ELSEWHERE = {
    "conference_id": "a meeting about a case",
    "row_id": "a row of a plan",
    "report_id": "a draft report of a case",
    "item_id": "a sheet drawn for a blinded check",
    "sheet_id": "a sheet that came after its wave and waits for a decision",
    "memo_id": "a memo of somebody who noticed something",
    "card_id": "a card with which memos are written",
    "appointment_id": "an hour offered for talking online",
    "reveal_id": "an opened name that waits for its review",
}
"""Objects this house does not make: a made-up number stands for them, beside the real case where there is one."""
FORM = {
    "version": "1", "to": "triage", "result": "met", "words": "話をしました", "outcome": "other_need",
    "reason": "safety", "recipient": "nobody", "consent": "given", "state": "acknowledged",
}  # fmt: skip


@dataclass
class Walk:
    house: House
    client: TestClient
    sessions: dict[str, str]
    foreign: dict[str, str]


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """Everything lies in the north school; those who knock work at the south school, or have no school at all."""
    with open_house(tmp_path_factory.mktemp("walk")) as house:
        answer(house, worried=2)
        foreign = _north(house)
        with house.runtime.work(SETUP) as work:
            south = access_actions.add_staff(work, "minami", "南さん", PASSWORD)
            access_actions.grant(work, south, Role.OFFICE, house.schools["south"])
        with house.client() as client:
            sessions = {}
            for login in ("berg", "minami", "ito", "oda"):
                client.cookies.clear()
                house.sign_in(client, login)
                sessions[login] = client.cookies["kizuki_staff"]
            yield Walk(house, client, sessions, foreign)


def _north(house: House) -> dict[str, str]:
    """One of each kind of thing that belongs to the north school."""
    office = Actor(ActorKind.STAFF, "x", frozenset({("office", house.schools["north"])}))
    north = house.schools["north"]
    with house.runtime.work(office) as work:
        case = work.db.exec(select(Case)).first()
        assert case is not None
        signs = [work.db.get_one(Student, pupil.pseudonym).sign for pupil in house.pupils]
        certificate = withdraw_answers(work, north, signs[5], house.wave_id, WithdrawnBy.CHILD)
        hold = place_hold(
            work, HoldKind.PUPIL, north, sign=signs[4], wave_id="", reason="調査が続いているため"
        )
        referral = Referral(
            id=new_id(), case_id=case.id, school_id=north, state=ReferralState.DRAFT, consent="given",
            recipient="x", mode="refer", reply_by=None, handed_over_at=None, created_at=work.now, copy_number=1, sealed=b"",
        )  # fmt: skip
        work.db.add(referral)
        return {
            "case_id": case.id,
            "referral_id": referral.id,
            "certificate_id": certificate,
            "hold_id": hold,
            "school_id": north,
            "closure_id": "0" * 32,
        }


def routes(house: House) -> list[tuple[str, str, list[str]]]:
    app = create_app(house.runtime.settings)
    found = []
    for path, methods in app.openapi()["paths"].items():
        names = re.findall(r"\{(\w+)\}", path)
        found += [(method.upper(), path, names) for method in methods if names]
    return found


def knock(walk: Walk, login: str, method: str, path: str) -> Response:
    walk.client.cookies.clear()
    token = walk.sessions[login]
    walk.client.cookies.set("kizuki_staff", token)
    if method == "GET":
        return walk.client.get(path)
    return walk.client.post(path, data={**FORM, "csrf": csrf_token(walk.house.runtime.keys, token)})


def test_every_parameter_is_known(walk: Walk) -> None:
    used = {name for _, _, names in routes(walk.house) for name in names}
    assert used - set(SHARED) - set(MADE_ELSEWHERE) == set(walk.foreign), (
        "say in this file what stands for a new parameter"
    )


def test_another_school_s_things_answer_as_if_they_were_not_there(walk: Walk) -> None:
    tried = 0
    for method, path, names in routes(walk.house):
        if not set(names) & set(walk.foreign):
            continue
        real, none = path, path
        for name in names:
            real = real.replace(f"{{{name}}}", walk.foreign.get(name, "0" * 32))
            none = none.replace(f"{{{name}}}", "0" * 32)
        for login in walk.sessions:
            found, missing = knock(walk, login, method, real), knock(walk, login, method, none)
            assert found.status_code in (403, 404, 422), (method, path, login, found.status_code)
            assert found.status_code == missing.status_code, (method, path, login)
            assert _plain(found, real) == _plain(missing, none), (method, path, login)
            tried += 1
    assert tried >= 40


def _plain(answer: Response, path: str) -> str:
    return answer.text.replace(path, "")


def test_an_office_of_one_school_cannot_name_another_in_a_form(walk: Walk) -> None:
    north, wave = walk.house.schools["north"], walk.house.wave_id
    token = walk.sessions["minami"]
    form = {
        "csrf": csrf_token(walk.house.runtime.keys, token),
        "school_id": north,
        "wave_id": wave,
        "sign": "青-100",
    }
    for path, fields in (
        (f"/office/waves/{wave}/tickets", {"grade": "7", "class_name": "1", "sure": "yes"}),
        ("/office/consent", {"wish": "child", "sure": "yes"}),
        ("/office/consent", {"wish": "out"}),
        ("/office/holds", {"kind": "school", "reason": "調査が続いているため"}),
    ):
        walk.client.cookies.clear()
        walk.client.cookies.set("kizuki_staff", token)
        assert walk.client.post(path, data={**form, **fields}).status_code == 404, path


def test_no_role_sees_both_names_and_answers_in_bulk(walk: Walk) -> None:
    """The queue shows signs and reasons, the ticket page shows names; nobody's permissions reach both."""
    from survey_api.access.permissions import ROLES, Permission

    for role, held in ROLES.items():
        assert not {Permission.WORK_CASES, Permission.PRINT_TICKETS} <= held, role
        assert not {Permission.WORK_CASES, Permission.IMPORT_ROSTER} <= held, role
        assert not {Permission.READ_AGGREGATES, Permission.REVEAL_NAME} <= held, role
    walk.client.cookies.clear()
    walk.house.sign_in(walk.client, "aoki")
    queue = walk.client.get("/counselor/").text
    assert not [pupil.name.given for pupil in walk.house.pupils if pupil.name.given in queue]


@pytest.fixture
def two_waves(tmp_path: Path) -> Iterator[tuple[House, Pupil, Pupil, str]]:
    """One pupil with a ticket of each of two open waves, answered badly in the first; and the second wave's id."""
    with open_house(tmp_path) as house:
        first = house.pupils[0]
        second = later_wave(house)
        sheet = {"client_id": "tablet-0001", "answers": worst_answers(bank("chu")), "seconds": {}}
        with house.runtime.work(Actor.student(first.ticket_id)) as work:
            finish_submission(work, first.ticket_id, json.dumps(sheet).encode())
            other = work.db.get_one(Ticket, second.ticket_id).wave_id
        yield house, first, second, other


def rows(house: House, ticket_id: str) -> tuple[int, int, str]:
    """(sheets with answers, drafts, state of the ticket) of one ticket."""
    with house.runtime.reading() as db:
        sent = select(Submission).where(
            Submission.ticket_id == ticket_id, col(Submission.sealed).is_not(None)
        )
        return (
            len(db.exec(sent).all()),
            len(db.exec(select(Draft).where(Draft.ticket_id == ticket_id)).all()),
            db.get_one(Ticket, ticket_id).state,
        )


def test_what_opens_one_wave_opens_nothing_of_another(two_waves: tuple[House, Pupil, Pupil, str]) -> None:
    house, first, second, other = two_waves
    keys, untouched = house.runtime.keys, rows(house, second.ticket_id)
    with house.client() as client:
        client.cookies.set("kizuki_pupil", _signer(keys).sign(first.ticket_id).decode())
        again = {"client_id": "tablet-0002", "answers": best_answers(bank("chu"))}
        assert client.post("/s/submissions", json=again).status_code == 409
        assert rows(house, second.ticket_id) == untouched
        client.cookies.clear()
        house.show_ticket(client, second)
        assert client.get("/s/draft").json()["answers"] == {}, (
            "nothing of the first wave on the second's pages"
        )
    with house.runtime.reading() as db:
        found = ticket_by_code(db, keys, first.ticket.code)
        assert found is not None
        assert found.id == first.ticket_id
        stored = db.exec(select(Ticket.code_hash).where(Ticket.id == first.ticket_id)).one()
        assert not code_fits(keys, other, first.ticket.code, stored), "the same number in the other wave"
        row = db.exec(select(Submission)).one()
        with pytest.raises((Erased, KeyMissing)):
            submissions_queries.sealed_answers(db, keys, Submission(**{**row.model_dump(), "wave_id": other}))
    classes = [(wave, house.schools["north"], first.grade, "1") for wave in (house.wave_id, other)]
    assert [class_of(keys, class_code(keys, one), classes) for one in classes] == classes


def test_deeds_in_one_wave_leave_the_other_alone(two_waves: tuple[House, Pupil, Pupil, str]) -> None:
    house, first, second, other = two_waves
    kept, printed = rows(house, first.ticket_id), second.ticket.qr_mac
    office = Actor(ActorKind.STAFF, "x", frozenset({("office", None)}))
    with house.runtime.work(office) as work:
        sign = work.db.get_one(Student, first.pseudonym).sign
        withdraw_answers(work, house.schools["north"], sign, other, WithdrawnBy.CHILD)
        place_hold(
            work, HoldKind.WAVE, house.schools["north"], sign="", wave_id=other, reason="調査が続いているため"
        )
    assert rows(house, first.ticket_id) == kept, "taken back in the second wave, the first stays"
    with house.runtime.work(office) as work, pytest.raises(BadInput, match="保全"):
        withdraw_answers(work, house.schools["north"], sign, other, WithdrawnBy.CHILD)
    with house.runtime.work(office) as work:
        close_wave(work, house.wave_id)
    with house.runtime.reading() as db:
        assert db.get_one(Ticket, second.ticket_id).qr_mac == printed
        assert db.get_one(Wave, other).state == WaveState.OPEN
        assert {wave for wave, *_ in classes_on(db, date(2026, 11, 24))} == {other}, (
            "a class code ends with its wave"
        )
    with house.runtime.work(office) as work, pytest.raises(BadInput, match="終わった"):
        print_tickets(
            work, house.runtime.vault, wave_id=house.wave_id, school_id=house.schools["north"],
            grade=first.grade, class_name="1", address="",
        )  # fmt: skip
    with house.runtime.work(office) as work:
        withdraw_answers(work, house.schools["north"], sign, house.wave_id, WithdrawnBy.CHILD)
    assert rows(house, first.ticket_id)[0] == 0, "a hold on one wave holds nothing of another"
