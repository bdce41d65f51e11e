"""Things break while a child sends: what was acknowledged is there once, what was not is not claimed."""

import asyncio
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient, Response
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import OperationalError
from sqlmodel import select
from starlette.requests import ClientDisconnect
from starlette.testclient import TestClient

from survey_api.access import sealing
from survey_api.access.tablet_seal import go_mark
from survey_api.kit.writer import GroupWriter
from survey_api.tables.cases import Case
from survey_api.tables.submissions import Submission
from survey_api.vault.door import Vault
from survey_api.web.cookies import _signer
from survey_ui.shell.forms import csrf_token
from tests.browser.live import serve
from tests.house import House, Pupil, bank, best_answers, open_house, opened_again, worst_answers
from tests.postgres import PostgresServer
from tests.power import disk, restarted
from tests.survey_api.journeys.test_sealed_batches import hand_in, sheet, start


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path, pupils=2) as opened:
        yield opened


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:
    with house.client() as opened:
        yield opened


def send(house: House, client: TestClient, pupil: Pupil, answers: dict[str, Any] | None = None) -> Response:
    client.cookies.clear()
    house.show_ticket(client, pupil)
    body = {"client_id": "tablet-0001", "answers": answers or best_answers(bank("chu"))}
    return client.post("/s/submissions", json=body)


def kept(house: House) -> list[Submission]:
    with house.runtime.reading() as db:
        return list(db.exec(select(Submission)).all())


KILLED = """
import json, os, signal, sys
from survey_api.journeys.finish_submission import finish_submission
from survey_api.kit.actor import Actor
from survey_api.runtime import open_runtime
from survey_api.settings import Settings

with open_runtime(Settings(_env_file=None)) as runtime:
    with runtime.work(Actor.student(sys.argv[1])) as work:
        finish_submission(work, sys.argv[1], sys.argv[2].encode())
    os.kill(os.getpid(), signal.SIGKILL)  # the commit is done, the answer has not left
"""


def test_killed_between_commit_and_answer_it_is_there_once(house: House, client: TestClient) -> None:
    pupil, answers = house.pupils[0], worst_answers(bank("chu"))
    told = house.runtime.settings
    env = {
        "KIZUKI_SURVEY_DATABASE_URL": told.survey_database_url,
        "KIZUKI_VAULT_DATABASE_URL": told.vault_database_url,
        "KIZUKI_KEY_FILE": str(told.key_file),
        "KIZUKI_PRACTICE_NOW": house.clock.now().isoformat(),
    }
    body = json.dumps({"client_id": "tablet-0001", "answers": answers})
    done = subprocess.run(
        [sys.executable, "-c", KILLED, pupil.ticket_id, body], env={**os.environ, **env}, check=False
    )
    assert done.returncode == -signal.SIGKILL
    (first,) = kept(house)
    client.cookies.set("kizuki_pupil", _signer(house.runtime.keys).sign(pupil.ticket_id).decode())
    again = client.post("/s/submissions", json={"client_id": "tablet-0001", "answers": answers})
    assert (again.status_code, again.json()["received"]) == (200, True)
    other = client.post(
        "/s/submissions", json={"client_id": "tablet-0001", "answers": best_answers(bank("chu"))}
    )
    assert other.status_code == 409, "the same key with other content is refused"
    assert [row.id for row in kept(house)] == [first.id]
    with house.runtime.reading() as db:
        assert len(db.exec(select(Case)).all()) == 1


def test_every_commit_waits_for_the_disk(house: House) -> None:
    for store in (house.runtime.survey, house.runtime.vault_store):
        with store.write.connect() as connection:
            assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
            assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"


def acknowledged_and_kept(folder: Path, *, synchronous: str) -> Iterator[tuple[set[str], set[str]]]:
    """Children send, and the power goes at many moments: (acknowledged by then, kept when it is back)."""
    home = folder / "house"
    home.mkdir()
    with open_house(home, pupils=2) as made:
        pass
    with disk(home) as watched, opened_again(made) as house:
        event.listen(
            house.runtime.survey.write,
            "checkout",
            lambda raw, *_: raw.execute(f"PRAGMA synchronous={synchronous}"),
        )
        acknowledged = [(watched.moment(), "")]
        with house.client() as client:
            for pupil in house.pupils:
                assert send(house, client, pupil).json()["received"] is True
                acknowledged.append((watched.moment(), pupil.ticket_id))
        end = watched.moment()
    draw = random.Random(7)
    cuts = {moment for moment, _ in acknowledged} | set(draw.sample(range(acknowledged[0][0], end), 12))
    for number, cut in enumerate(sorted(cuts)):
        torn = None if number % 2 else draw
        db = restarted(watched.after(cut, torn), folder / f"after-{number}", "survey.db")
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        kept_by_then = {row[0] for row in db.execute("SELECT ticket_id FROM submissions")}
        db.close()
        yield {ticket for moment, ticket in acknowledged[1:] if moment <= cut}, kept_by_then


def test_after_a_power_cut_everything_acknowledged_is_there(tmp_path: Path) -> None:
    """At any moment, with nothing of what was not synced, or with half of it, torn."""
    found = list(acknowledged_and_kept(tmp_path, synchronous="FULL"))
    assert len(found) > 12
    assert [gone for said, there in found if (gone := said - there)] == []


def test_the_power_cut_would_notice_commits_that_do_not_wait(tmp_path: Path) -> None:
    found = acknowledged_and_kept(tmp_path, synchronous="NORMAL")
    assert any(said - there for said, there in found)


@contextmanager
def full(engine: Engine) -> Iterator[None]:
    """The disk has no page left: every connection of this engine may not grow the file."""

    def no_more(connection: Any) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    event.listen(engine, "begin", no_more)
    try:
        yield
    finally:
        event.remove(engine, "begin", no_more)
        event.listen(engine, "begin", lambda c: c.exec_driver_sql("PRAGMA max_page_count=1073741823"))


def test_a_full_disk_shows_no_success_and_works_again_afterwards(house: House, client: TestClient) -> None:
    house.show_ticket(client, house.pupils[0])
    body = {"client_id": "tablet-0001", "answers": worst_answers(bank("chu"))}
    with full(house.runtime.survey.write):
        refused = client.post("/s/submissions", json=body)
        assert refused.status_code == 503
        assert "received" not in refused.text
        assert kept(house) == []
    assert client.post("/s/submissions", json=body).json()["received"] is True
    assert len(kept(house)) == 1


def test_without_a_trail_no_name_opens_and_answers_still_arrive(house: House, client: TestClient) -> None:
    assert send(house, client, house.pupils[0], worst_answers(bank("chu"))).status_code == 200
    client.cookies.clear()
    house.sign_in(client, "aoki")
    form = {"csrf": csrf_token(house.runtime.keys, client.cookies["kizuki_staff"]), "reason": "safety"}
    with house.runtime.reading() as db:
        case_id = db.exec(select(Case.id)).one()
    with house.runtime.survey.write.begin() as connection:
        connection.execute(
            text("CREATE TRIGGER stuck BEFORE INSERT ON audit_entries BEGIN SELECT RAISE(ABORT, 'full'); END")
        )
    refused = client.post(f"/counselor/cases/{case_id}/name", data=form)
    assert refused.status_code == 503
    assert house.pupils[0].name.given not in refused.text
    assert send(house, client, house.pupils[1]).json()["received"] is True


def test_with_every_connection_taken_it_says_so_calmly(house: House, client: TestClient) -> None:
    house.show_ticket(client, house.pupils[0])
    engine = house.runtime.survey.read
    held = [engine.connect() for _ in range(engine.pool.size())]  # type: ignore[attr-defined]
    try:
        refused = client.get("/s/welcome")
        assert refused.status_code == 503
        assert refused.headers["retry-after"]
    finally:
        for connection in held:
            connection.close()
    assert client.get("/s/welcome").status_code == 200


@contextmanager
def a_slow_writer(house: House) -> Iterator[None]:
    """A writer that has learned that sheets take long: a dozen that wait are too many, as thousands are else."""
    moments = iter(range(0, 100_000, 8))
    writer = GroupWriter(house.runtime.survey, house.runtime.keys, house.clock, monotonic=moments.__next__)
    house.runtime = replace(house.runtime, writer=writer)
    writer.start()
    try:
        yield
    finally:
        writer.stop()


Told = Callable[[Response], None]
"""Hears each answer that says to come again."""


def tablet_of(house: House, address: str, pupil: Pupil) -> AsyncClient:
    cookies = {"kizuki_pupil": _signer(house.runtime.keys).sign(pupil.ticket_id).decode()}
    return AsyncClient(base_url=address, cookies=cookies, verify=False, timeout=300)


async def pressed(ask: Callable[[], Awaitable[Response]], told: Told) -> Response:
    while (answer := await ask()).status_code == 503:
        told(answer)
        await asyncio.sleep(0.2)
    return answer


async def answers_are_there(house: House, address: str, pupil: Pupil) -> None:
    """Every tap has been sent while the child answered, as tablets do."""
    taps = [
        {"item": item, "value": value, "at": 1000.0}
        for item, value in best_answers(bank("chu")).items()
        if value
    ]
    body = {
        "device": "tablet-0001",
        "now": 2000.0,
        "taps": taps,
        "go": go_mark(house.runtime.keys, pupil.ticket_id),
    }
    async with tablet_of(house, address, pupil) as client:
        await client.post("/t", data={"secret": pupil.ticket.secret})
        assert (await client.post("/s/draft", json=body)).json()["received"] is True


async def by_the_tablets_door(house: House, address: str, pupil: Pupil, told: Told) -> bool:
    """As child/send.js presses おくる: the draft is looked at, then the form is sent."""
    async with tablet_of(house, address, pupil) as client:
        draft = await pressed(lambda: client.get("/s/draft"), told)
        form = {"go": draft.json()["mark"]}
        last = await pressed(lambda: client.post("/s/send", data=form), told)
        return last.status_code == 303 and last.headers["location"].startswith("/s/thanks/")


async def by_the_json_door(house: House, address: str, pupil: Pupil, told: Told) -> bool:
    body = {"client_id": f"tablet-{pupil.ticket_id}", "answers": best_answers(bank("chu"))}
    async with tablet_of(house, address, pupil) as client:
        return (await pressed(lambda: client.post("/s/submissions", json=body), told)).json()[
            "received"
        ] is True


@pytest.mark.parametrize("door", [by_the_tablets_door, by_the_json_door])
def test_at_one_bell_who_must_wait_is_told_and_everybody_is_kept(tmp_path: Path, door: Any) -> None:
    """The disk stands still while a school presses: some wait, the others hear at once that they shall come again."""
    refused: list[Response] = []

    async def bell(address: str, pupils: list[Pupil]) -> list[bool]:
        told, at_once = asyncio.Event(), 4.0  # a commit that gives up on the disk takes five seconds

        def hear(answer: Response) -> None:
            refused.append(answer)
            if answer.elapsed.total_seconds() < at_once:
                told.set()

        for pupil in pupils:
            await answers_are_there(house, address, pupil)
        first = await door(house, address, pupils[0], hear)
        with house.runtime.survey.write.connect() as disk_stands_still:
            disk_stands_still.execute(text("SELECT 1"))  # BEGIN IMMEDIATE: nobody else writes
            others = [asyncio.create_task(door(house, address, one, hear)) for one in pupils[1:]]
            await asyncio.wait_for(told.wait(), 120)
        return [first, *await asyncio.gather(*others)]

    with open_house(tmp_path, pupils=30) as house, a_slow_writer(house), serve(house) as address:
        assert asyncio.run(bell(address, house.pupils)) == [True] * 30
        assert sorted(row.ticket_id for row in kept(house)) == sorted(p.ticket_id for p in house.pupils)
    assert refused
    for answer in refused:
        assert int(answer.headers["retry-after"]) > 0
        assert "received" not in answer.text


def test_while_a_school_waits_for_the_disk_every_page_opens(tmp_path: Path) -> None:
    """More presses wait than there are threads: none of them holds a thread, or a connection that reads. Were it so, no
    page would open before the first of them is told to come again."""

    async def bell(address: str, pupils: list[Pupil]) -> list[bool]:
        for pupil in pupils:
            await answers_are_there(house, address, pupil)
        told: list[Response] = []
        with house.runtime.survey.write.connect() as disk_stands_still:
            disk_stands_still.execute(text("SELECT 1"))
            presses = [
                asyncio.create_task(by_the_tablets_door(house, address, one, told.append)) for one in pupils
            ]
            for _ in range(60):  # a service that cannot let them all wait is asked anyway
                if house.runtime.writer._waiting.qsize() >= len(pupils) - 1:
                    break
                await asyncio.sleep(0.05)
            async with tablet_of(house, address, pupils[0]) as client:
                opened = [await client.get(path) for path in ("/", "/s/welcome", "/s/draft")]
            assert told == [], "the pages opened only when presses had given up"
        assert [answer.status_code for answer in opened] == [200] * 3
        return await asyncio.gather(*presses)

    with open_house(tmp_path, pupils=45) as house, serve(house) as address:
        assert asyncio.run(asyncio.wait_for(bell(address, house.pupils), 60)) == [True] * 45
        assert len(kept(house)) == 45


def test_half_a_body_keeps_nothing(
    house: House, client: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line breaks in the middle of a sheet: the service hears half of it and then that nobody is there."""
    house.show_ticket(client, house.pupils[0])
    whole = json.dumps({"client_id": "tablet-0001", "answers": best_answers(bank("chu"))}).encode()
    messages = [
        {"type": "http.request", "body": whole[: len(whole) // 2], "more_body": True},
        {"type": "http.disconnect"},
    ]
    cookie = f"kizuki_pupil={client.cookies['kizuki_pupil']}".encode()
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": "/s/submissions", "raw_path": b"/s/submissions", "query_string": b"", "root_path": "",
        "headers": [(b"host", b"testserver"), (b"cookie", cookie), (b"content-length", str(len(whole)).encode())],
        "client": ("198.51.100.7", 1), "server": ("testserver", 80), "state": {},
    }  # fmt: skip
    left: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def answer(message: dict[str, Any]) -> None:
        left.append(message)

    async def run() -> None:
        with contextlib.suppress(ClientDisconnect):  # nobody is there to be answered
            await client.app(scope, receive, answer)  # type: ignore[arg-type]

    assert client.portal is not None
    client.portal.call(run)
    assert not [one for one in left if one.get("status") == 200]
    assert '"error"' not in capsys.readouterr().out, "no fault of the service, for a tablet that went away"
    assert kept(house) == []
    assert client.post("/s/submissions", content=whole).json()["received"] is True


@pytest.mark.parametrize("year", [1970, 2016, 2036])
def test_a_tablet_of_another_year_is_understood(house: House, client: TestClient, year: int) -> None:
    there = (year - 1970) * 365.25 * 86_400_000.0
    answers = {item: value for item, value in best_answers(bank("chu")).items() if value}
    blob = sheet(start(house, client), answers, finished=True, at=there + 1000)
    assert hand_in(client, blob, now=there + 60_000).json() == {"received": True, "finished": True}
    (row,) = kept(house)
    assert row.day == date(2026, 11, 24)


SECRET = "カナリア破損"


def breaks(*_: Any, **__: Any) -> Any:
    raise RuntimeError(SECRET)


BROKEN = (
    (sealing, "open_for_child", "GET", "", "{}"),
    (sealing, "seal_for_school", "POST", "/note", "words=x"),
    (Vault, "name_of", "POST", "/name", "reason=safety"),
)


@pytest.mark.parametrize(("where", "what", "method", "deed", "fields"), BROKEN)
def test_whatever_breaks_inside_nothing_leaks_and_nothing_is_done(
    house: House,
    client: TestClient,
    monkeypatch: pytest.MonkeyPatch,
    where: Any,
    what: str,
    method: str,
    deed: str,
    fields: str,
) -> None:
    assert send(house, client, house.pupils[0], worst_answers(bank("chu"))).status_code == 200
    client.cookies.clear()
    house.sign_in(client, "aoki")
    csrf = csrf_token(house.runtime.keys, client.cookies["kizuki_staff"])
    with house.runtime.reading() as db:
        case = db.exec(select(Case)).one()

    def rows() -> list[int]:
        with house.runtime.survey.read.connect() as db:
            return [
                db.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
                for table in ("case_events", "audit_entries", "name_reveals")
            ]

    before = rows()
    monkeypatch.setattr(where, what, breaks)
    quiet = TestClient(client.app, raise_server_exceptions=False, follow_redirects=False)
    quiet.cookies = client.cookies
    path = f"/counselor/cases/{case.id}{deed}"
    form = {"csrf": csrf, "version": str(case.version), **dict([fields.split("=")] if "=" in fields else [])}
    answered = quiet.get(path) if method == "GET" else quiet.post(path, data=form)
    assert answered.status_code == 500
    for word in (SECRET, "RuntimeError", "Traceback", house.pupils[0].name.given, ".py"):
        assert word not in answered.text
    assert rows() == before


@pytest.fixture(scope="module")
def on_postgres(tmp_path_factory: pytest.TempPathFactory, postgres_urls: tuple[str, str]) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("pg-faults"), pupils=2, urls=postgres_urls) as opened:
        yield opened


def test_postgresql_restarts_and_the_next_try_is_kept_once(
    on_postgres: House, postgres_server: PostgresServer
) -> None:
    """The server dies without writing anything out, is away, and comes back on the same files: what was
    acknowledged is there, what is sent meanwhile gets a calm refusal and is kept once when it is sent again."""
    house = on_postgres
    postgres_server.checkpoint()
    with house.client() as client:
        with house.runtime.survey.write.connect() as connection:
            assert connection.execute(text("SHOW synchronous_commit")).scalar() == "on"
        assert send(house, client, house.pupils[0]).json()["received"] is True
        client.cookies.clear()
        house.show_ticket(client, house.pupils[1])
        body = {"client_id": "tablet-0002", "answers": best_answers(bank("chu"))}
        postgres_server.crash()
        try:
            statuses = [client.post("/s/submissions", json=body).status_code for _ in range(2)]
        finally:
            postgres_server.start()
        assert statuses == [503, 503]
        for _ in range(8):  # each connection of the pool finds out for itself
            sent = client.post("/s/submissions", json=body)
            if sent.status_code == 200:
                break
            assert sent.status_code == 503
        assert sent.json()["received"] is True
        with contextlib.suppress(OperationalError):
            kept(house)
        assert len(kept(house)) == 2
