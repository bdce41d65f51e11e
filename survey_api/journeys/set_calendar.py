"""The clocks of the city, or the days of a school, are set anew: what nobody has touched yet is due anew.

A case that was looked at keeps the day that people agreed on.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session

from survey_api.access import queries as access_queries
from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.access.scope import Scope
from survey_api.kit.problems import BadInput
from survey_api.kit.work import Work
from survey_api.services.review import queries as review_queries
from survey_api.services.review.clocks import actions, queries
from survey_api.services.review.clocks.queries import Presence
from survey_api.services.review.clocks.rules import CityRules
from survey_api.services.students import queries as students_queries
from survey_api.tables.desk import SchoolClosure
from survey_api.vocabulary import Role, TalksAs

AT_SCHOOL = (Role.COUNSELOR, Role.HEAD)
AHEAD_DAYS = 28


@dataclass(frozen=True)
class Desk:
    """One school's days: who may be there, who is, when school is off, days with school and nobody there."""

    school_id: str
    school: str
    staff: tuple[tuple[str, str, int], ...]
    """(id, name, open cases) of everybody who may work there: no times, no ranking, by name."""
    presence: frozenset[tuple[int, str, str]]
    known_as: Mapping[str, str]
    """Staff id → as whom pupils know that person."""
    empty: frozenset[tuple[int, str]]
    """Half-days of the week without anybody."""
    uncovered: tuple[date, ...]
    """School days of the coming weeks on which nobody is there at all; empty while nobody has said."""
    closures: tuple[SchoolClosure, ...]
    gaps: tuple[tuple[date, str], ...]
    """(school day, half) of the coming weeks without anybody; empty while nobody has said."""


def desks(db: Session, scope: Scope, today: date) -> list[Desk]:
    """The desks of the actor's schools, in the fixed order of schools."""
    rules = queries.city_rules(db)
    calendars, presence = queries.calendars(db, scope, rules), queries.on_site(db, scope)
    closures = queries.closures(db, scope)
    cases = Counter(case.owner_id for case in review_queries.open_cases(db, scope, today) if case.owner_id)
    found = []
    for school in students_queries.schools(db):
        if not scope.covers(school.id):
            continue
        here = [one for one in presence if one.school_id == school.id]
        covered = {one.weekday for one in here}
        ahead = [
            day
            for day in (today + timedelta(days=count) for count in range(AHEAD_DAYS))
            if here and calendars[school.id].is_school_day(day)
        ]
        empty = _empty(here)
        found.append(
            Desk(
                school.id,
                school.name,
                tuple(
                    (staff.id, staff.name, cases[staff.id])
                    for staff in access_queries.staff_at(db, school.id, AT_SCHOOL)
                ),
                frozenset((one.weekday, one.half, one.staff_id) for one in here),
                {one.staff_id: one.talks_as for one in here},
                empty,
                tuple(day for day in ahead if day.weekday() not in covered),
                tuple(row for row in closures if row.school_id == school.id),
                tuple(
                    (day, half) for day in ahead for half in queries.HALVES if (day.weekday(), half) in empty
                ),
            )
        )
    return found


def _empty(here: Sequence[Presence]) -> frozenset[tuple[int, str]]:
    taken = {(one.weekday, one.half) for one in here}
    return frozenset((day, half) for day in range(5) for half in queries.HALVES) - taken


def set_rules(work: Work, rules: CityRules, seen: int) -> None:
    """The city's clocks, from the version that was seen."""
    require(work.actor, Permission.SET_CLOCKS)
    actions.set_rules(work, rules, seen)
    actions.recount(work)


def set_week(
    work: Work,
    school_id: str,
    there: Iterable[tuple[int, str, str]],
    known_as: Mapping[str, str] | None = None,
) -> None:
    """Who is at a school on which half-day, and whom a child asks for when it asks for that person.

    What is due moves to a day when somebody is there.
    """
    _mine(work, school_id)
    wanted = list(there)
    known = {staff.id for staff in access_queries.staff_at(work.db, school_id, AT_SCHOOL)}
    if not {staff_id for _, _, staff_id in wanted} <= known:
        raise BadInput("在校の予定には、その学校の相談員か管理職を選んでください。")
    try:
        named = {staff_id: TalksAs(whom) for staff_id, whom in (known_as or {}).items()}
    except ValueError as unknown:
        raise BadInput("子どもから見た役は、一覧から選んでください。") from unknown
    actions.set_on_site(work, school_id, wanted, named)
    actions.recount(work)


def add_closure(work: Work, school_id: str, first_on: date, last_on: date, words: str) -> None:
    """Days without school: what is due moves behind them."""
    _mine(work, school_id)
    actions.add_closure(work, school_id, first_on, last_on, words)
    actions.recount(work)


def remove_closure(work: Work, school_id: str, closure_id: str) -> None:
    """The days are school days again."""
    _mine(work, school_id)
    actions.remove_closure(work, school_id, closure_id)
    actions.recount(work)


def _mine(work: Work, school_id: str) -> None:
    require(work.actor, Permission.WORK_CASES)
    Scope.of(work.actor, Permission.WORK_CASES).require(school_id)
