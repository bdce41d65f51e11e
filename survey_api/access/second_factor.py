"""One-time codes (TOTP, RFC 6238) and the recovery codes on paper that stand in for them.

A code works once (OWASP ASVS 5.0, 6.5.1) and one step early or late, for clocks that are off.
"""

import hmac
import secrets

import pyotp
from sqlmodel import Session, col, delete, select

from survey_api.access import queries
from survey_api.audit import trail
from survey_api.kit.crypto import Keyring
from survey_api.kit.work import Work
from survey_api.tables.sign_in import RecoveryCode
from survey_api.tables.staff import Staff
from survey_api.vocabulary import AuditKind

SECONDS = 30
RECOVERY_CODES = 10
_LETTERS = "ABCDEFGHJKMNPQRTUVWXY346789"  # nothing that two people read differently
_DIGITS = {**str.maketrans("０１２３４５６７８９", "0123456789"), **dict.fromkeys(map(ord, " -‐－ー　"))}


def has_one(db: Session, staff: Staff) -> bool:
    """True when this person has enrolled one-time codes or a passkey."""
    return staff.totp_sealed is not None or bool(queries.passkeys_of(db, staff.id))


def new_secret() -> str:
    return pyotp.random_base32()


def address(secret: str, login: str) -> str:
    """The otpauth:// address that an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name="Kizuki")


def confirm_totp(work: Work, staff: Staff, secret: str, code: str) -> bool:
    """Enrol a new secret when the person can show its code; the old one is replaced."""
    step = _matching_step(secret, code, int(work.now.timestamp()), after=0)
    if step is None:
        return False
    staff.totp_sealed = work.keys.wrap("survey_kek", _place(staff.id), secret.encode())
    staff.totp_step = step
    work.db.add(staff)
    work.db.flush()
    trail.record(work, AuditKind.FACTOR_CHANGED, "staff", staff.id, factor="totp", change="enrolled")
    return True


def check_totp(work: Work, staff: Staff, code: str) -> bool:
    """True for a current code that was not used before."""
    if staff.totp_sealed is None:
        return False
    secret = totp_secret(work.keys, staff)
    step = _matching_step(secret, code, int(work.now.timestamp()), after=staff.totp_step)
    if step is None:
        return False
    staff.totp_step = step
    work.db.add(staff)
    work.db.flush()
    return True


def totp_secret(keys: Keyring, staff: Staff) -> str:
    return keys.unwrap("survey_kek", _place(staff.id), staff.totp_sealed or b"").decode()


def rewrap_secrets(work: Work) -> int:
    """Put every secret under the newest wrapping key; returns how many were not. Part of a rotation."""
    count = 0
    for staff in work.db.exec(select(Staff).where(col(Staff.totp_sealed).is_not(None))).all():
        fresh = work.keys.rewrap("survey_kek", _place(staff.id), staff.totp_sealed or b"")
        if fresh is not None:
            staff.totp_sealed = fresh
            work.db.add(staff)
            count += 1
    work.db.flush()
    return count


def new_recovery_codes(work: Work, staff_id: str) -> list[str]:
    """Ten fresh codes, shown once; the earlier ones stop working."""
    _forget_recovery_codes(work, staff_id)
    codes = ["-".join(_letters(4) for _ in range(4)) for _ in range(RECOVERY_CODES)]
    for code in codes:
        work.db.add(RecoveryCode(code_hash=_recovery_hash(work.keys, staff_id, code), staff_id=staff_id))
    work.db.flush()
    trail.record(work, AuditKind.FACTOR_CHANGED, "staff", staff_id, factor="recovery", change="enrolled")
    return codes


def use_recovery_code(work: Work, staff_id: str, code: str) -> bool:
    """True once per code."""
    row = work.db.get(RecoveryCode, _recovery_hash(work.keys, staff_id, code))
    if row is None:
        return False
    work.db.delete(row)
    work.db.flush()
    trail.record(work, AuditKind.FACTOR_CHANGED, "staff", staff_id, factor="recovery", change="used")
    return True


def take_all_off(work: Work, staff: Staff) -> None:
    """No second factor any more: the next sign-in has to enrol a new one."""
    staff.totp_sealed, staff.totp_step = None, 0
    work.db.add(staff)
    for passkey in queries.passkeys_of(work.db, staff.id):
        work.db.delete(passkey)
    _forget_recovery_codes(work, staff.id)
    work.db.flush()
    trail.record(work, AuditKind.FACTOR_CHANGED, "staff", staff.id, factor="all", change="removed")


def _forget_recovery_codes(work: Work, staff_id: str) -> None:
    work.db.exec(delete(RecoveryCode).where(col(RecoveryCode.staff_id) == staff_id))


def _matching_step(secret: str, code: str, seconds: int, *, after: int) -> int | None:
    typed = code.translate(_DIGITS)
    totp = pyotp.TOTP(secret, interval=SECONDS)
    now = seconds // SECONDS
    for step in (now - 1, now, now + 1):
        if step > after and hmac.compare_digest(totp.at(step * SECONDS).encode(), typed.encode()):
            return step
    return None


def _letters(count: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(count))


def _recovery_hash(keys: Keyring, staff_id: str, code: str) -> str:
    plain = "".join(letter for letter in code.upper() if letter in _LETTERS)
    return keys.mac("lookup", "recovery", staff_id, plain).hex()


def _place(staff_id: str) -> str:
    return f"totp|{staff_id}"
