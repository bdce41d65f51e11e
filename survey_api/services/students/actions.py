"""Write what a roster says, without a single name."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import col, select, update

from survey_api.access import sealing, traits
from survey_api.audit import trail
from survey_api.kit.clock import school_day
from survey_api.kit.ids import new_id
from survey_api.kit.work import Work
from survey_api.tables.schools import School, Student
from survey_api.vocabulary import AuditKind, Sex

COLOURS = ("青", "赤", "緑", "白", "黄", "紺", "桃", "茶", "空", "橙")


@dataclass(frozen=True)
class Placement:
    """Where a pupil is now."""

    pseudonym: str
    school_id: str
    grade: int
    class_name: str


def add_school(work: Work, *, code: str, name: str, grades: tuple[int, int], position: int) -> str:
    """A new school with a data key of its own; returns its id."""
    school = School(
        id=(school_id := new_id()),
        code=code,
        name=name,
        first_grade=grades[0],
        last_grade=grades[1],
        position=position,
        wrapped_key=sealing.new_wrapped_key(work.keys, school_id),
    )
    work.db.add(school)
    work.db.flush()
    trail.record(work, AuditKind.SCHOOL_ADDED, "school", school.id)
    return school.id


def place(work: Work, placements: Iterable[Placement], left: Iterable[str]) -> None:
    """Add, move and retire pupils as the roster says."""
    students = {row.pseudonym: row for row in work.db.exec(select(Student)).all()}
    signs = _Signs({(row.school_id, row.sign) for row in students.values()})
    added = changed = 0
    for here in placements:
        student = students.get(here.pseudonym)
        if student is None:
            student = Student(
                pseudonym=here.pseudonym,
                school_id=here.school_id,
                grade=here.grade,
                class_name=here.class_name,
                sign=signs.new(here.school_id),
            )
            added += 1
        elif student.school_id != here.school_id:
            sex = traits.open_sex(work.db, work.keys, student)
            student.school_id, student.sign = here.school_id, signs.new(here.school_id)
            if sex is not None:
                student.sealed_sex = traits.seal_sex(work.db, work.keys, student, sex)
            changed += 1
        else:
            changed += 1
        student.grade, student.class_name, student.active = here.grade, here.class_name, True
        student.left_on = None
        work.db.add(student)
    gone = list(left)
    if gone:
        left_on = school_day(work.now)
        work.db.exec(
            update(Student).where(col(Student.pseudonym).in_(gone)).values(active=False, left_on=left_on)
        )
    work.db.flush()
    trail.record(
        work, AuditKind.STUDENTS_CHANGED, "roster", "students", added=added, changed=changed, left=len(gone)
    )


def keep_sexes(work: Work, told: Mapping[str, Sex]) -> int:
    """Seal the sex of these pupils for their school of today; returns how many of them are here."""
    changed = 0
    for student in work.db.exec(select(Student).where(col(Student.pseudonym).in_(list(told)))).all():
        student.sealed_sex = traits.seal_sex(work.db, work.keys, student, told[student.pseudonym])
        work.db.add(student)
        changed += 1
    work.db.flush()
    if changed:
        trail.record(work, AuditKind.STUDENTS_CHANGED, "roster", "sexes", changed=changed)
    return changed


def opt_out(work: Work, student: Student, *, out: bool) -> None:
    """A guardian's wish about being asked at all."""
    student.opted_out_on = school_day(work.now) if out else None
    work.db.add(student)
    work.db.flush()
    trail.record(work, AuditKind.OPTED_OUT, "student", student.pseudonym, out=out)


def remove(work: Work, student: Student) -> None:
    """A pupil whose time is over: nothing points to a person any more, the empty pseudonym stays for the counts."""
    student.sign, student.class_name = f"消去-{new_id()[:12]}", ""
    student.erased_on = school_day(work.now)
    student.sealed_sex = None
    work.db.add(student)
    work.db.flush()
    trail.record(work, AuditKind.STUDENTS_CHANGED, "roster", "students", left=1)


def graduate(work: Work, finished: Mapping[str, date]) -> int:
    """Pupils who finished school on a day and were on no roster since: they left on that day; how many."""
    for pseudonym, day in finished.items():
        work.db.exec(
            update(Student).where(col(Student.pseudonym) == pseudonym).values(active=False, left_on=day)
        )
    work.db.flush()
    if finished:
        trail.record(work, AuditKind.STUDENTS_CHANGED, "roster", "graduation", left=len(finished))
    return len(finished)


def rewrap_keys(work: Work) -> int:
    """Put every school's data key under the newest wrapping key; returns how many were under the former one."""
    count = 0
    for school in work.db.exec(select(School)).all():
        fresh = sealing.rewrapped_key(work.keys, school.id, school.wrapped_key)
        if fresh is not None:
            school.wrapped_key = fresh
            work.db.add(school)
            count += 1
    work.db.flush()
    if count:
        trail.record(work, AuditKind.KEYS_ROTATED, "keys", "schools", count=count)
    return count


class _Signs:
    """Signs such as 青-217: drawn at random, unique in a school."""

    def __init__(self, taken: set[tuple[str, str]]) -> None:
        self._taken = taken

    def new(self, school_id: str) -> str:
        while True:
            sign = f"{secrets.choice(COLOURS)}-{secrets.randbelow(900) + 100}"
            if (school_id, sign) not in self._taken:
                self._taken.add((school_id, sign))
                return sign
