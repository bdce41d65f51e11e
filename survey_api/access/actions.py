"""Staff and what they may: add, switch off, grant, take back, review."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from sqlmodel import Session, col, delete

from survey_api.access import queries, sessions
from survey_api.access.passwords import hash_password
from survey_api.audit import trail
from survey_api.kit.clock import SCHOOL_ZONE
from survey_api.kit.ids import new_id
from survey_api.kit.problems import BadInput, IllegalMove, NotFound
from survey_api.kit.work import Work
from survey_api.tables.sign_in import GrantReview, Invitation, SecondPersonRequest, SignInStep
from survey_api.tables.staff import Grant, Staff, StaffSession
from survey_api.vocabulary import AuditKind, Role

REVIEW_EVERY = timedelta(days=92)


def add_staff(work: Work, login: str, name: str, password: str) -> str:
    """A new member of staff without any grant; returns the id. BadInput for a weak password."""
    return add_with_hash(work, login, name, hash_password(password))


def add_with_hash(work: Work, login: str, name: str, password_hash: str, sso_email: str | None = None) -> str:
    """A new member of staff; BadInput when the login or the address is taken."""
    if queries.staff_by_login(work.db, login) is not None:
        raise BadInput(f"ID「{login}」は、もう使われています。別のIDにしてください。")
    if sso_email and queries.staff_by_email(work.db, sso_email) is not None:
        raise BadInput("このメールアドレスは、もうほかの利用者のものです。")
    staff = Staff(id=new_id(), login=login, name=name, password_hash=password_hash, sso_email=sso_email)
    work.db.add(staff)
    work.db.flush()
    trail.record(work, AuditKind.STAFF_INVITED, "staff", staff.id)
    return staff.id


def grant(work: Work, staff_id: str, role: Role, school_id: str | None) -> None:
    """Give one role, for one school or (None) for the whole city."""
    if any(
        (row.role, row.school_id) == (role, school_id) for row in queries.grants_with_ids(work.db, staff_id)
    ):
        raise BadInput("この役割は、もうあります。")
    work.db.add(Grant(id=new_id(), staff_id=staff_id, role=role, school_id=school_id))
    work.db.flush()
    trail.record(work, AuditKind.GRANT_GIVEN, "staff", staff_id, role=str(role), school_id=school_id)


def take_grant(work: Work, grant_id: str) -> None:
    """Take a role back; it ends with the person's next click. The last operator keeps theirs."""
    row = work.db.get(Grant, grant_id)
    if row is None:
        raise NotFound
    if row.role == Role.OPERATOR:
        _another_operator(work.db, row.staff_id)
    work.db.delete(row)
    work.db.flush()
    trail.record(work, AuditKind.GRANT_TAKEN, "staff", row.staff_id, role=row.role, school_id=row.school_id)


def switch(work: Work, staff_id: str, *, active: bool) -> None:
    """Close or reopen an account. Closing it ends every session at once."""
    staff = queries.staff_by_id(work.db, staff_id)
    if staff is None:
        raise NotFound
    if not active:
        if staff_id == work.actor.id:
            raise IllegalMove("自分の利用を止めることはできません。ほかの運用担当者に頼んでください。")
        if staff_id in queries.holders_of(work.db, Role.OPERATOR):
            _another_operator(work.db, staff_id)
    staff.active = active
    work.db.add(staff)
    work.db.flush()
    trail.record(work, AuditKind.STAFF_SWITCHED, "staff", staff_id, active=active)
    if not active:
        sessions.end_all(work, staff_id)


def review_grants(work: Work, keep: Collection[str]) -> GrantReview:
    """Go through every grant: those not in `keep` (ids) are taken back, and the review is written down."""
    taken = 0
    for staff in queries.all_staff(work.db):
        for row in queries.grants_with_ids(work.db, staff.id):
            if row.id not in keep:
                take_grant(work, row.id)
                taken += 1
    review = GrantReview(id=new_id(), at=work.now, staff_id=work.actor.id, kept=len(keep), taken=taken)
    work.db.add(review)
    work.db.flush()
    trail.record(work, AuditKind.GRANTS_REVIEWED, "staff", work.actor.id, kept=review.kept, taken=taken)
    return review


def drop_over(work: Work, day: date) -> int:
    """Sessions, steps, invitations and requests that were over on that day; how many. The certificate has the line."""
    moment = datetime.combine(day, time.max, SCHOOL_ZONE)
    return sum(
        work.db.connection().execute(gone).rowcount
        for gone in (
            delete(StaffSession).where(col(StaffSession.started_at) <= moment - sessions.ABSOLUTE),
            delete(SignInStep).where(col(SignInStep.ends_at) <= moment),
            delete(Invitation).where(col(Invitation.ends_at) <= moment),
            delete(SecondPersonRequest).where(col(SecondPersonRequest.ends_at) <= moment),
        )
    )


def _another_operator(db: Session, staff_id: str) -> None:
    if set(queries.holders_of(db, Role.OPERATOR)) <= {staff_id}:
        raise IllegalMove("運用担当者が一人もいなくなります。先に別の人へ役割を渡してください。")
