"""Staff sign-in and sessions: opaque tokens, stored hashed, idle after 15 minutes, over after 8 hours."""

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session, delete, update

from survey_api.access import queries
from survey_api.access.passwords import verify_password
from survey_api.audit import trail
from survey_api.kit.actor import Actor, ActorKind
from survey_api.kit.clock import Clock
from survey_api.kit.crypto import token_hash
from survey_api.kit.ids import new_token
from survey_api.kit.work import Work
from survey_api.tables.staff import Staff, StaffSession
from survey_api.vocabulary import AuditKind

IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=8)
FREE_TRIES = 5
LONGEST_WAIT = timedelta(minutes=5)  # never a hard lock: a counselor locked out is a child not seen
SEEN_EVERY = timedelta(minutes=1)  # how often activity is written down


@dataclass(frozen=True)
class SignedIn:
    staff_id: str
    token: str


@dataclass(frozen=True)
class SignInRefused:
    """`wait_seconds` > 0: too many tries, even a right password has to wait."""

    wait_seconds: int


def sign_in(work: Work, login: str, password: str) -> SignedIn | SignInRefused:
    """Check a password. A refusal is a value, not an exception: its trail line and throttle are kept."""
    staff = queries.staff_by_login(work.db, login)
    if staff is not None and staff.wait_until is not None and staff.wait_until > work.now:
        return SignInRefused(int((staff.wait_until - work.now).total_seconds()) + 1)
    fits = verify_password(staff.password_hash if staff and staff.active else None, password)
    if staff is None or not fits:
        if staff is not None:
            _count_failure(work, staff)
        trail.record(
            work, AuditKind.SIGN_IN_REFUSED, "staff", staff.id if staff else "unknown", reason="password"
        )
        return SignInRefused(0)
    staff.failed_tries, staff.wait_until = 0, None
    token = new_token()
    work.db.add(staff)
    work.db.add(
        StaffSession(token_hash=token_hash(token), staff_id=staff.id, started_at=work.now, seen_at=work.now)
    )
    work.db.flush()
    trail.record(work, AuditKind.SIGNED_IN, "staff", staff.id)
    return SignedIn(staff.id, token)


def _count_failure(work: Work, staff: Staff) -> None:
    staff.failed_tries += 1
    over = staff.failed_tries - FREE_TRIES
    if over >= 0:
        staff.wait_until = work.now + min(timedelta(seconds=2 ** min(over + 2, 12)), LONGEST_WAIT)
    work.db.add(staff)
    work.db.flush()


def actor_of(db: Session, clock: Clock, token: str) -> Actor | None:
    """The member of staff behind a session token, or None when it is unknown, idle, over or disabled."""
    session = queries.session_by_hash(db, token_hash(token))
    if session is None:
        return None
    now = clock.now()
    if now - session.seen_at > IDLE or now - session.started_at > ABSOLUTE:
        return None
    staff = queries.staff_by_id(db, session.staff_id)
    if staff is None or not staff.active:
        return None
    return Actor(ActorKind.STAFF, staff.id, queries.grants_of(db, staff.id))


def is_stale(db: Session, clock: Clock, token: str) -> bool:
    """True when the last activity was written down more than a minute ago."""
    session = queries.session_by_hash(db, token_hash(token))
    return session is not None and clock.now() - session.seen_at > SEEN_EVERY


def touch(work: Work, token: str) -> None:
    """Write down that this session is in use. No trail line: it is not an act."""
    work.db.exec(
        update(StaffSession).where(StaffSession.token_hash == token_hash(token)).values(seen_at=work.now)  # type: ignore[arg-type]
    )


def sign_out(work: Work, token: str) -> None:
    work.db.exec(delete(StaffSession).where(StaffSession.token_hash == token_hash(token)))  # type: ignore[arg-type]
    trail.record(work, AuditKind.SIGNED_OUT, "staff", work.actor.id)
