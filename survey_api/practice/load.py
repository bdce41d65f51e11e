"""The invented city is made by running the product: its roster is imported, its waves are opened, its pupils
answer over HTTP, its counselors work, its tables are released. Nothing is written behind the product's back."""

import asyncio
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path

from survey_api.access import actions as access_actions
from survey_api.access.permissions import Permission
from survey_api.access.scope import Scope
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
from survey_api.practice.children import Children, children_of
from survey_api.practice.city import invent_city
from survey_api.practice.hours import offer_hours
from survey_api.practice.lock_one import PracticeLock, lock_one_school
from survey_api.practice.places import keep_places
from survey_api.practice.roster_zip import write_roster_zip
from survey_api.practice.tablets import answer_all, serving
from survey_api.practice.work_cases import work_some_cases
from survey_api.runtime import INVENTED_BY, Runtime
from survey_api.services.banks import queries as banks_queries
from survey_api.services.banks.texts_check import LANGUAGES
from survey_api.services.students import queries as students_queries
from survey_api.services.waves import queries as waves_queries
from survey_api.services.waves.rules import WavePlan
from survey_api.vocabulary import Role

BANKS = Path(__file__).resolve().parents[2] / "question_banks"
BANK_NAMES = ("sho-low", "sho-high", "chu", "kou")
TERMINAL = INVENTED_BY
OFFICE = replace(TERMINAL, grants=frozenset({(str(Role.OFFICE), None)}))
WELFARE = replace(TERMINAL, grants=frozenset({(str(Role.WELFARE), None)}))
RELEASE_JOB = Actor.job("release")
SECOND = replace(WELFARE, id="practice, second person")
ANSWERED = (0.92, 0.9, 0.72)
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
    lock: PracticeLock
    """The school that has locked its names, and how it is opened."""


def load_city(
    runtime: Runtime, progress: Progress, *, seed: int = 1, size: float = 1.0, today: date | None = None
) -> Loaded:
    """Make the whole invented city in an empty house; about a minute and a half on two cores."""
    day = today or datetime.now(SCHOOL_ZONE).date()
    days = (day - timedelta(days=364), day - timedelta(days=182), day - timedelta(days=4))
    city = invent_city(seed, size)
    at = _at(runtime, days[0])
    _prepare(at, write_roster_zip(city, days[0]), progress)
    with at.work(OFFICE) as work:
        keep_places(work)
    made = _staff(at)
    known = runtime.vault.known()
    children = children_of(city, lambda key: known[runtime.vault.lookup(key)], BANKS, BANK_NAMES, seed)
    spare: dict[str, PrintedCard] = {}
    for number, opens_on in enumerate(days):
        spare = _one_wave(runtime, number, opens_on, children, progress)
    with _at(runtime, day).work(OFFICE) as work:
        keep_places(work)
    offer_hours(_at(runtime, day))
    return Loaded(
        tickets={bank: card.url for bank, card in spare.items()},
        codes={bank: card.code for bank, card in spare.items()},
        sign_ins={role: made[role] for role in SHOWN},
        lock=_lock(_at(runtime, day), made),
    )


def _lock(at: Runtime, made: dict[str, tuple[str, str]]) -> PracticeLock:
    """The last school, which is not the one of the counselor whose sign-in is shown first."""
    with at.reading() as db:
        school = next(
            each
            for each in reversed(students_queries.schools(db))
            if f"counselor-{each.position + 1}" in made
        )
    counselor, head = (f"{role}-{school.position + 1}" for role in ("counselor", "head"))
    return lock_one_school(at, school.id, school.name, [counselor, head, "office"], made[counselor])


def _at(runtime: Runtime, day: date) -> Runtime:
    """The same house on another day, at half past nine."""
    moment = datetime.combine(day, clock_time(9, 30), SCHOOL_ZONE).astimezone(UTC)
    return replace(runtime, clock=SetClock(moment))


def _prepare(at: Runtime, roster: bytes, progress: Progress) -> None:
    progress("名簿を取り込む", 0, 1)
    with at.work(TERMINAL) as work:
        for name in BANK_NAMES:
            publish_bank.publish_bank(work, BANKS / name, practice=True)
    with at.work(OFFICE) as work, at.vault_work(OFFICE) as vault_work:
        enrol_students.apply(work, vault_work, at.vault, roster)
    progress("名簿を取り込む", 1, 1)


def _staff(at: Runtime) -> dict[str, tuple[str, str]]:
    """One person per role, and a counselor and a 教頭 at every school; practice passwords, made anew each time."""
    made: dict[str, tuple[str, str]] = {}
    with at.work(TERMINAL) as work:
        schools = students_queries.schools(work.db)
        main = max(schools, key=lambda school: (school.first_grade == 7, -school.position))
        people: list[tuple[str, str, Role, str | None]] = [
            ("counselor", f"青木(SC・{main.name})", Role.COUNSELOR, main.id),
            ("welfare", "伊藤(こども福祉課)", Role.WELFARE, None),
            ("welfare-2", "加藤(こども福祉課)", Role.WELFARE, None),
            ("office", "小野(学校教育課)", Role.OFFICE, None),
            ("operator", "織田(運用)", Role.OPERATOR, None),
            ("head", f"佐藤(教頭・{main.name})", Role.HEAD, main.id),
            ("duty", "加藤(学校教育課の当番)", Role.DUTY, None),
        ]
        people += [
            (f"{role}-{school.position + 1}", f"{title}({school.name})", role, school.id)
            for school in schools
            if school.id != main.id
            for role, title in ((Role.COUNSELOR, "相談員"), (Role.HEAD, "教頭"))
        ]
        for login, name, role, school_id in people:
            password = f"yukino-{secrets.token_hex(5)}"
            staff_id = access_actions.add_staff(work, login, name, password)
            access_actions.grant(work, staff_id, role, school_id)
            made[login] = (login, password)
    return made


SHOWN = ("counselor", "welfare", "welfare-2", "office", "operator", "head", "duty")
"""Whose sign-ins a newcomer is shown."""


@dataclass(frozen=True)
class PrintedCard:
    pseudonym: str
    grade: int
    bank: str
    secret: str
    url: str
    code: str


def _one_wave(
    runtime: Runtime, number: int, opens_on: date, children: Children, progress: Progress
) -> dict[str, PrintedCard]:
    """Open, print, answer, work, close, release; returns one unused ticket per bank."""
    at, round_name = _at(runtime, opens_on), f"{number + 1}回目"
    plan = WavePlan(
        f"{opens_on.year}年度 {NAMES[number]}",
        opens_on,
        opens_on + timedelta(days=21),
        frozenset(range(1, 13)),
        draft_languages=frozenset(LANGUAGES) - {"ja"},
        helplines_checked_on=opens_on,  # of an invented city: nobody there calls a number
    )
    with at.work(OFFICE) as work:
        wave_id = open_wave.open_wave(work, plan)
    cards = {
        card.pseudonym: card for card in print_all(at, wave_id, f"{round_name}のチケットを作る", progress)
    }
    bodies = children.next_wave(cards)
    spare = {cards[each].bank: cards[each] for each in sorted(cards, reverse=True)}
    kept_back = {card.pseudonym for card in spare.values()}
    answering = [each for each in children.who_answers(cards, ANSWERED[number]) if each not in kept_back]
    sheets = [(cards[pseudonym].secret, bodies[pseudonym]) for pseudonym in answering]
    with serving(runtime.settings, at.clock.now()) as (address, _):
        asyncio.run(
            answer_all(address, sheets, lambda done: progress(f"{round_name}に答える", done, len(sheets)))
        )
    last = number == len(NAMES) - 1
    work_some_cases(
        _at(runtime, opens_on + timedelta(days=3)), wave_id, share=0.5 if last else 1.0, long_ago=not last
    )
    if not last:
        end = _at(runtime, opens_on + timedelta(days=22))
        with end.work(OFFICE) as work:
            close_wave.close_wave(work, wave_id)
        _release(end, wave_id)
    return {bank: spare[bank] for bank in BANK_NAMES if bank in spare}


def _release(end: Runtime, wave_id: str) -> None:
    """Two people, and the job between them, as in the real house."""
    with end.work(WELFARE) as work:
        release_wave.ask(work, wave_id)
    with end.reading() as db:
        signed = release_wave.build(db, end.keys, RELEASE_JOB, wave_id, lambda _: None)
    with end.work(RELEASE_JOB) as work:
        release_wave.keep(work, wave_id, signed)
    with end.work(SECOND) as work:
        release_wave.approve(work, wave_id)


def print_all(at: Runtime, wave_id: str, what: str, progress: Progress) -> list[PrintedCard]:
    """Tickets for everybody of a wave who has not sent yet, class by class as the office prints them."""
    with at.reading() as db:
        rows = waves_queries.class_rows(db, Scope.of(OFFICE, Permission.PRINT_TICKETS), wave_id)
        banks = {row.sha256: row.bank for row in banks_queries.newest_versions(db)}
        done_with = {
            one.pseudonym for one in waves_queries.held_now(db) if one.wave_id == wave_id and one.spent
        }
    cards: list[PrintedCard] = []
    for done, row in enumerate(rows):
        progress(what, done, len(rows))
        with at.work(OFFICE) as work:
            printed = print_tickets.print_tickets(
                work,
                at.vault,
                wave_id=wave_id,
                school_id=row.school_id,
                grade=row.grade,
                class_name=row.class_name,
                address=at.settings.address,
                names=False,
            )
        cards += [
            PrintedCard(
                card.pseudonym,
                row.grade,
                banks[card.bank_sha256],
                card.url.split("#")[1],
                card.url,
                card.code,
            )
            for card in printed
            if card.pseudonym not in done_with
        ]
    progress(what, len(rows), len(rows))
    return cards


def remember(path: Path, loaded: Loaded) -> None:
    """Keep what a newcomer needs beside the practice databases, readable by its owner only."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(
            {
                "tickets": loaded.tickets,
                "codes": loaded.codes,
                "sign_ins": loaded.sign_ins,
                "lock": vars(loaded.lock),
            },
            file,
            indent=1,
        )
