"""A school's key while one staff session has it open.

It lies in the database sealed with a key derived from the session's cookie, which stands nowhere on the server: any
worker can open it for that session, and nobody else. It ends with the session: signing out and being signed out
delete the session's row and this one with it; after the idle time it is not used and swept away.
"""

from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlmodel import Session, col, delete, or_, select

from survey_api.access import school_locks, sessions, unlockers
from survey_api.audit import trail
from survey_api.kit import box
from survey_api.kit.clock import Clock, school_day
from survey_api.kit.crypto import open_sealed, seal, token_hash
from survey_api.kit.problems import KeyMissing
from survey_api.kit.work import Work
from survey_api.tables.locks import OpenLock, SchoolLock, Unlocker, UnlockerKey
from survey_api.tables.staff import StaffSession
from survey_api.vocabulary import AuditKind


@dataclass(frozen=True)
class Tried:
    """What came of a passphrase: which unlocker it was tried on, and the keys when it fitted."""

    unlocker_id: str | None
    keys: dict[str, bytes] = field(default_factory=dict, repr=False)
    wait_seconds: int = 0

    @property
    def fits(self) -> bool:
        return bool(self.keys)


def attempt(db: Session, staff_id: str, school_id: str, phrase: str, now: datetime) -> Tried:
    """Try a passphrase, or the code of a paper. Slow on purpose; looks only."""
    plain, paper = unlockers.folded(phrase[: 2 * unlockers.MAX_PHRASE])
    whose = col(Unlocker.staff_id).is_(None) if paper else col(Unlocker.staff_id) == staff_id
    held = select(UnlockerKey.unlocker_id)
    rows = db.exec(
        select(Unlocker).where(Unlocker.school_id == school_id, whose, col(Unlocker.id).in_(held))
    ).all()
    for row in rows:
        if row.wait_until is not None and row.wait_until > now:
            return Tried(row.id, wait_seconds=int((row.wait_until - now).total_seconds()) + 1)
        try:
            own = unlockers.private_of(row, unlockers.stretched_for(row, plain))
        except KeyMissing:
            continue
        return Tried(row.id, _keys_held(db, row, own))
    return Tried(rows[0].id if rows else None)


def _keys_held(db: Session, unlocker: Unlocker, own: bytes) -> dict[str, bytes]:
    """Every key of the school that this unlocker was given, each proved on its canary."""
    found = {}
    rows = db.exec(
        select(UnlockerKey, SchoolLock)
        .join(SchoolLock, col(SchoolLock.key_id) == col(UnlockerKey.key_id))
        .where(UnlockerKey.unlocker_id == unlocker.id)
    ).all()
    for given, lock in rows:
        private = box.unclose(own, given.sealed, unlockers.given_place(unlocker.id, given.key_id))
        if box.unclose(private, lock.canary, unlockers.canary_place(lock.school_id)) != unlockers.CANARY:
            raise KeyMissing
        found[given.key_id] = private
    return found


def keep(work: Work, token: str, school_id: str, tried: Tried) -> None:
    """Write down what came of it: the lock is open for this session, or a try was wrong."""
    unlocker = work.db.get(Unlocker, tried.unlocker_id) if tried.unlocker_id else None
    if not tried.fits or unlocker is None:
        if unlocker is not None and not tried.wait_seconds:
            sessions.count_failure(work, unlocker)
        trail.record(work, AuditKind.LOCK_REFUSED, "school", school_id)
        return
    open_for(work, token, unlocker.id, tried.keys)
    unlocker.failed_tries, unlocker.wait_until, unlocker.opened_on = 0, None, school_day(work.now)
    work.db.add(unlocker)
    work.db.flush()
    by = "paper" if unlocker.staff_id is None else "person"
    trail.record(work, AuditKind.LOCK_OPENED, "school", school_id, unlocker=unlocker.id, by=by)


def open_for(work: Work, token: str, unlocker_id: str, keys: dict[str, bytes]) -> None:
    """Put keys where this session finds them. Part of opening or of a change of keys, which have their lines."""
    for key_id, private in keys.items():
        sealed = seal(_cookie_key(token), private, _place(token, key_id))
        work.db.merge(
            OpenLock(token_hash=token_hash(token), key_id=key_id, unlocker_id=unlocker_id, sealed=sealed)
        )
    work.db.flush()


def follow(work: Work, token: str, keys: dict[str, bytes]) -> None:
    """A session that has the lock open keeps it open through a change of keys, which has its line."""
    row = work.db.exec(
        select(OpenLock).where(OpenLock.token_hash == token_hash(token), col(OpenLock.key_id).in_(list(keys)))
    ).first()
    if row is not None:
        open_for(work, token, row.unlocker_id, keys)


def keys_of(db: Session, clock: Clock, token: str) -> dict[str, bytes]:
    """Key id → private key, as far as this session has opened; empty once the session is idle or over."""
    if sessions.actor_of(db, clock, token) is None:
        return {}
    rows = db.exec(select(OpenLock).where(OpenLock.token_hash == token_hash(token))).all()
    found = {}
    for row in rows:
        try:
            found[row.key_id] = open_sealed(_cookie_key(token), row.sealed, _place(token, row.key_id))
        except KeyMissing:  # somebody put another session's row under this one's name
            continue
    return found


def open_schools(db: Session, token: str) -> frozenset[str]:
    """The schools whose key that seals is open in this session."""
    rows = db.exec(
        select(SchoolLock.school_id)
        .join(OpenLock, col(OpenLock.key_id) == col(SchoolLock.key_id))
        .where(OpenLock.token_hash == token_hash(token))
    ).all()
    return frozenset(rows)


def close(work: Work, token: str, school_id: str) -> None:
    """Lock again, before the session ends."""
    mine = [key.key_id for key in school_locks.keys_of(work.db, school_id)]
    work.db.exec(
        delete(OpenLock).where(col(OpenLock.token_hash) == token_hash(token), col(OpenLock.key_id).in_(mine))
    )
    trail.record(work, AuditKind.LOCK_CLOSED, "school", school_id)


def sweep(work: Work) -> int:
    """Delete what idle and ended sessions left; returns how many. No line: nobody did anything."""
    over = select(StaffSession.token_hash).where(
        or_(
            col(StaffSession.seen_at) < work.now - sessions.IDLE,
            col(StaffSession.started_at) < work.now - sessions.ABSOLUTE,
        )
    )
    return int(work.db.exec(delete(OpenLock).where(col(OpenLock.token_hash).in_(over))).rowcount)


def _cookie_key(token: str) -> bytes:
    """From the cookie alone; what the database keeps of it is a hash of another kind."""
    return HKDF(SHA256(), 32, salt=None, info=b"kizuki|open lock|1").derive(token.encode())


def _place(token: str, key_id: str) -> str:
    return f"open lock|{token_hash(token)}|{key_id}"
