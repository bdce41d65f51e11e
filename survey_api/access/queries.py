"""Staff and their grants."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from survey_api.tables.staff import Grant, Staff, StaffSession


def staff_by_login(db: Session, login: str) -> Staff | None:
    return db.exec(select(Staff).where(Staff.login == login)).first()


def staff_by_id(db: Session, staff_id: str) -> Staff | None:
    return db.get(Staff, staff_id)


def all_staff(db: Session) -> Sequence[Staff]:
    return db.exec(select(Staff).order_by(col(Staff.login))).all()


def grants_of(db: Session, staff_id: str) -> frozenset[tuple[str, str | None]]:
    rows = db.exec(select(Grant.role, Grant.school_id).where(Grant.staff_id == staff_id)).all()
    return frozenset((role, school_id) for role, school_id in rows)


def session_by_hash(db: Session, token_hash: str) -> StaffSession | None:
    return db.get(StaffSession, token_hash)
