"""The lock of a school, looked at: which key seals, who can open it, and whether enough of them still can.

A school without a lock is as before: its names and words lie under keys that the server holds.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from survey_api.access import queries
from survey_api.access.permissions import ROLES, Permission
from survey_api.kit import box
from survey_api.tables.locks import SchoolLock, Unlocker, UnlockerKey
from survey_api.tables.staff import Staff
from survey_api.vocabulary import LockState, Role

LEAST_UNLOCKERS = 3
"""One of them on paper: people forget, move and fall ill."""
LEAST_PROVED = 2
PROVED_WITHIN = timedelta(days=30)

_PUBLIC = select(SchoolLock.public).where(
    col(SchoolLock.school_id) == bindparam("school"), col(SchoolLock.state) == LockState.SEALED
)


@dataclass(frozen=True)
class Holder:
    """Somebody, or a paper, that can open a school's lock or waits to be let in."""

    id: str
    staff_id: str | None
    name: str
    waiting: bool
    usable: bool
    made_on: date
    opened_on: date | None
    number: str
    """To be compared by two people, so that nobody is let in under a colleague's name."""

    @property
    def paper(self) -> bool:
        return self.staff_id is None


@dataclass(frozen=True)
class Lock:
    """A school's lock with everybody who holds it. `state` of None: the school has none."""

    school_id: str
    state: LockState | None
    holders: tuple[Holder, ...]
    complete: bool
    """Nothing of the school is left under another key."""

    @property
    def usable(self) -> list[Holder]:
        return [holder for holder in self.holders if holder.usable]

    def proved(self, today: date) -> int:
        """How many have opened it lately."""
        limit = today - PROVED_WITHIN
        return sum(holder.opened_on is not None and holder.opened_on >= limit for holder in self.usable)

    def shortfalls(self, today: date) -> list[str]:
        """What is missing before a child's name may hang on this lock alone; empty when nothing is."""
        found = []
        if len(self.usable) < LEAST_UNLOCKERS:
            found.append(f"ひらける人と紙が{len(self.usable)}です。{LEAST_UNLOCKERS}以上にしてください。")
        if not any(holder.paper for holder in self.usable):
            found.append("封筒に入れる紙の鍵がありません。1枚つくって、校長の金庫に入れてください。")
        if self.proved(today) < LEAST_PROVED:
            found.append(
                f"この{PROVED_WITHIN.days}日のあいだに鍵をひらいてみた人が{self.proved(today)}人です。"
                f"{LEAST_PROVED}人以上が、いちどひらいてください。"
            )
        return found


def public_of(db: Session, school_id: str) -> bytes | None:
    """The key that what is written for this school is sealed to; None when the school has no lock."""
    row = db.connection().execute(_PUBLIC, {"school": school_id}).first()
    return bytes(row[0]) if row else None


def publics(db: Session) -> Mapping[str, bytes]:
    """School → the key that seals, for every school with a lock."""
    asked = select(SchoolLock.school_id, SchoolLock.public).where(SchoolLock.state == LockState.SEALED)
    return dict(db.exec(asked).all())


def keys_of(db: Session, school_id: str) -> list[SchoolLock]:
    """Every key pair of a school, the one that seals first."""
    rows = db.exec(select(SchoolLock).where(SchoolLock.school_id == school_id)).all()
    return sorted(rows, key=lambda row: row.state == LockState.RETIRING)


def lock_of(db: Session, school_id: str) -> Lock:
    """A school's lock and who holds it, people first, in the order they came."""
    keys = keys_of(db, school_id)
    if not keys:
        return Lock(school_id, None, (), complete=False)
    held = set(db.exec(select(UnlockerKey.unlocker_id).where(UnlockerKey.key_id == keys[0].key_id)).all())
    may = {staff.id for staff in queries.staff_at(db, school_id, _roles())}
    rows = db.exec(
        select(Unlocker, Staff)
        .outerjoin(Staff, col(Staff.id) == col(Unlocker.staff_id))
        .where(Unlocker.school_id == school_id)
        .order_by(col(Unlocker.made_on), col(Unlocker.id))
    ).all()
    holders = [
        Holder(
            id=row.id,
            staff_id=row.staff_id,
            name=staff.name if staff else "紙の鍵(封筒)",
            waiting=row.id not in held,
            usable=row.id in held and (row.staff_id is None or row.staff_id in may),
            made_on=row.made_on,
            opened_on=row.opened_on,
            number=number_of(row.public),
        )
        for row, staff in rows
    ]
    return Lock(
        school_id,
        LockState(keys[0].state),
        tuple(sorted(holders, key=lambda holder: holder.paper)),
        complete=len(keys) == 1 and keys[0].complete_on is not None,
    )


def schools_with_lock(db: Session) -> list[str]:
    """Schools that have a lock or are preparing one."""
    return sorted(set(db.exec(select(SchoolLock.school_id)).all()))


def broken_shapes(db: Session) -> list[str]:
    """What of the locks could not be opened by anybody, found without any passphrase: shapes and bindings only."""
    found = []
    keys = {row.key_id: row for row in db.exec(select(SchoolLock)).all()}
    for key_id, row in keys.items():
        if box.key_id(row.public) != key_id or not _fits(row.canary, key_id):
            found.append(f"key {key_id} does not fit its canary")
    held: dict[str, int] = dict.fromkeys(keys, 0)
    people = {row.id: row for row in db.exec(select(Unlocker)).all()}
    for given in db.exec(select(UnlockerKey)).all():
        unlocker = people[given.unlocker_id]
        whole = len(unlocker.salt) == 16 and len(unlocker.sealed_private) == SEALED_PRIVATE
        if whole and _fits(given.sealed, box.key_id(unlocker.public)):
            held[given.key_id] += 1
    found += [f"key {key_id} is held by nobody" for key_id, number in held.items() if not number]
    return found


SEALED_PRIVATE = 1 + 12 + 32 + 16
"""Length of a sealed private key: format, nonce, key, tag."""


def _fits(blob: bytes, key_id: str) -> bool:
    return box.is_box(blob) and box.key_id_of(blob) == key_id and len(blob) > box.STEP


def number_of(public: bytes) -> str:
    """Eight digits of a public key, for two people to compare."""
    digits = f"{int.from_bytes(hashlib.sha256(b'kizuki|number|' + public).digest()[:8]) % 10**8:08d}"
    return f"{digits[:4]}-{digits[4:]}"


def _roles() -> list[str]:
    return [str(role) for role in Role if Permission.OPEN_LOCK in ROLES[role]]
