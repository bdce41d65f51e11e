"""Invite staff and give them grants."""

from survey_api.access.passwords import hash_password
from survey_api.audit import trail
from survey_api.kit.ids import new_id
from survey_api.kit.work import Work
from survey_api.tables.staff import Grant, Staff
from survey_api.vocabulary import AuditKind, Role


def add_staff(work: Work, login: str, name: str, password: str) -> str:
    """A new member of staff without any grant; returns the id. BadInput for a weak password."""
    staff = Staff(id=new_id(), login=login, name=name, password_hash=hash_password(password))
    work.db.add(staff)
    work.db.flush()
    trail.record(work, AuditKind.STAFF_INVITED, "staff", staff.id)
    return staff.id


def grant(work: Work, staff_id: str, role: Role, school_id: str | None) -> None:
    """Give one role, for one school or (None) for the whole city."""
    work.db.add(Grant(id=new_id(), staff_id=staff_id, role=role, school_id=school_id))
    work.db.flush()
    trail.record(work, AuditKind.GRANT_GIVEN, "staff", staff_id, role=str(role), school_id=school_id)
