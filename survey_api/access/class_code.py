"""A code by which a teacher without an account sees how far one class is: eight signs, made from the class itself.

Nothing is stored. It opens counts in steps of five and nothing else, and ends with the wave.
"""

import unicodedata
from base64 import b32encode
from collections.abc import Iterable
from hmac import compare_digest

from survey_api.kit.crypto import Keyring

SIGNS = 8
CLEAR = "ACDEFGHJKMNPQRTUVWXY3469"
"""No I, L, O, 0, 1, 7, B, 8, S, 5, Z, 2: read from a sheet across a desk, they are taken for one another."""
ClassOf = tuple[str, str, int, str]
"""(wave, school, grade, class name)"""


def class_code(keys: Keyring, of: ClassOf) -> str:
    """The code of one class in one wave, as ACDE-FGHJ, of signs that nobody takes for another."""
    signs = _codes(keys, of)[0]
    return f"{signs[:4]}-{signs[4:]}"


def _codes(keys: Keyring, of: ClassOf) -> list[str]:
    """The signs of this class, then those that stand on paper: of an earlier key, and of the earlier alphabet.

    Codes of letters and 2 to 7 were given out before; teachers hold them as long as their wave runs.
    """
    wave, school, grade, name = of
    macs = keys.macs("tickets", "class", wave, school, str(grade), name)
    return [*map(_clear, macs), *(b32encode(mac).decode()[:SIGNS] for mac in macs)]


def _clear(mac: bytes) -> str:
    rest, signs = int.from_bytes(mac, "big"), ""
    for _ in range(SIGNS):
        rest, at = divmod(rest, len(CLEAR))
        signs += CLEAR[at]
    return signs


def could_be_code(typed: str) -> bool:
    """Whether this has the form of a code: anything else is a slip, not a guess."""
    return len(_signs(typed)) == SIGNS


def corner(typed: str) -> str:
    """The part of the code space that a typed code aims at: who guesses there slows down that part alone.

    Two signs of 24 are 576 parts: a teacher hardly ever shares one with somebody who guesses, and random guesses from
    ever new browsers still come to no more than twenty and then two a minute in each. The mark in front keeps the part
    from being one of ticket numbers.
    """
    return f"c-{_signs(typed)[:2]}"


def _signs(typed: str) -> str:
    folded = unicodedata.normalize("NFKC", typed).upper()
    return "".join(sign for sign in folded if sign.isascii() and sign.isalnum())


def class_of(keys: Keyring, typed: str, classes: Iterable[ClassOf]) -> ClassOf | None:
    """The class whose code was typed, in any case, with or without the dash."""
    wanted = _signs(typed)
    found = None
    for one in classes:
        for signs in _codes(keys, one):
            if compare_digest(signs.encode(), wanted.encode()):
                found = one
    return found
