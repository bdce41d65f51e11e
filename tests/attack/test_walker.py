"""The walker: every route that takes an object, every member of staff, every object of another school.

What belongs to somebody else's school answers exactly as what does not exist, so that nothing can be found out by
trying. A route with a parameter this file does not know fails.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from httpx2 import Response
from sqlmodel import select
from starlette.testclient import TestClient

from survey_api.access import actions as access_actions
from survey_api.journeys.hold_back import place_hold
from survey_api.journeys.withdraw_answers import withdraw_answers
from survey_api.kit.actor import Actor, ActorKind
from survey_api.kit.ids import new_id
from survey_api.tables.cases import Case, Referral
from survey_api.tables.schools import Student
from survey_api.vocabulary import HoldKind, ReferralState, Role, WithdrawnBy
from survey_ui.app import create_app
from survey_ui.shell.forms import csrf_token
from tests.answered import answer
from tests.house import PASSWORD, SETUP, House, open_house

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
        (f"/office/waves/{wave}/tickets", {"grade": "7", "class_name": "1"}),
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
