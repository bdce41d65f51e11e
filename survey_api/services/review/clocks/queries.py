"""The city's rules, the calendar of each school, who is on site, what went to the next role."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from survey_api.access.scope import Scope
from survey_api.kit.clock import SCHOOL_ZONE
from survey_api.kit.problems import NotFound
from survey_api.services.review.clocks.rules import CityRules, Timed, from_json
from survey_api.services.review.school_days import Calendar
from survey_api.tables.cases import Case
from survey_api.tables.desk import CityRules as KeptRules
from survey_api.tables.desk import Escalation, OnSite, QueueVisit, SchoolClosure
from survey_api.tables.memos import NoticeMemo
from survey_api.tables.schools import School, Student
from survey_api.tables.staff import Staff
from survey_api.vocabulary import CaseState, LateCause, Level, MemoState, Urgency

HALVES = ("am", "pm")
NOON = 12


def city_rules(db: Session) -> CityRules:
    """What the city has set; our proposals while it has set nothing."""
    row = db.exec(select(KeptRules).order_by(col(KeptRules.number).desc()).limit(1)).first()
    return from_json(row.content, row.number) if row else CityRules()


def closures(db: Session, scope: Scope) -> Sequence[SchoolClosure]:
    """Days without school in the actor's schools, soonest first."""
    asked = select(SchoolClosure).order_by(col(SchoolClosure.first_on))
    if scope.schools is not None:
        asked = asked.where(col(SchoolClosure.school_id).in_(sorted(scope.schools)))
    return db.exec(asked).all()


def calendars(db: Session, scope: Scope, rules: CityRules) -> dict[str, Calendar]:
    """School → when school is on, for every school in reach."""
    closed: dict[str, list[tuple[date, date]]] = {}
    for row in closures(db, scope):
        closed.setdefault(row.school_id, []).append((row.first_on, row.last_on))
    schools = db.exec(select(School.id)).all()
    there: dict[str, list[int]] = {}
    for one in on_site(db, scope):
        there.setdefault(one.school_id, []).append(one.weekday)
    return {
        school: rules.calendar(tuple(closed.get(school, ())), frozenset(there.get(school, ())))
        for school in schools
        if scope.covers(school)
    }


def calendar_of(db: Session, rules: CityRules, school_id: str) -> Calendar:
    """When one school is on."""
    rows = db.exec(select(SchoolClosure).where(SchoolClosure.school_id == school_id)).all()
    there = db.exec(
        select(OnSite.weekday)
        .join(Staff, col(Staff.id) == col(OnSite.staff_id))
        .where(OnSite.school_id == school_id, col(Staff.active).is_(True))
    ).all()
    return rules.calendar(tuple((row.first_on, row.last_on) for row in rows), frozenset(there))


@dataclass(frozen=True)
class Presence:
    """One half-day of somebody at one school."""

    school_id: str
    weekday: int
    half: str
    staff_id: str
    who: str
    talks_as: str


def on_site(db: Session, scope: Scope) -> list[Presence]:
    """Who is where on which half-day of the week."""
    asked = select(OnSite, Staff.name).join(Staff, col(Staff.id) == col(OnSite.staff_id))
    if scope.schools is not None:
        asked = asked.where(col(OnSite.school_id).in_(sorted(scope.schools)))
    rows = db.exec(asked.where(col(Staff.active).is_(True)).order_by(col(Staff.name))).all()
    return [
        Presence(row.school_id, row.weekday, row.half, row.staff_id, who, row.talks_as) for row, who in rows
    ]


def half_of(moment: datetime) -> tuple[int, str]:
    """(weekday, half) of a moment at school."""
    local = moment.astimezone(SCHOOL_ZONE)
    return local.weekday(), HALVES[local.hour >= NOON]


def timed_cases(db: Session, scope: Scope) -> list[Timed]:
    """Every open case in reach, as the clocks see it."""
    asked = select(Case).where(col(Case.state) != CaseState.CLOSED)
    if scope.schools is not None:
        asked = asked.where(col(Case.school_id).in_(sorted(scope.schools)))
    return [
        Timed(
            row.id,
            row.school_id,
            Urgency(row.urgency),
            CaseState(row.state),
            row.opened_on,
            row.opened_at,
            row.due_on,
            row.signal_on,
        )
        for row in db.exec(asked).all()
    ]


def levels(db: Session, scope: Scope) -> dict[str, Level]:
    """Open case → the role it is waiting for now."""
    asked = select(Case.id, Case.level, Case.school_id).where(col(Case.state) != CaseState.CLOSED)
    return {id_: Level(level) for id_, level, school in db.exec(asked).all() if scope.covers(school)}


def known_keys(db: Session, scope: Scope) -> set[str]:
    """Keys of the hops that were made."""
    return {row.key for row in db.exec(select(Escalation)).all() if _reaches(scope, row)}


def last_visits(db: Session, scope: Scope) -> dict[str, datetime]:
    """School → when somebody last looked at its queue."""
    latest: dict[str, datetime] = {}
    for row in db.exec(select(QueueVisit)).all():
        if scope.covers(row.school_id):
            latest[row.school_id] = max(row.seen_at, latest.get(row.school_id, row.seen_at))
    return latest


@dataclass(frozen=True)
class Hop:
    """One hop as a page shows it: no answer, no reason, no name."""

    id: str
    school_id: str | None
    school: str
    case_id: str | None
    memo_id: str | None
    memo_waits: bool
    """Nobody has acted on that memo yet."""
    sign: str | None
    urgency: Urgency | None
    state: CaseState | None
    now_at: Level | None
    level: Level
    cause: LateCause
    at: datetime
    taken_by: str | None
    taken_at: datetime | None


def hops(db: Session, scope: Scope, *, level: Level | None = None, case_id: str | None = None) -> list[Hop]:
    """Hops in reach, newest first: all, those to one role, or those of one case."""
    asked = (
        select(Escalation, School.name, Case, Student.sign, Staff.name, NoticeMemo.state)  # type: ignore[call-overload]
        .outerjoin(School, col(School.id) == col(Escalation.school_id))
        .outerjoin(NoticeMemo, col(NoticeMemo.id) == col(Escalation.memo_id))
        .outerjoin(Case, col(Case.id) == col(Escalation.case_id))
        .outerjoin(Student, col(Student.pseudonym) == col(Case.pseudonym))
        .outerjoin(Staff, col(Staff.id) == col(Escalation.taken_by))
        .order_by(col(Escalation.at).desc())
    )
    if level is not None:
        asked = asked.where(col(Escalation.level) == level)
    if case_id is not None:
        asked = asked.where(col(Escalation.case_id) == case_id)
    return [_hop(scope, *row) for row in db.exec(asked.limit(500)).all() if _reaches(scope, row[0])]


def _reaches(scope: Scope, row: Escalation) -> bool:
    """What belongs to no school is for those who stand behind all of them."""
    return scope.schools is None if row.school_id is None else scope.covers(row.school_id)


def escalation_by_id(db: Session, scope: Scope, escalation_id: str) -> Escalation:
    """One hop; NotFound outside the actor's schools."""
    row = db.get(Escalation, escalation_id)
    if row is None or not _reaches(scope, row):
        raise NotFound
    return row


def _hop(
    scope: Scope,
    row: Escalation,
    school: str | None,
    case: Case | None,
    sign: str | None,
    taker: str | None,
    memo: str | None,
) -> Hop:
    """A case that only others know of still reaches the duty, without the sign that would name it at the school."""
    known = case is None or scope.knows(
        case.school_id, restricted=case.restricted, by=(case.owner_id, case.reviewer_id)
    )
    return Hop(
        id=row.id,
        school_id=row.school_id,
        school=school or "学校が分からない",
        case_id=row.case_id,
        memo_id=row.memo_id,
        memo_waits=memo == MemoState.RECEIVED,
        sign=sign if known else None,
        urgency=Urgency(case.urgency) if case else None,
        state=CaseState(case.state) if case else None,
        now_at=Level(case.level) if case else None,
        level=Level(row.level),
        cause=LateCause(row.cause),
        at=row.at,
        taken_by=taker,
        taken_at=row.taken_at,
    )
