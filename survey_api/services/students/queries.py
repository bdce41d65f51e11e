"""Schools, and pupils as pseudonyms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func
from sqlmodel import Session, col, select

from survey_api.access import traits
from survey_api.access.scope import Scope
from survey_api.kit.crypto import Keyring
from survey_api.kit.problems import NotFound
from survey_api.services.students.rules import ROSTER_GRACE, finishes_on
from survey_api.tables.schools import School, Student
from survey_api.vocabulary import Sex


def schools(db: Session) -> Sequence[School]:
    """Every school in its fixed order."""
    return db.exec(select(School).order_by(col(School.position), col(School.code))).all()


def all_students(db: Session, scope: Scope) -> Sequence[Student]:
    """Every pupil of the actor's schools, also those who left."""
    found = select(Student)
    if scope.schools is not None:
        found = found.where(col(Student.school_id).in_(scope.schools))
    return db.exec(found).all()


def by_sign(db: Session, scope: Scope, school_id: str, sign: str) -> Student | None:
    """The pupil whom staff of this school call so. NotFound outside the actor's schools."""
    scope.require(school_id)
    return db.exec(select(Student).where(Student.school_id == school_id, Student.sign == sign)).first()


def by_pseudonym(db: Session, scope: Scope, pseudonym: str) -> Student:
    """NotFound outside the actor's schools."""
    student = db.get(Student, pseudonym)
    if student is None or not scope.covers(student.school_id):
        raise NotFound
    return student


def left_before(db: Session, scope: Scope, day: date) -> Sequence[Student]:
    """Pupils who left on that day or before and are not erased, in the order of their random pseudonyms."""
    asked = (
        select(Student)
        .where(col(Student.left_on) <= day, col(Student.erased_on).is_(None))
        .order_by(col(Student.pseudonym))
    )
    if scope.schools is not None:
        asked = asked.where(col(Student.school_id).in_(sorted(scope.schools)))
    return db.exec(asked).all()


def finished(db: Session, scope: Scope, roster_on: date, today: date) -> dict[str, date]:
    """Pseudonym → 31 March on which an active pupil finished its school, going by a roster of that day."""
    asked = (
        select(Student.pseudonym, Student.grade, School.last_grade)
        .join(School, col(School.id) == col(Student.school_id))
        .where(col(Student.active).is_(True))
    )
    if scope.schools is not None:
        asked = asked.where(col(Student.school_id).in_(sorted(scope.schools)))
    found = {}
    for pseudonym, grade, last_grade in db.exec(asked).all():
        day = finishes_on(grade, last_grade, roster_on)
        if day + ROSTER_GRACE <= today:
            found[pseudonym] = day
    return found


def sexes(db: Session, keys: Keyring, scope: Scope) -> dict[str, Sex | None]:
    """What the roster says about each pupil, opened in memory. For counting and comparing, never for a page."""
    return {student.pseudonym: traits.open_sex(db, keys, student) for student in all_students(db, scope)}


@dataclass(frozen=True)
class GradeSize:
    """How many pupils one grade of one school has now."""

    school_id: str
    grade: int
    students: int


def grade_sizes(db: Session) -> list[GradeSize]:
    """Roster counts, per school and grade: what a wave is planned from. Carries no pupil."""
    rows = db.exec(
        select(Student.school_id, Student.grade, func.count())
        .where(col(Student.active).is_(True))
        .group_by(col(Student.school_id), col(Student.grade))
        .order_by(col(Student.school_id), col(Student.grade))
    ).all()
    return [GradeSize(*row) for row in rows]
