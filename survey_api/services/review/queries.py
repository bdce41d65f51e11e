"""Cases as a counselor may see them: own schools only, no names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlmodel import Session, col, or_, select

from survey_api.access import sealing
from survey_api.access.scope import Scope
from survey_api.kit.clock import SCHOOL_ZONE, school_day
from survey_api.kit.crypto import Keyring
from survey_api.kit.problems import NotFound
from survey_api.services.review.rules import RANK
from survey_api.tables.audit import AuditEntry
from survey_api.tables.cases import Case, CaseEvent
from survey_api.tables.results import Result
from survey_api.tables.schools import School, Student
from survey_api.tables.staff import Staff
from survey_api.vocabulary import AuditKind, CaseState, Level, Urgency


@dataclass(frozen=True)
class CaseView:
    """One case with what stands around it: sign instead of name, class, school, owner."""

    id: str
    version: int
    school_id: str
    wave_id: str
    result_id: str
    pseudonym: str
    urgency: Urgency
    state: CaseState
    opened_on: date
    due_on: date
    first_contact_on: date | None
    follow_up_on: date | None
    outcome: str | None
    label: str | None
    level: Level
    closing_by: str | None
    lowering_by: str | None
    lowering_to: Urgency | None
    restricted: bool
    sign: str
    grade: int
    class_name: str
    school: str
    owner_id: str | None
    owner: str | None
    reviewer_id: str | None
    new_signal: bool
    """Something new came after somebody had looked; nobody has looked since."""
    merged: bool
    """Part of the other case of the same wave: to be read, not to be worked on."""


@dataclass(frozen=True)
class Event:
    """One line of the timeline, opened."""

    at: datetime
    who: str | None
    kind: str
    private: bool
    details: dict[str, Any]


def case_by_id(db: Session, scope: Scope, case_id: str) -> Case:
    """One case of the actor's schools; NotFound for any other."""
    case = db.get(Case, case_id)
    if case is None or not known_to(scope, case):
        raise NotFound
    return case


def known_to(scope: Scope, case: Case) -> bool:
    """Whether this case exists for the actor."""
    by = (case.owner_id, case.reviewer_id)
    return scope.knows(case.school_id, restricted=case.restricted, by=by)


def unknown_ids(db: Session, scope: Scope) -> frozenset[str]:
    """Cases of the actor's schools that only others know of: what hangs on one of them does not exist either."""
    asked = select(Case).where(col(Case.restricted).is_(True))
    return frozenset(case.id for case in db.exec(asked).all() if not known_to(scope, case))


def unknown_results(db: Session, scope: Scope, pseudonym: str) -> frozenset[str]:
    """Results of one pupil that called for a case which only others know of."""
    asked = select(Case).where(Case.pseudonym == pseudonym, col(Case.restricted).is_(True))
    return frozenset(case.result_id for case in db.exec(asked).all() if not known_to(scope, case))


def unknown_sheets(db: Session, scope: Scope) -> frozenset[str]:
    """Results of pupils with a case only others know of: whoever is not to know of the child reads no sheet of it."""
    asked = select(Case).where(col(Case.restricted).is_(True))
    pupils = sorted({case.pseudonym for case in db.exec(asked).all() if not known_to(scope, case)})
    if not pupils:
        return frozenset()
    return frozenset(db.exec(select(Result.id).where(col(Result.pseudonym).in_(pupils))).all())


def view_of(db: Session, scope: Scope, case_id: str) -> CaseView:
    """One case with its surroundings; NotFound outside the actor's schools."""
    rows = db.exec(_JOINED.where(col(Case.id) == case_id)).all()
    if not rows or not known_to(scope, rows[0][0]):
        raise NotFound
    return _view(*rows[0])


def open_cases(db: Session, scope: Scope, today: date) -> list[CaseView]:
    """What waits in the actor's schools: most urgent, then due first, then oldest.

    A closed case waits again from the day that was agreed for another look, behind those that are not closed.
    """
    asked = _JOINED.where(or_(col(Case.state) != CaseState.CLOSED, col(Case.follow_up_on) <= today))
    if scope.schools is not None:
        asked = asked.where(col(Case.school_id).in_(sorted(scope.schools)))
    views = [_view(*row) for row in db.exec(asked).all() if known_to(scope, row[0])]
    return sorted(
        views,
        key=lambda case: (
            case.state is CaseState.CLOSED,
            RANK[case.urgency],
            case.due_on,
            case.opened_on,
            case.id,
        ),
    )


DONE_BY = (
    "contact",
    "look_later",
    "lower",
    "lower_asked",
    "close_asked",
    "look_again",
    "move",
    "hand_over",
    "report",
)
"""What somebody has done about a case, so that it need not be led to again on the same day."""


def next_to_do(
    db: Session, scope: Scope, now: datetime, case_id: str, me: str
) -> tuple[CaseView | None, int]:
    """The next case of the queue after this one that asks for something today, and how many there are besides it.

    Not what a colleague owns: nobody is to be led into somebody else's work. Not what this person has done something
    about today either: else the most urgent would come again and again.
    """
    today = school_day(now)
    begin = datetime.combine(today, time.min, SCHOOL_ZONE)
    asked = select(CaseEvent.case_id).where(
        CaseEvent.staff_id == me, col(CaseEvent.at) >= begin, col(CaseEvent.kind).in_(DONE_BY)
    )
    done = set(db.exec(asked).all())
    waits = [
        case
        for case in open_cases(db, scope, today)
        if case.owner_id in (None, me)
        and (
            case.new_signal or (case.id not in done and (case.state is CaseState.NEW or case.due_on <= today))
        )
    ]
    here = next((i for i, case in enumerate(waits) if case.id == case_id), None)
    others = [case for case in waits if case.id != case_id]
    if not others:
        return None, 0
    return (others[here] if here is not None and here < len(others) else others[0]), len(others)


def cases_of(db: Session, scope: Scope, pseudonym: str) -> Sequence[Case]:
    """Every case of one pupil in the actor's schools that is not closed."""
    asked = select(Case).where(Case.pseudonym == pseudonym, Case.state != CaseState.CLOSED)
    if scope.schools is not None:
        asked = asked.where(col(Case.school_id).in_(sorted(scope.schools)))
    return db.exec(asked).all()


def of_pupils_gone_by(db: Session, scope: Scope, day: date) -> list[tuple[Case, date]]:
    """Cases of pupils who left school on that day or before, with the day; in the order of their random ids."""
    rows = db.exec(
        select(Case, Student)
        .join(Student, col(Student.pseudonym) == col(Case.pseudonym))
        .where(col(Student.left_on) <= day)
        .order_by(col(Case.id))
    ).all()
    return [(case, pupil.left_on or day) for case, pupil in rows if scope.covers(case.school_id)]


def without_line(db: Session, scope: Scope) -> Sequence[Case]:
    """Cases that have no line in the trail yet, in the order of their random ids."""
    noted = select(AuditEntry.subject_id).where(AuditEntry.kind == AuditKind.CASE_OPENED)
    asked = select(Case).where(col(Case.id).not_in(noted)).order_by(col(Case.id))
    if scope.schools is not None:
        asked = asked.where(col(Case.school_id).in_(sorted(scope.schools)))
    return db.exec(asked).all()


def all_ids(db: Session, scope: Scope) -> frozenset[str]:
    """Ids of every case of the actor's schools, ended ones too."""
    rows = db.exec(select(Case.id, Case.school_id)).all()
    return frozenset(id_ for id_, school in rows if scope.covers(school))


def waiting_ids(db: Session, scope: Scope, today: date) -> list[str]:
    """Ids of what waits in the actor's schools."""
    asked = select(Case).where(or_(col(Case.state) != CaseState.CLOSED, col(Case.follow_up_on) <= today))
    return [case.id for case in db.exec(asked).all() if known_to(scope, case)]


def found(
    db: Session, scope: Scope, sign: str, first_on: date | None, last_on: date | None
) -> list[CaseView]:
    """Cases in the actor's schools by sign and day of opening, ended ones too, newest first."""
    asked = _JOINED.order_by(col(Case.opened_on).desc(), col(Case.id))
    if sign:
        asked = asked.where(col(Student.sign) == sign)
    if first_on:
        asked = asked.where(col(Case.opened_on) >= first_on)
    if last_on:
        asked = asked.where(col(Case.opened_on) <= last_on)
    if scope.schools is not None:
        asked = asked.where(col(Case.school_id).in_(sorted(scope.schools)))
    return [_view(*row) for row in db.exec(asked).all() if known_to(scope, row[0])]


def other_cases(db: Session, scope: Scope, case: CaseView) -> list[CaseView]:
    """Other cases of the same pupil in reach, newest first: what is known belongs together."""
    rows = db.exec(
        _JOINED.where(col(Case.pseudonym) == case.pseudonym, col(Case.id) != case.id).order_by(
            col(Case.opened_on).desc()
        )
    ).all()
    return [_view(*row) for row in rows if known_to(scope, row[0])]


def events_of(db: Session, keys: Keyring, case: CaseView, reader_id: str) -> Sequence[Event]:
    """The timeline of a case the actor may see, newest first; private notes for their writer only."""
    rows = db.exec(
        select(CaseEvent, Staff.name)
        .outerjoin(Staff, col(Staff.id) == col(CaseEvent.staff_id))
        .where(CaseEvent.case_id == case.id)
        .order_by(col(CaseEvent.at).desc())
    ).all()
    return [
        Event(
            row.at,
            who,
            row.kind,
            row.private,
            dict(sealing.open_for_school(db, keys, case.school_id, f"event|{row.id}", row.sealed)),
        )
        for row, who in rows
        if not row.private or row.staff_id == reader_id
    ]


_JOINED = (
    select(Case, Student, School.name, Staff.name)
    .join(Student, col(Student.pseudonym) == col(Case.pseudonym))
    .join(School, col(School.id) == col(Case.school_id))
    .outerjoin(Staff, col(Staff.id) == col(Case.owner_id))
)


def _view(case: Case, student: Student, school: str, owner: str | None) -> CaseView:
    """The clock of a closed case is the day that was agreed for another look."""
    state = CaseState(case.state)
    again = case.follow_up_on if state is CaseState.CLOSED else None
    return CaseView(
        id=case.id,
        version=case.version,
        school_id=case.school_id,
        wave_id=case.wave_id,
        result_id=case.result_id,
        pseudonym=case.pseudonym,
        urgency=Urgency(case.urgency),
        state=state,
        opened_on=case.opened_on,
        due_on=again or case.due_on,
        first_contact_on=case.first_contact_on,
        follow_up_on=case.follow_up_on,
        outcome=case.outcome,
        label=case.label,
        level=Level(case.level),
        closing_by=case.closing_by,
        lowering_by=case.lowering_by,
        lowering_to=Urgency(case.lowering_to) if case.lowering_to else None,
        restricted=case.restricted,
        sign=student.sign,
        grade=student.grade,
        class_name=student.class_name,
        school=school,
        owner_id=case.owner_id,
        owner=owner,
        reviewer_id=case.reviewer_id,
        new_signal=case.signal_on is not None,
        merged=case.merged_into is not None,
    )
