"""Staff sign-in and sessions: opaque tokens, stored hashed, idle after 30 minutes, over after 8 hours."""

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session, col, delete, update

from survey_api.access import queries, second_factor, sign_in_tries, steps
from survey_api.access.passwords import verify_password
from survey_api.access.sign_in_tries import Where
from survey_api.access.steps import Purpose
from survey_api.audit import trail
from survey_api.kit.actor import Actor, ActorKind
from survey_api.kit.clock import Clock
from survey_api.kit.crypto import token_hash
from survey_api.kit.ids import new_token
from survey_api.kit.work import Work
from survey_api.tables.locks import Unlocker
from survey_api.tables.staff import Staff, StaffSession
from survey_api.vocabulary import AuditKind

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=8)
NOWHERE = Where()
FREE_TRIES = 5
LONGEST_WAIT = sign_in_tries.LONGEST_WAIT
FRESH = timedelta(minutes=5)  # changing how one signs in asks for a proof this new (OWASP ASVS 5.0, 7.5.1)
LEFT_OVER = timedelta(hours=24)  # how long words typed into a session that ran out are still taken
SEEN_EVERY = timedelta(minutes=1)  # how often activity is written down


@dataclass(frozen=True)
class SignedIn:
    staff_id: str
    token: str


@dataclass(frozen=True)
class NextStep:
    """The password was right; a second factor is asked for, or (`enrol`) has to be set up first."""

    token: str
    enrol: bool


@dataclass(frozen=True)
class SignInRefused:
    """`wait_seconds` > 0: too many tries, even a right password has to wait."""

    wait_seconds: int


Outcome = SignedIn | NextStep | SignInRefused


def sign_in(
    work: Work, login: str, password: str, *, demand_second: bool, back: str = "", where: Where = NOWHERE
) -> Outcome:
    """Check a password. A refusal is a value, not an exception: its trail line and throttle are kept.

    Whoever has a second factor is asked for it always; `demand_second` sends those without one to enrol. A name
    that nobody has is refused, slowed and answered like any other.
    """
    staff = queries.staff_by_login(work.db, login)
    staff_id = staff.id if staff else ""
    wait = sign_in_tries.seconds_to_wait(work, login, staff_id, where)
    wait = max(wait, seconds_to_wait(work, staff) if staff else 0)  # wrong codes after a right password
    if wait:
        return SignInRefused(wait)
    fits = verify_password(staff.password_hash if staff and staff.active else None, password)
    if staff is None or not fits:
        sign_in_tries.note_wrong(work, login, staff_id, where)
        trail.record(work, AuditKind.SIGN_IN_REFUSED, "staff", staff_id or "unknown", reason="password")
        return SignInRefused(0)
    sign_in_tries.forgive(work, login, staff_id, where)
    return proceed(work, staff, by="password", demand_second=demand_second, back=back)


def proceed(work: Work, staff: Staff, *, by: str, demand_second: bool, back: str = "") -> Outcome:
    """The first proof fits: a session, or the second proof."""
    if second_factor.has_one(work.db, staff):
        token = steps.begin(work, Purpose.SECOND_FACTOR, staff.id, {"back": back, "by": by})
        return NextStep(token, enrol=False)
    if demand_second:
        state = {"back": back, "by": by, "secret": second_factor.new_secret()}
        return NextStep(steps.begin(work, Purpose.ENROL_TOTP, staff.id, state), enrol=True)
    return open_session(work, staff, by)


def second_step(work: Work, token: str, code: str) -> Outcome:
    """A one-time code or a recovery code; StepOver when the step is no longer open."""
    step = steps.look(work, token, Purpose.SECOND_FACTOR)
    staff = queries.staff_by_id(work.db, step.staff_id or "")
    if staff is None or not staff.active:
        raise steps.StepOver
    if seconds_to_wait(work, staff):
        return SignInRefused(seconds_to_wait(work, staff))
    if second_factor.check_totp(work, staff, code):
        by = "totp"
    elif second_factor.use_recovery_code(work, staff.id, code):
        by = "recovery"
    else:
        steps.count_try(work, step)
        return refuse(work, staff, "second_factor")
    steps.finish(work, step)
    return open_session(work, staff, by)


def open_session(work: Work, staff: Staff, by: str) -> SignedIn:
    """A new token for somebody who has proved enough; tokens are never carried over a sign-in."""
    staff.failed_tries, staff.wait_until, staff.signed_in_on = 0, None, work.now.date()
    token = new_token()
    work.db.add(staff)
    work.db.add(
        StaffSession(token_hash=token_hash(token), staff_id=staff.id, started_at=work.now, seen_at=work.now)
    )
    work.db.flush()
    trail.record(work, AuditKind.SIGNED_IN, "staff", staff.id, by=by)
    return SignedIn(staff.id, token)


def refuse(work: Work, staff: Staff | None, reason: str) -> SignInRefused:
    """Count it and write it down; the answer is the same for a stranger."""
    if staff is not None:
        count_failure(work, staff)
    trail.record(work, AuditKind.SIGN_IN_REFUSED, "staff", staff.id if staff else "unknown", reason=reason)
    return SignInRefused(0)


def seconds_to_wait(work: Work, staff: Staff) -> int:
    """Seconds until this account may try again; 0: now."""
    if staff.wait_until is None or staff.wait_until <= work.now:
        return 0
    return int((staff.wait_until - work.now).total_seconds()) + 1


def count_failure(work: Work, guarded: Staff | Unlocker) -> None:
    """One wrong try more; from the fifth on each makes the next one wait longer."""
    guarded.failed_tries += 1
    over = guarded.failed_tries - FREE_TRIES
    if over >= 0:
        guarded.wait_until = work.now + min(timedelta(seconds=2 ** min(over + 2, 12)), LONGEST_WAIT)
    work.db.add(guarded)
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


def left_by(db: Session, clock: Clock, token: str) -> Actor | None:
    """Whose session ran out, for keeping words that were typed into it; None for any other token, or after a day."""
    session = queries.session_by_hash(db, token_hash(token))
    if session is None or clock.now() - session.seen_at > LEFT_OVER:
        return None
    staff = queries.staff_by_id(db, session.staff_id)
    if staff is None or not staff.active:
        return None
    return Actor(ActorKind.STAFF, staff.id, queries.grants_of(db, staff.id))


def is_fresh(db: Session, clock: Clock, token: str) -> bool:
    """True when this session was opened, with its proofs, within the last five minutes."""
    session = queries.session_by_hash(db, token_hash(token))
    return session is not None and clock.now() - session.started_at <= FRESH


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


def end_all(work: Work, staff_id: str) -> None:
    """Sign a person out on every device."""
    ended = work.db.exec(delete(StaffSession).where(col(StaffSession.staff_id) == staff_id))
    trail.record(work, AuditKind.SESSIONS_ENDED, "staff", staff_id, count=ended.rowcount)
