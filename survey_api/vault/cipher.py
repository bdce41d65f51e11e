"""How a person is sealed: padded to one length, bound to the pseudonym.

For a school with a lock: a box (survey_api/kit/box.py) to the school's public key, which the server can write and not
open. For a school without one: under the school's vault key, which the server holds.
"""

import json
from dataclasses import asdict, dataclass

from survey_api.kit import box
from survey_api.kit.crypto import Keyring, open_sealed, seal
from survey_api.kit.opened import Opened

_PAD = 512  # every sealed person is equally long: the length must not tell the name


@dataclass(frozen=True)
class PersonName:
    """What the roster says about who a pupil is."""

    family: str
    given: str
    family_kana: str = ""
    given_kana: str = ""
    number: str = ""
    """Attendance number."""

    @property
    def full(self) -> str:
        return f"{self.family} {self.given}".strip()

    @property
    def kana(self) -> str:
        return f"{self.family_kana} {self.given_kana}".strip()


def seal_person(keys: Keyring, school_id: str, wrapped: bytes, pseudonym: str, person: PersonName) -> bytes:
    plain = json.dumps(asdict(person), ensure_ascii=False).encode()
    padded = plain.ljust(_PAD * (len(plain) // _PAD + 1))
    return seal(keys.data_key("vault_kek", school_id, wrapped), padded, f"{school_id}|person|{pseudonym}")


def open_person(keys: Keyring, school_id: str, wrapped: bytes, pseudonym: str, sealed: bytes) -> PersonName:
    plain = open_sealed(
        keys.data_key("vault_kek", school_id, wrapped), sealed, f"{school_id}|person|{pseudonym}"
    )
    return PersonName(**json.loads(plain))


def box_person(public: bytes, school_id: str, pseudonym: str, person: PersonName) -> bytes:
    """Seal to the school's own key."""
    plain = json.dumps(asdict(person), ensure_ascii=False).encode()
    return box.close(public, plain, f"{school_id}|person|{pseudonym}")


def unbox_person(opened: Opened, school_id: str, pseudonym: str, sealed: bytes) -> PersonName:
    """SchoolLocked while this session has not unlocked the school."""
    return PersonName(**json.loads(opened.open(school_id, sealed, f"{school_id}|person|{pseudonym}")))


def lookup_key(keys: Keyring, person_key: str) -> str:
    """The keyed index of a roster identifier."""
    return keys.mac("lookup", person_key).hex()
