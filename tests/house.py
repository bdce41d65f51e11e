"""A small real house for tests: both databases migrated, one set clock, two schools, one person per role,
the published banks, an open wave, and tickets whose secrets the test knows. Nothing in it is a stand-in."""

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from httpx2 import Response
from starlette.testclient import TestClient

from survey_api.access import actions as access_actions
from survey_api.access import sealing
from survey_api.access.tickets import NewTicket, new_ticket
from survey_api.cli.migrate import upgrade_both
from survey_api.kit.actor import Actor
from survey_api.kit.clock import SetClock
from survey_api.kit.ids import new_id
from survey_api.kit.work import Work
from survey_api.kit.writer import GroupWriter
from survey_api.practice.places import keep_places
from survey_api.runtime import Runtime, open_runtime
from survey_api.services.banks.library import LoadedBank, canonical, load_bank
from survey_api.settings import Settings
from survey_api.tables.instruments import BankVersion
from survey_api.tables.schools import School, Student
from survey_api.tables.waves import Ticket, Wave, WaveClass
from survey_api.vault.cipher import PersonName
from survey_api.vault.door import Enrolment, enrol
from survey_api.vocabulary import Role, TicketState, WaveState

BANKS = Path(__file__).resolve().parents[1] / "question_banks"
MORNING = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)  # a Tuesday, 9:30 at school
PASSWORD = "correct horse battery staple"
SETUP = Actor.terminal("test setup")


@cache
def bank(name: str) -> LoadedBank:
    return load_bank(BANKS / name)


@dataclass
class Pupil:
    pseudonym: str
    ticket_id: str
    ticket: NewTicket
    grade: int
    name: PersonName


@dataclass
class House:
    """What a test may reach for."""

    runtime: Runtime
    clock: SetClock
    schools: dict[str, str]
    pupils: list[Pupil]
    wave_id: str
    staff: dict[str, str]

    def client(self) -> TestClient:
        """A browser at the whole app, pages and JSON."""
        from survey_ui.app import create_app

        @contextmanager
        def same_runtime(_settings: Settings) -> Iterator[Runtime]:
            yield self.runtime

        return TestClient(create_app(self.runtime.settings, open_with=same_runtime), follow_redirects=False)

    def sign_in(self, client: TestClient, login: str) -> None:
        answer = client.post("/signin", data={"login": login, "password": PASSWORD})
        assert answer.status_code == 303, answer.text

    def show_ticket(self, client: TestClient, pupil: Pupil) -> None:
        answer = client.post("/t", data={"secret": pupil.ticket.secret})
        assert (answer.status_code, answer.headers["location"]) == (303, "/s/reading"), answer.text

    @staticmethod
    def refused(client: TestClient, **shown: str) -> Response:
        """The page that says why what was shown (secret or code) lets nobody in."""
        answer = client.post("/t", data=shown)
        assert (answer.status_code, answer.headers["location"]) == (303, "/s/ticket"), answer.text
        return client.get("/s/ticket")


@contextmanager
def open_house(
    folder: Path,
    *,
    banks: tuple[str, ...] = ("chu",),
    pupils: int = 6,
    urls: tuple[str, str] | None = None,
    after: Callable[[House], None] | None = None,
) -> Iterator[House]:
    """A fresh house under `folder`, in which `after` has happened; `urls` puts the databases on PostgreSQL instead.

    On SQLite the house is built once per shape and copied: the same rows, the same secrets, its own files.
    """
    if urls is None:
        built = _built_once(banks, pupils, after)
        shutil.copytree(built.folder, folder, copy_function=shutil.copy, dirs_exist_ok=True)
        with _opened(_settings(folder)) as (runtime, clock):
            yield House(
                runtime, clock, dict(built.schools), list(built.pupils), built.wave_id, dict(built.staff)
            )
        return
    settings = _settings(folder, *urls)
    upgrade_both(settings)
    with _opened(settings) as (runtime, clock):
        house = _furnish(runtime, clock, banks, pupils)
        if after is not None:
            after(house)
        yield house


@contextmanager
def opened_again(house: House) -> Iterator[House]:
    """The same house after its service was stopped."""
    with _opened(house.runtime.settings) as (runtime, clock):
        yield replace(house, runtime=runtime, clock=clock)


@dataclass
class _Built:
    folder: Path
    schools: dict[str, str]
    pupils: list[Pupil]
    wave_id: str
    staff: dict[str, str]


@cache
def _built_once(banks: tuple[str, ...], pupils: int, after: Callable[[House], None] | None = None) -> _Built:
    folder = Path(tempfile.mkdtemp(prefix="kizuki-house-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    settings = _settings(folder)
    upgrade_both(settings)
    with _opened(settings) as (runtime, clock):
        house = _furnish(runtime, clock, banks, pupils)
        if after is not None:
            after(house)
        for store in (runtime.survey, runtime.vault_store):
            with store.write.connect() as connection:
                connection.rollback()
                connection.connection.dbapi_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    return _Built(folder, house.schools, house.pupils, house.wave_id, house.staff)


def _settings(folder: Path, survey: str = "", vault: str = "") -> Settings:
    return Settings(
        survey_database_url=survey or f"sqlite:///{folder}/survey.db",
        vault_database_url=vault or f"sqlite:///{folder}/vault.db",
        key_file=folder / "keys.json",
        checkpoint_folder=folder / "checkpoints",
        backup_folder=folder / "backups",
        _env_file=None,
    )


@contextmanager
def _opened(settings: Settings) -> Iterator[tuple[Runtime, SetClock]]:
    clock = SetClock(MORNING)
    with open_runtime(settings) as opened:
        writer = GroupWriter(opened.survey, opened.keys, clock)
        writer.start()
        try:
            yield replace(opened, clock=clock, writer=writer), clock
        finally:
            writer.stop()


def _furnish(runtime: Runtime, clock: SetClock, banks: tuple[str, ...], pupils: int) -> House:
    with runtime.work(SETUP) as work:
        schools = _schools(work)
        staff = _staff(work, schools)
        keep_places(work)
    wave_id, made = _wave(runtime, schools["north"], banks, pupils)
    return House(runtime, clock, schools, made, wave_id, staff)


def _schools(work: Work) -> dict[str, str]:
    ids = {}
    for position, (key, name) in enumerate([("north", "北の中学校"), ("south", "南の中学校")]):
        ids[key] = new_id()
        work.db.add(
            School(
                id=ids[key],
                code=f"C10520000000{position}",
                name=name,
                first_grade=1,
                last_grade=12,
                position=position,
                wrapped_key=sealing.new_wrapped_key(work.keys, ids[key]),
            )
        )
    work.db.flush()
    return ids


def _staff(work: Work, schools: dict[str, str]) -> dict[str, str]:
    people: list[tuple[str, Role, str | None]] = [
        ("aoki", Role.COUNSELOR, schools["north"]),
        ("berg", Role.COUNSELOR, schools["south"]),
        ("ito", Role.WELFARE, None),
        ("kato", Role.WELFARE, None),
        ("ono", Role.OFFICE, None),
        ("oda", Role.OPERATOR, None),
        ("sato", Role.HEAD, schools["north"]),
        ("mori", Role.DUTY, None),
    ]
    ids = {}
    for login, role, school in people:
        ids[login] = access_actions.add_staff(work, login, f"{login}さん", PASSWORD)
        access_actions.grant(work, ids[login], role, school)
    return ids


def _wave(runtime: Runtime, school_id: str, banks: tuple[str, ...], count: int) -> tuple[str, list[Pupil]]:
    wave_id = new_id()
    people: list[tuple[int, str, PersonName]] = []
    for name in banks:
        grade = bank(name).bank.grades[0]
        people += [
            (
                grade,
                bank(name).sha256,
                PersonName("架空", f"花子{grade}の{i}", "カクウ", "ハナコ", str(i + 1)),
            )
            for i in range(count)
        ]
    with runtime.vault_work(SETUP) as vault_work:
        known = enrol(
            vault_work,
            [Enrolment(f"{i}", school_id, name) for i, (_, _, name) in enumerate(people)],
        )
    pupils = []
    with runtime.work(SETUP) as work:
        for name in banks:
            _publish(work, bank(name))
        work.db.add(
            Wave(
                id=wave_id,
                name="2026年11月の生活アンケート",
                opens_on=date(2026, 11, 16),
                closes_on=date(2026, 12, 11),
                state=WaveState.OPEN,
            )
        )
        work.db.flush()
        for name in banks:
            work.db.add(
                WaveClass(
                    wave_id=wave_id,
                    school_id=school_id,
                    grade=bank(name).bank.grades[0],
                    bank_sha256=bank(name).sha256,
                    invited=count,
                )
            )
        for index, (grade, sha256, person) in enumerate(people):
            pupils.append(_pupil(work, wave_id, school_id, known[f"{index}"], grade, sha256, person, index))
    return wave_id, pupils


def _publish(work: Work, loaded: LoadedBank) -> None:
    work.db.add(
        BankVersion(
            sha256=loaded.sha256,
            bank=loaded.bank.id,
            version=loaded.bank.version,
            content=canonical(loaded.content).decode(),
            published_at=work.now,
        )
    )
    work.db.flush()


def _pupil(
    work: Work,
    wave_id: str,
    school_id: str,
    pseudonym: str,
    grade: int,
    sha256: str,
    name: PersonName,
    index: int,
) -> Pupil:
    ticket = new_ticket(work.keys, wave_id)
    ticket_id = new_id()
    work.db.add(
        Student(
            pseudonym=pseudonym, school_id=school_id, grade=grade, class_name="1", sign=f"青-{100 + index}"
        )
    )
    work.db.flush()
    work.db.add(
        Ticket(
            id=ticket_id,
            wave_id=wave_id,
            school_id=school_id,
            pseudonym=pseudonym,
            bank_sha256=sha256,
            qr_mac=ticket.qr_mac,
            code_selector=ticket.code_selector,
            code_hash=ticket.code_hash,
            state=TicketState.UNUSED,
        )
    )
    work.db.flush()
    return Pupil(pseudonym, ticket_id, ticket, grade, name)


def best_answers(loaded: LoadedBank) -> dict[str, Any]:
    """The answers of a child who is fine, on its own path."""
    return _walk(loaded, worst=False)


def worst_answers(loaded: LoadedBank) -> dict[str, Any]:
    """The answers of a child who carries everything, on its own path."""
    return _walk(loaded, worst=True)


def _walk(loaded: LoadedBank, *, worst: bool) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for _ in range(len(loaded.bank.screens)):
        for item_id in loaded.bank.shown_items(answers):
            if item_id not in answers:
                answers[item_id] = _choice(loaded, item_id, worst)
    return dict(loaded.bank.on_path(answers))


def _choice(loaded: LoadedBank, item_id: str, worst: bool) -> Any:
    item = loaded.bank.items[item_id]
    if item.kind == "text":
        return "いえに かえりたくない" if worst else ""
    levels = loaded.scoring_key.items[item_id].levels if item_id in loaded.scoring_key.items else {}
    if item.kind == "multi":
        plain = [code for code in item.options if code not in item.exclusive]
        alone = sorted(item.exclusive)
        return sorted(plain) if worst or not alone else alone[:1]
    if levels:
        pick = max if worst else min
        return pick(levels, key=lambda code: levels[code])
    return item.options[0]
