"""The canary: unmistakable names, answers, notes and tickets go through every flow and turn up nowhere they must not.

Not in a log, an address, a title, an error page, the health and metrics doors, the trail, a checkpoint, nor in
the other database. Every page is fetched by a browser that writes down all it sends and gets.
"""

import io
import json
import logging
import re
import secrets
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from httpx2 import Response
from sqlmodel import select
from starlette.testclient import TestClient

from survey_api.audit import queries as audit_queries
from survey_api.jobs.checkpoint import write_checkpoint
from survey_api.kit.actor import Actor
from survey_api.tables.cases import Case
from survey_api.tables.schools import Student
from survey_api.vault.cipher import PersonName
from survey_api.vault.door import Enrolment, enrol
from survey_ui.shell.forms import csrf_token
from tests.house import House, bank, open_house, worst_answers

MARK = secrets.token_hex(6)
FAMILY, GIVEN, SAID, NOTE, OTHER = (f"カナリア{word}{MARK}" for word in ("姓", "名", "声", "控", "他"))
STAFF = ("aoki", "berg", "ito", "ono", "oda")


@dataclass
class Seen:
    """What went over the wire and into the logs."""

    answers: list[Response] = field(default_factory=list)
    logs: str = ""


@dataclass
class Told:
    """The house after everything was pushed through it, and what was seen meanwhile."""

    house: House
    seen: Seen
    folder: Path
    secrets: list[str]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("canary")
    seen, out = Seen(), io.StringIO()
    logged = logging.StreamHandler(out)  # whatever a library logs by itself
    logging.getLogger().addHandler(logged)
    with redirect_stdout(out), redirect_stderr(out), open_house(folder) as house:
        _rename(house)
        with house.client() as client:
            client.event_hooks["response"].append(seen.answers.append)
            _pupil(house, client)
            _counselor(house, client)
            _office(house, client)
            _wrong_ways(house, client)
            for path in ("/health", "/ready", "/metrics", "/nothing-here"):
                client.get(path)
        write_checkpoint(house.runtime)
        seen.logs = out.getvalue()
        logging.getLogger().removeHandler(logged)
        tickets = [part for pupil in house.pupils for part in (pupil.ticket.secret, pupil.ticket.code)]
        shown = [pupil.ticket.code_shown for pupil in house.pupils]
        yield Told(house, seen, folder, [*tickets, *shown])


def _rename(house: House) -> None:
    with house.runtime.vault_work(Actor.job("test")) as work:
        enrol(work, [Enrolment("0", house.schools["north"], PersonName(FAMILY, GIVEN, FAMILY, GIVEN, "1"))])


def _pupil(house: House, client: TestClient) -> None:
    """Shows the ticket both ways, answers with a free text, sends, sends something else."""
    answers = {
        item: SAID if bank("chu").bank.items[item].kind == "text" else value
        for item, value in worst_answers(bank("chu")).items()
    }
    client.post("/t", data={"code": house.pupils[0].ticket.code_shown})
    client.post("/t", data={"secret": house.pupils[0].ticket.secret})
    for path in ("/s/welcome", "/s/q/1", "/s/review"):
        client.get(path, follow_redirects=True)
    client.post("/s/q/1", data={"a": SAID, "text": SAID})
    for sheet in (
        {"client_id": SAID, "answers": answers},
        {"client_id": "tablet-0001", "answers": {**answers, SAID: SAID}},
        {"client_id": "tablet-0001", "answers": dict.fromkeys(answers, SAID)},
        {"client_id": "tablet-0001", "answers": answers},
    ):
        client.post("/s/submissions", content=json.dumps(sheet))
    client.cookies.clear()


def _counselor(house: House, client: TestClient) -> None:
    """Reads the case, opens the name with a reason in own words, writes a note, makes a sheet."""
    with house.runtime.reading() as db:
        case = db.exec(select(Case)).one()
    csrf = _sign_in(house, client, "aoki")
    here = f"/counselor/cases/{case.id}"
    client.get("/counselor/")
    client.get(here)
    for deed, fields in (
        ("name", {"reason": "other", "words": OTHER + "を確かめるため"}),
        ("note", {"words": NOTE}),
        ("contact", {"result": "met", "words": NOTE}),
        ("sheet", {"blocks": "name", "worry": NOTE, "words": NOTE}),
        ("move", {"to": NOTE}),
    ):
        client.post(f"{here}/{deed}", data={"csrf": csrf, "version": "1", **fields})
    client.get(f"{here}/sheet")
    client.get(here)


def _office(house: House, client: TestClient) -> None:
    """Prints tickets with the name on them, uploads a broken roster with the name in it, records a wish."""
    csrf = _sign_in(house, client, "ono")
    with house.runtime.reading() as db:
        sign = db.get_one(Student, house.pupils[1].pseudonym).sign
    place = {"csrf": csrf, "school_id": house.schools["north"]}
    grade = str(house.pupils[0].grade)
    wave = f"/office/waves/{house.wave_id}"
    client.post(f"{wave}/tickets", data={**place, "grade": grade, "class_name": "1", "sure": "yes"})
    client.post("/office/roster", data=place, files={"file": (f"{FAMILY}.zip", FAMILY.encode())})
    client.post("/office/consent", data={**place, "wish": "child", "sign": FAMILY, "wave_id": house.wave_id})
    reason = {"kind": "pupil", "sign": sign, "reason": OTHER * 2}
    client.post("/office/holds", data={**place, **reason})
    for path in ("/office/", "/office/consent", "/office/waves", wave):
        client.get(path)
    _sign_in(house, client, "oda")
    client.get("/operator/")


def _wrong_ways(house: House, client: TestClient) -> None:
    """Every canary where it does not belong: in forms of doors that must refuse it."""
    client.cookies.clear()
    for word in (SAID, FAMILY, house.pupils[2].ticket.code):
        client.post("/t", data={"code": word, "secret": word})
        client.post("/signin", data={"login": word, "password": word, "next": f"//{MARK}"})
        client.post("/s/submissions", content=word.encode())
        client.post("/nothing-here", data={"word": word})


def _sign_in(house: House, client: TestClient, login: str) -> str:
    client.cookies.clear()
    house.sign_in(client, login)
    return csrf_token(house.runtime.keys, client.cookies["kizuki_staff"])


def words_of(told: Told) -> list[str]:
    return [FAMILY, GIVEN, SAID, NOTE, OTHER, *told.secrets]


def test_the_flows_really_carried_the_canaries(told: Told) -> None:
    """Teeth: the canaries were shown where they may be, so their absence elsewhere means something."""
    shown = "\n".join(answer.text for answer in told.seen.answers)
    assert {word for word in (SAID, FAMILY, GIVEN, NOTE) if word not in shown} == set()
    assert told.seen.logs.count('"event": "request"') > 30


def test_no_log_line_holds_a_canary(told: Told) -> None:
    assert [word for word in words_of(told) if word in told.seen.logs] == []


def test_no_address_holds_a_canary(told: Told) -> None:
    for answer in told.seen.answers:
        there = f"{answer.request.url} {answer.headers.get('location', '')}"
        assert [word for word in words_of(told) if word in there] == [], answer.request.url.path


def test_no_title_and_no_refusal_holds_a_canary(told: Told) -> None:
    for answer in told.seen.answers:
        title = "".join(re.findall(r"<title>(.*?)</title>", answer.text, re.DOTALL))
        assert [word for word in words_of(told) if word in title] == []
        if answer.status_code >= 400 and answer.request.url.path not in ("/signin",):
            found = [word for word in words_of(told) if word in answer.text]
            assert found == [], (answer.status_code, answer.request.url.path)


def test_the_open_doors_tell_nothing(told: Told) -> None:
    for answer in told.seen.answers:
        if answer.request.url.path in ("/health", "/ready", "/metrics"):
            assert [word for word in words_of(told) if word in answer.text] == []


@pytest.mark.parametrize("database", ["survey", "vault"])
def test_neither_database_file_holds_a_canary_in_clear(told: Told, database: str) -> None:
    for file in told.folder.glob(f"{database}.db*"):
        raw = file.read_bytes()
        assert [word for word in words_of(told) if word.encode() in raw] == [], file.name


def test_the_trail_and_its_notes_hold_no_canary(told: Told) -> None:
    with told.house.runtime.reading() as db:
        lines = " ".join(
            f"{line.facts} {line.subject_id} {line.actor_id}" for line in audit_queries.all_entries(db)
        )
    notes = "".join(path.read_text() for path in (told.folder / "checkpoints").iterdir())
    assert [word for word in words_of(told) if word in lines + notes] == []
