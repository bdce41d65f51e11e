"""The invented city is made by running the product: its roster is imported, its waves are opened, its pupils
answer over HTTP, its counselors work, its tables are released. Nothing is written behind the product's back."""

import asyncio
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
from numpy.typing import NDArray

from scoring.lab import simulator
from survey_api.access import actions as access_actions
from survey_api.journeys import (
    close_wave,
    enrol_students,
    open_wave,
    print_tickets,
    publish_bank,
    release_wave,
)
from survey_api.kit.actor import Actor
from survey_api.kit.clock import SCHOOL_ZONE, SetClock
from survey_api.practice.city import invent_city
from survey_api.practice.roster_zip import write_roster_zip
from survey_api.practice.work_cases import work_some_cases
from survey_api.runtime import Runtime
from survey_api.services.banks import queries as banks_queries
from survey_api.services.students import queries as students_queries
from survey_api.services.waves import queries as waves_queries
from survey_api.services.waves.rules import WavePlan
from survey_api.settings import Settings
from survey_api.vocabulary import Role

BANKS = Path(__file__).resolve().parents[2] / "question_banks"
BANK_NAMES = ("sho-low", "sho-high", "chu", "kou")
TERMINAL = Actor.terminal("practice")
AT_ONCE = 24
ANSWERED = (0.9, 0.9, 0.68)
"""Share of pupils who answer in each wave; the last one is still open."""
NAMES = ("1回目(練習)", "2回目(練習)", "3回目(練習・実施中)")

Progress = Callable[[str, int, int], None]
"""What is being done, how far, of how much."""


@dataclass(frozen=True)
class Loaded:
    """What a newcomer needs to look around."""

    tickets: dict[str, str]
    """bank → ticket address"""
    codes: dict[str, str]
    sign_ins: dict[str, tuple[str, str]]
    """role → (login, password)"""


def load_city(
    runtime: Runtime, progress: Progress, *, seed: int = 1, size: float = 1.0, today: date | None = None
) -> Loaded:
    """Make the whole invented city in an empty house; about a minute and a half on two cores."""
    day = today or datetime.now(SCHOOL_ZONE).date()
    days = (day - timedelta(days=364), day - timedelta(days=182), day - timedelta(days=4))
    city = invent_city(seed, size)
    at = _at(runtime, days[0])
    _prepare(at, write_roster_zip(city, days[0]), progress)
    sign_ins = _staff(at)
    burden: NDArray[np.float64] | None = None
    spare: dict[str, tuple[str, str]] = {}
    for number, opens_on in enumerate(days):
        burden, spare = _one_wave(runtime, number, opens_on, seed, burden, progress)
    return Loaded(
        tickets={bank: url for bank, (url, _) in spare.items()},
        codes={bank: code for bank, (_, code) in spare.items()},
        sign_ins=sign_ins,
    )


def _at(runtime: Runtime, day: date) -> Runtime:
    """The same house on another day, at half past nine."""
    moment = datetime.combine(day, clock_time(9, 30), SCHOOL_ZONE).astimezone(UTC)
    return replace(runtime, clock=SetClock(moment))


def _prepare(at: Runtime, roster: bytes, progress: Progress) -> None:
    progress("名簿を取り込む", 0, 1)
    with at.work(TERMINAL) as work:
        for name in BANK_NAMES:
            publish_bank.publish_bank(work, BANKS / name)
    actor = replace(TERMINAL, grants=frozenset({(str(Role.OFFICE), None)}))
    with at.work(actor) as work, at.vault_work(actor) as vault_work:
        enrol_students.apply(work, vault_work, at.vault, roster)
    progress("名簿を取り込む", 1, 1)


def _staff(at: Runtime) -> dict[str, tuple[str, str]]:
    """One person per role, and a counselor at every school; practice passwords, made anew each time."""
    made: dict[str, tuple[str, str]] = {}
    with at.work(TERMINAL) as work:
        schools = students_queries.schools(work.db)
        main = max(schools, key=lambda school: (school.first_grade == 7, -school.position))
        people: list[tuple[str, str, Role, str | None]] = [
            ("counselor", f"青木(SC・{main.name})", Role.COUNSELOR, main.id),
            ("welfare", "伊藤(こども福祉課)", Role.WELFARE, None),
            ("office", "小野(学校教育課)", Role.OFFICE, None),
            ("operator", "織田(運用)", Role.OPERATOR, None),
        ]
        people += [
            (f"counselor-{school.position + 1}", f"相談員({school.name})", Role.COUNSELOR, school.id)
            for school in schools
            if school.id != main.id
        ]
        for login, name, role, school_id in people:
            password = f"yukino-{secrets.token_hex(5)}"
            staff_id = access_actions.add_staff(work, login, name, password)
            access_actions.grant(work, staff_id, role, school_id)
            made[login] = (login, password)
    return {role: made[role] for role in ("counselor", "welfare", "office", "operator")}


def _one_wave(
    runtime: Runtime,
    number: int,
    opens_on: date,
    seed: int,
    before: NDArray[np.float64] | None,
    progress: Progress,
) -> tuple[NDArray[np.float64], dict[str, tuple[str, str]]]:
    """Open, print, answer, work, close; returns the hidden burdens and one unused ticket per bank."""
    at = _at(runtime, opens_on)
    office = replace(TERMINAL, grants=frozenset({(str(Role.OFFICE), None)}))
    plan = WavePlan(
        f"{opens_on.year}年度 {NAMES[number]}",
        opens_on,
        opens_on + timedelta(days=21),
        frozenset(range(1, 13)),
    )
    with at.work(office) as work:
        wave_id = open_wave.open_wave(work, plan)
    cards = _print_all(at, office, wave_id, f"{number + 1}回目のチケットを作る", progress)
    order = sorted(cards, key=lambda card: card.pseudonym)
    burden = simulator.burdens(len(order), simulator.generator(seed, number), before)
    rng = simulator.generator(seed, number, 99)
    answering = [index for index in range(len(order)) if rng.random() < ANSWERED[number]]
    sheets = [_sheet(at, order[index], burden[index], seed, number, index) for index in answering]
    with serving(runtime.settings, at.clock.now()) as (address, _):
        asyncio.run(_answer_all(address, sheets, f"{number + 1}回目に答える", progress))
    last = number == len(NAMES) - 1
    work_some_cases(_at(runtime, opens_on + timedelta(days=3)), wave_id, share=0.35 if last else 1.0)
    if not last:
        end = _at(runtime, opens_on + timedelta(days=22))
        with end.work(office) as work:
            close_wave.close_wave(work, wave_id)
        with end.work(TERMINAL) as work:
            release_wave.release_wave(work, wave_id)
    unused = [order[index] for index in range(len(order)) if index not in set(answering)]
    return burden, {card.bank: (card.url, card.code) for card in unused}


@dataclass(frozen=True)
class PrintedCard:
    pseudonym: str
    grade: int
    bank: str
    sha256: str
    secret: str
    url: str
    code: str


def _print_all(at: Runtime, office: Actor, wave_id: str, what: str, progress: Progress) -> list[PrintedCard]:
    with at.reading() as db:
        rows = waves_queries.class_rows(db, wave_id)
        banks = {row.sha256: row.bank for row in banks_queries.newest_versions(db)}
    cards: list[PrintedCard] = []
    for done, row in enumerate(rows):
        progress(what, done, len(rows))
        with at.work(office) as work:
            printed = print_tickets.print_tickets(
                work,
                at.vault,
                wave_id=wave_id,
                school_id=row.school_id,
                grade=row.grade,
                class_name=row.class_name,
                address=at.settings.address,
            )
        cards += [
            PrintedCard(
                card.pseudonym,
                row.grade,
                banks[card.bank_sha256],
                card.bank_sha256,
                card.url.split("#")[1],
                card.url,
                card.code,
            )
            for card in printed
        ]
    progress(what, len(rows), len(rows))
    return cards


def _sheet(
    at: Runtime, card: PrintedCard, burden: NDArray[np.float64], seed: int, wave: int, index: int
) -> tuple[str, dict[str, Any]]:
    """A ticket secret and the body this simulated child will send."""
    with at.reading() as db:
        loaded = banks_queries.published(db, card.sha256)
    child = simulator.simulate_child(
        loaded.bank, loaded.content, card.grade, burden, simulator.generator(seed, wave, index, 7)
    )
    body = {"client_id": secrets.token_hex(16), "answers": child.answers, "seconds": child.seconds}
    return card.secret, body


async def _answer_all(
    address: str, sheets: Sequence[tuple[str, dict[str, Any]]], what: str, progress: Progress
) -> None:
    """Every child opens its ticket and sends, a few at a time; an answer that is not kept stops everything."""
    waiting = asyncio.Queue[tuple[str, dict[str, Any]]]()
    for sheet in sheets:
        waiting.put_nowait(sheet)
    done = 0

    async def tablet() -> None:
        nonlocal done
        limits = httpx2.Limits(max_connections=1)
        while not waiting.empty():
            async with httpx2.AsyncClient(base_url=address, limits=limits, timeout=60) as client:
                for _ in range(50):  # a few children per connection, as on a shared tablet
                    if waiting.empty():
                        return
                    secret, body = waiting.get_nowait()
                    client.cookies.clear()
                    opened = await client.post("/t", data={"secret": secret})
                    sent = await client.post("/s/submissions", json=body)
                    if opened.status_code != 303 or sent.status_code != 200:
                        raise RuntimeError(
                            f"not kept: {opened.status_code} {sent.status_code} {sent.text[:200]}"
                        )
                    done += 1
                    if done % 20 == 0:
                        progress(what, done, len(sheets))

    await asyncio.gather(*(tablet() for _ in range(AT_ONCE)))
    progress(what, len(sheets), len(sheets))


@contextmanager
def serving(settings: Settings, moment: datetime) -> "Iterator[tuple[str, subprocess.Popen[bytes]]]":
    """The real service in a process of its own, on a free port, on the given day."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        **settings_environment(settings),
        "KIZUKI_PRACTICE_NOW": moment.isoformat(),
        "KIZUKI_PORT": str(port),
        "KIZUKI_HOST": "127.0.0.1",
    }
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "survey_ui.app:app",
        "--port",
        str(port),
        "--log-level",
        "error",
    ]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)  # noqa: S603 - our own command
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_up(address, process)
        yield address, process
    finally:
        process.terminate()
        process.wait(timeout=30)


def settings_environment(settings: Settings) -> dict[str, str]:
    """The settings that must be the same in the other process."""
    return {
        "KIZUKI_MODE": str(settings.mode),
        "KIZUKI_SURVEY_DATABASE_URL": settings.survey_database_url,
        "KIZUKI_VAULT_DATABASE_URL": settings.vault_database_url,
        "KIZUKI_KEY_FILE": str(settings.key_file),
    }


def wait_until_up(address: str, process: "subprocess.Popen[bytes]", seconds: float = 30) -> None:
    """Wait for /ready; RuntimeError when the process ends or does not come up."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError("the service did not start")
        try:
            if httpx2.get(f"{address}/ready", timeout=1).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.1)
    raise RuntimeError("the service did not answer in time")


def remember(path: Path, loaded: Loaded) -> None:
    """Keep what a newcomer needs beside the practice databases, readable by its owner only."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(
            {"tickets": loaded.tickets, "codes": loaded.codes, "sign_ins": loaded.sign_ins}, file, indent=1
        )
