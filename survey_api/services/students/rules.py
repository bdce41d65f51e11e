"""Decides what a roster changes: who is new, who moved, who left; it reads no table and changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from survey_api.services.students.roster import Problem, Pupil, Roster

LEAVING_SHARE = 0.2
"""More pupils of one school leaving at once than this is more often a wrong file than a real event."""
LEAVING_COUNT = 5
ROSTER_GRACE = timedelta(days=60)
"""How long after the end of a school year the next roster may take, before the last grade counts as gone."""


def finishes_on(grade: int, last_grade: int, roster_on: date) -> date:
    """31 March of the school year in which a pupil of this grade, on a roster of that day, leaves its school."""
    school_year = roster_on.year - (roster_on.month < 4)
    return date(school_year + 1 + max(0, last_grade - grade), 3, 31)


@dataclass(frozen=True, slots=True)
class KnownPupil:
    """A pupil as the service knows them, without a name.

    `person_key` is whatever both sides agree on (the vault's keyed lookup); `name_mark` an opaque digest of
    names and attendance number, for callers that want to see a corrected name in the preview.
    """

    person_key: str
    school_code: str
    grade: int
    class_name: str
    name_mark: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True)
class RosterChange:
    """One known pupil whose row says something new, and which facts those are."""

    before: KnownPupil
    after: Pupil
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RosterDiff:
    """What applying the roster would do; every known pupil and every roster pupil is in exactly one place."""

    added: tuple[Pupil, ...]
    changed: tuple[RosterChange, ...]
    moved: tuple[RosterChange, ...]
    left: tuple[KnownPupil, ...]
    unchanged: tuple[Pupil, ...]
    problems: tuple[Problem, ...]

    @property
    def changes_nothing(self) -> bool:
        """True when the same roster has been applied before."""
        return not (self.added or self.changed or self.moved or self.left)


def compare(
    existing: Iterable[KnownPupil], roster: Roster, name_mark: Callable[[Pupil], str] | None = None
) -> RosterDiff:
    """Sort every pupil into new, changed, moved (school or class, or came back), left and unchanged.

    A pupil has *left* only when the roster covers their school: a file of one school says nothing about the
    pupils of another.  `name_mark` gives the digest to compare names by; without it names are not compared.
    """
    known = {pupil.person_key: pupil for pupil in existing}
    added: list[Pupil] = []
    changed: list[RosterChange] = []
    moved: list[RosterChange] = []
    unchanged: list[Pupil] = []
    for pupil in roster.pupils:
        before = known.get(pupil.person_key)
        if before is None:
            added.append(pupil)
            continue
        fields = _changed_fields(before, pupil, name_mark)
        if not fields:
            unchanged.append(pupil)
        elif {"school_code", "class_name", "active"} & set(fields):
            moved.append(RosterChange(before, pupil, fields))
        else:
            changed.append(RosterChange(before, pupil, fields))
    present = {pupil.person_key for pupil in roster.pupils}
    covered = {school.code for school in roster.schools}
    left = tuple(
        pupil
        for key, pupil in known.items()
        if pupil.active and key not in present and pupil.school_code in covered
    )
    return RosterDiff(
        tuple(added),
        tuple(changed),
        tuple(moved),
        left,
        tuple(unchanged),
        tuple(_leaving_problems(known.values(), left, roster)),
    )


def _changed_fields(
    before: KnownPupil, after: Pupil, name_mark: Callable[[Pupil], str] | None
) -> tuple[str, ...]:
    fields = [
        name
        for name in ("school_code", "grade", "class_name")
        if getattr(before, name) != getattr(after, name)
    ]
    if name_mark is not None and name_mark(after) != before.name_mark:
        fields.append("name")
    if not before.active:
        fields.append("active")
    return tuple(fields)


def _leaving_problems(
    known: Iterable[KnownPupil], left: tuple[KnownPupil, ...], roster: Roster
) -> Iterable[Problem]:
    """A warning per school that would lose many pupils at once."""
    before = Counter(pupil.school_code for pupil in known if pupil.active)
    leaving = Counter(pupil.school_code for pupil in left)
    names = {school.code: school.name for school in roster.schools}
    for code, count in sorted(leaving.items()):
        if count >= LEAVING_COUNT and count > LEAVING_SHARE * before[code]:
            yield Problem(
                "users.csv",
                None,
                "",
                f"{names[code]}では、在籍{before[code]}人のうち{count}人がこの名簿にいません。"
                "卒業や統合でなければ、書き出しの対象が足りていないか確かめてください。",
                "warning",
            )
