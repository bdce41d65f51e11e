"""Openings of names that somebody who leads still has to look at."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from survey_api.access.scope import Scope
from survey_api.kit.problems import NotFound
from survey_api.tables.cases import Case
from survey_api.tables.desk import NameReveal
from survey_api.tables.schools import Student
from survey_api.tables.staff import Staff


@dataclass(frozen=True)
class Opened:
    """One opening without a reason: who, when, for which case, by when to look at it. No name of a child."""

    id: str
    case_id: str
    sign: str
    who: str
    staff_id: str
    at: datetime
    review_by: date
    reviewed_at: datetime | None


def to_review(db: Session, scope: Scope) -> list[Opened]:
    """Openings for safety in the actor's schools, those not looked at first, then newest first."""
    rows = db.exec(
        select(NameReveal, Student.sign, Staff.name)
        .join(Case, col(Case.id) == col(NameReveal.case_id))
        .join(Student, col(Student.pseudonym) == col(Case.pseudonym))
        .join(Staff, col(Staff.id) == col(NameReveal.staff_id))
        .where(col(NameReveal.review_by).is_not(None))
        .order_by(col(NameReveal.reviewed_at).is_not(None), col(NameReveal.at).desc())
        .limit(100)
    ).all()
    return [
        Opened(row.id, row.case_id, sign, who, row.staff_id, row.at, row.review_by, row.reviewed_at)
        for row, sign, who in rows
        if scope.covers(row.school_id) and row.review_by is not None
    ]


def reveal_by_id(db: Session, scope: Scope, reveal_id: str) -> NameReveal:
    """One opening; NotFound outside the actor's schools."""
    row = db.get(NameReveal, reveal_id)
    if row is None or not scope.covers(row.school_id):
        raise NotFound
    return row
