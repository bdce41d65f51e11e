"""Staff and their grants."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session, col, func, or_, select

from survey_api.tables.sign_in import (
    GrantReview,
    Invitation,
    Passkey,
    RecoveryCode,
    SecondPersonRequest,
    SignInStep,
    SsoIdentity,
)
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


def schools_with(db: Session, role: str) -> frozenset[str | None]:
    """The schools where an active member of staff holds a role; None among them: the whole city."""
    rows = db.exec(
        select(Grant.school_id)
        .join(Staff, col(Staff.id) == col(Grant.staff_id))
        .where(Grant.role == role, col(Staff.active).is_(True))
    ).all()
    return frozenset(rows)


def staff_at(db: Session, school_id: str, roles: Iterable[str]) -> Sequence[Staff]:
    """Active staff who hold one of these roles at a school, by name."""
    return db.exec(
        select(Staff)
        .join(Grant, col(Grant.staff_id) == col(Staff.id))
        .where(
            col(Grant.role).in_(list(roles)),
            or_(col(Grant.school_id) == school_id, col(Grant.school_id).is_(None)),
            col(Staff.active).is_(True),
        )
        .distinct()
        .order_by(col(Staff.name))
    ).all()


def session_by_hash(db: Session, token_hash: str) -> StaffSession | None:
    return db.get(StaffSession, token_hash)


def grants_with_ids(db: Session, staff_id: str) -> Sequence[Grant]:
    return db.exec(select(Grant).where(Grant.staff_id == staff_id).order_by(col(Grant.role))).all()


def holders_of(db: Session, role: str) -> Sequence[str]:
    """Ids of active members of staff with this role."""
    rows = select(Grant.staff_id).join(Staff).where(Grant.role == role, col(Staff.active)).distinct()
    return db.exec(rows).all()


def step_by_hash(db: Session, hashed: str) -> SignInStep | None:
    return db.get(SignInStep, hashed)


def passkeys_of(db: Session, staff_id: str) -> Sequence[Passkey]:
    return db.exec(select(Passkey).where(Passkey.staff_id == staff_id).order_by(col(Passkey.made_at))).all()


def passkey_by_credential(db: Session, credential_id: bytes) -> Passkey | None:
    return db.exec(select(Passkey).where(Passkey.credential_id == credential_id)).first()


def recovery_codes_left(db: Session, staff_id: str) -> int:
    return db.exec(select(func.count()).where(RecoveryCode.staff_id == staff_id)).one()


def invitation_by_hash(db: Session, hashed: str) -> Invitation | None:
    return db.get(Invitation, hashed)


def staff_by_sso(db: Session, issuer: str, subject: str) -> Staff | None:
    known = db.get(SsoIdentity, (issuer, subject))
    return db.get(Staff, known.staff_id) if known else None


def staff_by_email(db: Session, email: str) -> Staff | None:
    return db.exec(select(Staff).where(Staff.sso_email == email)).first()


def open_requests(db: Session, now: datetime) -> Sequence[SecondPersonRequest]:
    """What waits for a second person, oldest first."""
    waiting = select(SecondPersonRequest).where(
        col(SecondPersonRequest.granted_by).is_(None), SecondPersonRequest.ends_at >= now
    )
    return db.exec(waiting.order_by(col(SecondPersonRequest.asked_at))).all()


def last_review(db: Session) -> GrantReview | None:
    return db.exec(select(GrantReview).order_by(col(GrantReview.at).desc()).limit(1)).first()


def granted_entry(db: Session, staff_id: str, now: datetime) -> SecondPersonRequest | None:
    """A way in that a second person has granted and nobody has used."""
    granted = select(SecondPersonRequest).where(
        SecondPersonRequest.staff_id == staff_id,
        col(SecondPersonRequest.code_hash).is_not(None),
        col(SecondPersonRequest.used).is_(False),
        SecondPersonRequest.ends_at >= now,
    )
    return db.exec(granted).first()


def sso_identities_of(db: Session, staff_id: str) -> Sequence[SsoIdentity]:
    return db.exec(select(SsoIdentity).where(SsoIdentity.staff_id == staff_id)).all()
