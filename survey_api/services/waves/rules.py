"""When a wave may be opened."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from survey_api.vocabulary import GRADE_WORDS

LONGEST = timedelta(days=60)
HELPLINES_FRESH = timedelta(days=180)
"""A wave may not open on telephone numbers that nobody has made sure of for longer than this."""


def helplines_fresh(checked_on: date | None, today: date) -> bool:
    """Whether the numbers children are given were made sure of lately."""
    return checked_on is not None and today - HELPLINES_FRESH <= checked_on <= today


@dataclass(frozen=True)
class WavePlan:
    """What the office asks for. `schools` of None: every school."""

    name: str
    opens_on: date
    closes_on: date
    grades: frozenset[int]
    schools: frozenset[str] | None = None
    draft_languages: frozenset[str] = frozenset()
    """Translations to offer although no native speaker has read them yet."""
    helplines_checked_on: date | None = None
    """When somebody last made sure that the telephone numbers on the children's last page are right."""


def offered_languages(statuses: Mapping[str, Collection[str]], drafts: Collection[str]) -> tuple[str, ...]:
    """The languages a child may choose, in the order of `statuses` (language → the states of its texts).

    A language with a draft in it only where the wave allows that draft.
    """
    return tuple(
        language for language, states in statuses.items() if "draft" not in states or language in drafts
    )


SMALL_CLASS = 5
STEP = 5


def coarse(count: int, tickets: int, *, all_of_them: str = "全員おくりました") -> str:
    """How many of a class, in steps of five until everybody has; nothing for a class below five.

    The order of finishing could name a child, so no exact number ever stands beside a class at work.
    """
    if tickets < SMALL_CLASS:
        return f"{SMALL_CLASS}人未満の学級"
    if count >= tickets:
        return all_of_them
    step = count // STEP * STEP
    return f"{step}人以上" if step else f"{STEP}人未満"


NONE_LEFT = "なし"


class Counted(Protocol):
    """One class as it is counted."""

    @property
    def tickets(self) -> int: ...
    @property
    def opened(self) -> int: ...
    @property
    def sent(self) -> int: ...
    @property
    def unprinted(self) -> int: ...


@dataclass(frozen=True)
class ClassWords:
    """One class in words: how many are asked, have opened, have sent, are left, came later."""

    invited: str
    opened: str
    sent: str
    left: str
    made_up: str


def class_words(row: Counted) -> ClassWords:
    """Steps of five; what is left is the same step seen from the other end, so that two columns tell no more."""
    small = f"{SMALL_CLASS}未満"
    if row.tickets < SMALL_CLASS:
        return ClassWords(small, small, small, small, small)
    lowest = row.sent // STEP * STEP
    most_left, least_left = row.tickets - lowest, max(1, row.tickets - lowest - STEP + 1)
    left = NONE_LEFT if row.sent >= row.tickets else f"{least_left}〜{most_left}人"
    return ClassWords(
        f"{row.tickets}人",
        coarse(row.opened, row.tickets, all_of_them="全員"),
        coarse(row.sent, row.tickets, all_of_them="全員"),
        left,
        NONE_LEFT if not row.unprinted else f"{row.unprinted}枚" if row.unprinted >= SMALL_CLASS else small,
    )


@dataclass(frozen=True)
class Pupil:
    """Where a pupil is according to the roster of today."""

    pseudonym: str
    school_id: str
    grade: int
    active: bool


@dataclass(frozen=True)
class Held:
    """A ticket of an open wave that is not revoked."""

    ticket_id: str
    wave_id: str
    school_id: str
    pseudonym: str
    spent: bool


def tickets_after_roster(
    pupils: Iterable[Pupil], held: Iterable[Held], asked: Mapping[tuple[str, str, int], str]
) -> tuple[list[str], list[tuple[str, str, str, str]]]:
    """What a changed roster means for open waves: (tickets to revoke, (wave, school, pseudonym, bank) to add).

    `asked`: (wave, school, grade) → bank. Who left, or moved before sending, loses the ticket; who is asked and has
    none gets one. What was sent stays sent: nobody is asked twice in a wave.
    """
    now = {pupil.pseudonym: pupil for pupil in pupils}
    revoked, has = [], set()
    for ticket in held:
        pupil = now.get(ticket.pseudonym)
        stays = pupil is not None and pupil.active and pupil.school_id == ticket.school_id
        if stays or ticket.spent:
            has.add((ticket.wave_id, ticket.pseudonym))
        else:
            revoked.append(ticket.ticket_id)
    added = [
        (wave, school, pupil.pseudonym, bank)
        for (wave, school, grade), bank in asked.items()
        for pupil in now.values()
        if pupil.active
        and (pupil.school_id, pupil.grade) == (school, grade)
        and (wave, pupil.pseudonym) not in has
    ]
    return revoked, added


def problems_of(
    plan: WavePlan,
    today: date,
    *,
    taken: Iterable[tuple[str, str, int]],
    invited: Iterable[tuple[str, int]],
    asked: Iterable[int],
) -> list[str]:
    """Why this wave may not be opened, all at once.

    `taken`: (wave name, school, grade) already being asked; `invited`: (school, grade) that have pupils;
    `asked`: grades for which a bank is published.
    """
    places, grades_asked = set(invited), set(asked)
    with_pupils = {grade for _, grade in places}
    found = _problems_of_form(plan, today)
    if not helplines_fresh(plan.helplines_checked_on, today):
        found.append(
            "子どもに見せる相談電話の番号が、この180日のあいだ確かめられていません。公式の案内で確かめて、印を付けてください。"
        )
    for grade in sorted(plan.grades):
        if grade not in with_pupils:
            found.append(
                f"{GRADE_WORDS[grade]}の児童生徒が名簿にいません。学年を外すか、名簿を先に取り込んでください。"
            )
        if grade not in grades_asked:
            found.append(
                f"{GRADE_WORDS[grade]}の質問集が公開されていません。市の運用担当者に頼んでください。"
            )
    clashes = sorted({name for name, school, grade in taken if (school, grade) in places})
    found += [
        f"同じ学校の同じ学年が「{name}」でもう始まっています。そちらを終えてから始めてください。"
        for name in clashes
    ]
    return found


def _problems_of_form(plan: WavePlan, today: date) -> list[str]:
    found = []
    if not plan.name.strip():
        found.append("調査回の名前を入れてください。")
    if not plan.grades:
        found.append("学年を1つ以上選んでください。")
    if plan.opens_on < today:
        found.append("始まりの日は、今日かそれより後にしてください。")
    if plan.closes_on < plan.opens_on:
        found.append("終わりの日は、始まりの日より後にしてください。")
    elif plan.closes_on - plan.opens_on > LONGEST:
        found.append(f"期間は{LONGEST.days}日までにしてください。")
    return found
