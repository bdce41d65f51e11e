"""Staff passwords: argon2id, and the same time spent on an unknown login."""

import threading
from collections.abc import Callable
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from survey_api.kit.problems import BadInput, Busy

T = TypeVar("T")

UNSET = "-"
"""Stored while nobody has set one: nothing fits it, in the time of a wrong password."""

MIN_LENGTH = 12
MAX_LENGTH = 128
_HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)
_AT_ONCE = threading.BoundedSemaphore(4)  # 64 MiB each: a burst of sign-ins must not eat the machine
_NOBODY = _HASHER.hash("nobody signs in with this")


def hash_password(password: str) -> str:
    """BadInput when the length is outside 12..128 characters; no other rule (NIST SP 800-63B)."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise BadInput(f"パスワードは{MIN_LENGTH}文字以上{MAX_LENGTH}文字以内にしてください。")
    return _guarded(lambda: _HASHER.hash(password))


def verify_password(stored: str | None, password: str) -> bool:
    """True when it fits. With no stored hash the same work is done and the answer is no."""

    def check() -> bool:
        try:
            known = stored is not None and stored != UNSET
            return _HASHER.verify(stored if known and stored else _NOBODY, password[:MAX_LENGTH]) and known
        except (VerificationError, InvalidHashError):
            return False

    return _guarded(check)


def _guarded(job: Callable[[], T]) -> T:
    if not _AT_ONCE.acquire(timeout=10):
        raise Busy
    try:
        return job()
    finally:
        _AT_ONCE.release()
