"""Certificates and holds."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from survey_api.access.scope import Scope
from survey_api.kit.crypto import Keyring
from survey_api.kit.problems import NotFound
from survey_api.services.erasure.rules import Holds
from survey_api.tables.erasure import Certificate, Hold


def certificates(db: Session, scope: Scope) -> Sequence[Certificate]:
    """Of the actor's schools, newest first."""
    asked = select(Certificate).order_by(col(Certificate.done_on).desc(), col(Certificate.id))
    if scope.schools is not None:
        asked = asked.where(col(Certificate.school_id).in_(sorted(scope.schools)))
    return db.exec(asked).all()


def certificate_by_id(db: Session, scope: Scope, certificate_id: str) -> Certificate:
    """NotFound outside the actor's schools."""
    found = db.get(Certificate, certificate_id)
    if found is None or not (scope.schools is None or scope.covers(found.school_id or "")):
        raise NotFound
    return found


def is_certified(db: Session, scope: Scope, keys: Keyring, kind: str, pseudonym: str, wave_id: str) -> bool:
    """Whether this was written down before for this pupil and wave, in the actor's schools."""
    asked = select(Certificate.school_id).where(
        Certificate.kind == kind,
        Certificate.subject == subject_of(keys, pseudonym),
        Certificate.wave_id == wave_id,
    )
    return any(scope.covers(school_id or "") for school_id in db.exec(asked).all())


def subject_of(keys: Keyring, pseudonym: str) -> str:
    """How a certificate recognises a pupil: a keyed hash, from which nobody can be looked up."""
    return keys.mac("receipts", "erased", pseudonym).hex()


def holds(db: Session, scope: Scope) -> Sequence[Hold]:
    """Holds that stand, of the actor's schools; for the whole city all of them."""
    asked = select(Hold).where(col(Hold.lifted_at).is_(None)).order_by(col(Hold.placed_at))
    if scope.schools is not None:
        asked = asked.where(col(Hold.school_id).in_(sorted(scope.schools)))
    return db.exec(asked).all()


def hold_by_id(db: Session, scope: Scope, hold_id: str) -> Hold:
    """A hold that stands; NotFound outside the actor's schools."""
    found = db.get(Hold, hold_id)
    if found is None or found.lifted_at is not None:
        raise NotFound
    scope.require(found.school_id or "")
    return found


def held(db: Session) -> Holds:
    """Everything that may not be erased now."""
    rows = db.exec(select(Hold.kind, Hold.subject_id, Hold.school_id).where(col(Hold.lifted_at).is_(None)))
    return Holds(frozenset((kind, subject, school or "") for kind, subject, school in rows.all()))
