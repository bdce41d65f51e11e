"""Staff passwords: argon2id, and the same time spent on an unknown login."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type, hash_secret_raw

from survey_api.kit.problems import BadInput, Busy

T = TypeVar("T")

UNSET = "-"
"""Stored while nobody has set one: nothing fits it, in the time of a wrong password."""

MIN_LENGTH = 12
MAX_LENGTH = 128
LOOKED_AT = 72
GUESSES_LOG10 = 8
"""Fewer guesses than ten to this power is too easy, also behind a slow hash and a throttle."""
_HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)
PATIENCE = 10.0
"""Seconds that somebody waits for a place; then it is said that the house is busy."""
_AT_ONCE = threading.BoundedSemaphore(4)  # 64 MiB each: a burst of sign-ins must not eat the machine
_NOBODY = _HASHER.hash("nobody signs in with this")


def hash_password(password: str) -> str:
    """BadInput when the length is outside 12..128 characters, or the password is on everybody's list.

    No rule about kinds of characters, no expiry (NIST SP 800-63B).
    """
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise BadInput(f"パスワードは{MIN_LENGTH}文字以上{MAX_LENGTH}文字以内にしてください。")
    if _is_common(password):
        raise BadInput(
            "よく使われる言葉や並びでできているため、すぐに当てられます。"
            "関係のない言葉をいくつかつなげるなど、ほかのパスワードにしてください。"
        )
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


@dataclass(frozen=True)
class Cost:
    """What stretching a passphrase takes; stored beside what it opens, so that it can be raised later."""

    memory_kib: int = 64 * 1024
    time_cost: int = 3


def stretch(phrase: str, salt: bytes, cost: Cost) -> bytes:
    """32 bytes from a passphrase (argon2id), within the same bound on how many run at once. Busy beyond it."""
    return _guarded(
        lambda: hash_secret_raw(
            phrase.encode(),
            salt,
            time_cost=cost.time_cost,
            memory_cost=cost.memory_kib,
            parallelism=1,
            hash_len=32,
            type=Type.ID,
        )
    )


def _is_common(password: str) -> bool:
    """Whether a list of leaked passwords, names, words and patterns, kept on this machine, gets there quickly."""
    from zxcvbn import zxcvbn

    found = zxcvbn(password[:LOOKED_AT], user_inputs=["kizuki", "yuzawa"], max_length=LOOKED_AT)
    return bool(found["guesses_log10"] < GUESSES_LOG10)


def _guarded(job: Callable[[], T]) -> T:
    if not _AT_ONCE.acquire(timeout=PATIENCE):
        raise Busy
    try:
        return job()
    finally:
        _AT_ONCE.release()
