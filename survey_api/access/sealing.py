"""Seal and open what belongs to a school, with that school's data key, bound to its place."""

import json
from typing import Any

from sqlmodel import Session, select

from survey_api.kit.crypto import Keyring, open_sealed, seal
from survey_api.tables.schools import School

_KEK = "survey_kek"


def new_wrapped_key(keys: Keyring, school_id: str) -> bytes:
    return keys.new_data_key(_KEK, school_id)


def seal_for_school(db: Session, keys: Keyring, school_id: str, place: str, content: Any) -> bytes:
    """JSON → sealed bytes. `place` names the row it belongs to, e.g. "submission|<id>"."""
    plain = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return seal(_school_key(db, keys, school_id), plain, f"{school_id}|{place}")


def open_for_school(db: Session, keys: Keyring, school_id: str, place: str, sealed: bytes) -> Any:
    """Sealed bytes → JSON. KeyMissing when the key, the school or the place is another one."""
    return json.loads(open_sealed(_school_key(db, keys, school_id), sealed, f"{school_id}|{place}"))


def _school_key(db: Session, keys: Keyring, school_id: str) -> bytes:
    known = keys.known_data_key(_KEK, school_id)
    if known is not None:
        return known
    wrapped = db.exec(select(School.wrapped_key).where(School.id == school_id)).one()
    return keys.data_key(_KEK, school_id, wrapped)
