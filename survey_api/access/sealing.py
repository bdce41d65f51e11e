"""Seal and open what belongs to a school or to one child's wave, bound to its place.

Cases and sheets are sealed with the school's data key. What a child gave and what it meant is sealed with a key
of that child in that wave, itself wrapped by the school's: destroying that one row makes the answers unreadable
for ever, also in every copy of the database that was made without its keys.

Words and names inside such a row are closed once more for a school with a lock: in a box to the school's own key,
which the server can make and not open (`close_words`, `open_words`).
"""

import base64
import json
import secrets
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from sqlalchemy import bindparam, delete, select, text
from sqlmodel import Session, col
from sqlmodel import select as choose

from survey_api.access import school_locks
from survey_api.kit import box
from survey_api.kit.crypto import Keyring, open_sealed, seal
from survey_api.kit.db import table_of
from survey_api.kit.opened import Opened
from survey_api.kit.problems import Erased
from survey_api.kit.work import Work
from survey_api.tables.schools import School
from survey_api.tables.submissions import AnswerKey

_KEK = "survey_kek"
_CHILD = b"\x02"
"""First byte of what is sealed with a child's own key; \\x01 is the school's."""

_KEYS = table_of(AnswerKey)
_KEY_OF = select(_KEYS).where(_KEYS.c.pseudonym == bindparam("who"), _KEYS.c.wave_id == bindparam("wave"))
_KEYS_OF = select(_KEYS).where(
    _KEYS.c.pseudonym.in_(bindparam("who", expanding=True)),
    _KEYS.c.wave_id.in_(bindparam("waves", expanding=True)),
)
_ADD_KEY = text(
    "INSERT INTO answer_keys (pseudonym, wave_id, school_id, wrapped_key) "
    "VALUES (:who, :wave, :school, :wrapped) ON CONFLICT DO NOTHING"
)


class OfChild(Protocol):
    """A ticket, a submission, a result: whatever says whose it is and of which wave."""

    @property
    def school_id(self) -> str: ...
    @property
    def pseudonym(self) -> str: ...
    @property
    def wave_id(self) -> str: ...


def new_wrapped_key(keys: Keyring, school_id: str) -> bytes:
    return keys.new_data_key(_KEK, school_id)


def rewrapped_key(keys: Keyring, school_id: str, wrapped: bytes) -> bytes | None:
    """The school's data key under the newest wrapping key; None when it is already."""
    return keys.rewrap_data_key(_KEK, school_id, wrapped)


def seal_for_school(db: Session, keys: Keyring, school_id: str, place: str, content: Any) -> bytes:
    """JSON → sealed bytes. `place` names the row it belongs to, e.g. "event|<id>"."""
    return seal(_school_key(db, keys, school_id), _plain(content), f"{school_id}|{place}")


def open_for_school(db: Session, keys: Keyring, school_id: str, place: str, sealed: bytes) -> Any:
    """Sealed bytes → JSON. KeyMissing when the key, the school or the place is another one."""
    return json.loads(open_sealed(_school_key(db, keys, school_id), sealed, f"{school_id}|{place}"))


def seal_for_child(db: Session, keys: Keyring, child: OfChild, place: str, content: Any) -> bytes:
    """JSON → bytes sealed with this child's key of this wave; the key is made when there is none."""
    key = _child_key(db, keys, child) or _new_child_key(db, keys, child)
    return _CHILD + seal(key, _plain(content), _place(child, place))


def open_for_child(db: Session, keys: Keyring, child: OfChild, place: str, sealed: bytes) -> Any:
    """Sealed bytes → JSON. Erased when the child's key was destroyed."""
    if sealed[:1] != _CHILD:  # sealed by a version that knew the school's key only
        return open_for_school(db, keys, child.school_id, place, sealed)
    key = _child_key(db, keys, child)
    if key is None:
        raise Erased
    return json.loads(open_sealed(key, sealed[1:], _place(child, place)))


def open_for_children(
    db: Session, keys: Keyring, sealed: Sequence[tuple[OfChild, str, bytes]]
) -> Iterator[Any]:
    """`open_for_child` for many (child, place, sealed) at once, in their order: the keys come in one question."""
    waves = sorted({child.wave_id for child, _, _ in sealed})
    who = sorted({child.pseudonym for child, _, _ in sealed})
    found = db.connection().execute(_KEYS_OF, {"who": who, "waves": waves})
    wrapped = {(row.pseudonym, row.wave_id): row for row in found}
    for child, place, blob in sealed:
        if blob[:1] != _CHILD:
            yield open_for_school(db, keys, child.school_id, place, blob)
            continue
        mine = wrapped.get((child.pseudonym, child.wave_id))
        if mine is None:
            raise Erased
        yield json.loads(open_sealed(_unwrapped(db, keys, mine), blob[1:], _place(child, place)))


def close_words(db: Session, school_id: str, place: str, words: Any) -> str | None:
    """Words in a box to the school's own key, as text; None for a school without a lock."""
    public = school_locks.public_of(db, school_id)
    if public is None:
        return None
    return base64.b64encode(box.close(public, _plain(words), f"{school_id}|{place}")).decode()


def open_words(opened: Opened, school_id: str, place: str, closed: str) -> Any:
    """What `close_words` closed. SchoolLocked while this session has not unlocked the school."""
    return json.loads(opened.open(school_id, base64.b64decode(closed), f"{school_id}|{place}"))


def opens_words(opened: Opened, closed: str) -> bool:
    """Whether `open_words` would."""
    return opened.opens(base64.b64decode(closed))


def is_lost(db: Session, school_id: str, closed: str) -> bool:
    """Whether words lie under a key that was thrown away because nobody could open it any more."""
    known = {key.key_id for key in school_locks.keys_of(db, school_id)}
    return box.key_id_of(base64.b64decode(closed)) not in known


def is_current(public: bytes, closed: str | None) -> bool:
    """Whether words lie under this key of the school, and not under a former one or the server's."""
    return closed is not None and box.key_id_of(base64.b64decode(closed)) == box.key_id(public)


def destroy_keys(work: Work, *, pseudonym: str, wave_id: str | None = None) -> int:
    """Make a child's answers unreadable for ever, of one wave or of all; returns how many keys were there."""
    gone = delete(_KEYS).where(_KEYS.c.pseudonym == pseudonym)
    if wave_id is not None:
        gone = gone.where(_KEYS.c.wave_id == wave_id)
    return work.db.connection().execute(gone).rowcount


def destroy_keys_of_wave(work: Work, wave_id: str) -> int:
    """The same for everybody who answered in a wave."""
    return work.db.connection().execute(delete(_KEYS).where(_KEYS.c.wave_id == wave_id)).rowcount


def _child_key(db: Session, keys: Keyring, child: OfChild) -> bytes | None:
    who = {"who": child.pseudonym, "wave": child.wave_id}
    row = db.connection().execute(_KEY_OF, who).first()
    if row is None:
        return None
    return _unwrapped(db, keys, row)


def _unwrapped(db: Session, keys: Keyring, row: Any) -> bytes:
    """The school that wrapped it is where the child began: one that moves in the middle of a wave goes on elsewhere."""
    return open_sealed(_school_key(db, keys, row.school_id), row.wrapped_key, _place(row, "key"))


def _new_child_key(db: Session, keys: Keyring, child: OfChild) -> bytes:
    fresh = secrets.token_bytes(32)
    wrapped = seal(_school_key(db, keys, child.school_id), fresh, _place(child, "key"))
    values = {"who": child.pseudonym, "wave": child.wave_id, "school": child.school_id, "wrapped": wrapped}
    if db.connection().execute(_ADD_KEY, values).rowcount:
        return fresh
    made_meanwhile = _child_key(db, keys, child)
    if made_meanwhile is None:
        raise Erased
    return made_meanwhile


def _place(child: OfChild, place: str) -> str:
    return f"{child.school_id}|{child.wave_id}|{child.pseudonym}|{place}"


def _plain(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _school_key(db: Session, keys: Keyring, school_id: str) -> bytes:
    known = keys.known_data_key(_KEK, school_id)
    if known is not None:
        return known
    wrapped = db.exec(choose(School.wrapped_key).where(col(School.id) == school_id)).one()
    return keys.data_key(_KEK, school_id, wrapped)
