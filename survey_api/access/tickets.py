"""A pupil's way in: a QR secret of 128 bits, and a typed code of 12 digits with a Damm check digit.

The QR secret is looked up by a keyed hash (it cannot be guessed). The typed code is short, so it is kept
under a keyed hash and then argon2id tuned to a few milliseconds; its first four digits, keyed too, find the
candidates. Source: OWASP ASVS 6.5.2 for look-up secrets below 112 bits; H. M. Damm, 2004, for the digit.
"""

import secrets
import unicodedata
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from survey_api.kit.crypto import Keyring

CODE_DIGITS = 12
SELECTOR_DIGITS = 4
_HASHER = PasswordHasher(time_cost=1, memory_cost=4 * 1024, parallelism=1, hash_len=16, salt_len=8)

_DAMM = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)


@dataclass(frozen=True)
class NewTicket:
    """The secrets of one ticket, known only while it is printed, and what may be stored of them."""

    secret: str
    code: str
    qr_mac: str
    code_selector: str
    code_hash: str

    @property
    def code_shown(self) -> str:
        """1234-5678-9012"""
        return "-".join(self.code[i : i + 4] for i in range(0, CODE_DIGITS, 4))


def new_ticket(keys: Keyring, wave_id: str) -> NewTicket:
    digits = "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS - 1))
    code = digits + str(damm(digits))
    secret = secrets.token_urlsafe(16)
    return NewTicket(
        secret=secret,
        code=code,
        qr_mac=qr_mac(keys, secret),
        code_selector=code_selector(keys, code),
        code_hash=_HASHER.hash(keys.mac("tickets", "code", wave_id, code)),
    )


def qr_mac(keys: Keyring, secret: str) -> str:
    return keys.mac("tickets", "qr", secret).hex()


def qr_macs(keys: Keyring, secret: str) -> list[str]:
    """Under which hash a printed secret may be stored: this key's, or one of those before it."""
    return [mac.hex() for mac in keys.macs("tickets", "qr", secret)]


def code_selector(keys: Keyring, code: str) -> str:
    return code_selectors(keys, code)[0]


def code_selectors(keys: Keyring, code: str) -> list[str]:
    """The same for the first digits of a typed code; the newest key's first."""
    return [mac.hex()[:16] for mac in keys.macs("tickets", "selector", code[:SELECTOR_DIGITS])]


def code_fits(keys: Keyring, wave_id: str, code: str, stored: str, key_number: int = 0) -> bool:
    """Whether this is the code behind `stored`, which was made with the newest key but `key_number`."""
    try:
        return _HASHER.verify(stored, keys.macs("tickets", "code", wave_id, code)[key_number])
    except VerificationError:
        return False


def damm(digits: str) -> int:
    """The Damm check digit: catches every single wrong digit and every swap of neighbours."""
    state = 0
    for digit in digits:
        state = int(_DAMM[state][int(digit)])
    return state


def read_code(typed: str) -> str | None:
    """What a child typed → 12 digits, or None when it cannot be a code.

    Full-width digits, spaces and any dash are accepted.
    """
    folded = unicodedata.normalize("NFKC", typed)
    digits = "".join(ch for ch in folded if not ch.isspace() and ch not in "-‐‑‒–—―ー−~〜_.")
    if len(digits) != CODE_DIGITS or not digits.isascii() or not digits.isdigit():
        return None
    return digits if damm(digits) == 0 else None
