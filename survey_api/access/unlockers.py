"""Who can open a school's lock: begin it, ask to be let in, let somebody in, take somebody out, change the key.

Every unlocker has a key pair of its own, whose private half is sealed under a passphrase or the code on a paper
(argon2id, AES-256-GCM). The school's private key is sealed to each of those public keys: so a new key of the school
can be given to all of them without a passphrase, and nobody is let in but by somebody who has the lock open.
"""

import os
import secrets
import unicodedata
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session, col, delete, select

from survey_api.access import queries, school_locks
from survey_api.access.passwords import Cost, stretch, verify_password
from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.access.scope import Scope
from survey_api.audit import trail
from survey_api.kit import box
from survey_api.kit.actor import ActorKind
from survey_api.kit.clock import school_day
from survey_api.kit.crypto import open_sealed, seal
from survey_api.kit.ids import new_id
from survey_api.kit.problems import BadInput, IllegalMove, NotAllowed, NotFound, SchoolLocked
from survey_api.kit.work import Work
from survey_api.tables.locks import OpenLock, SchoolLock, Unlocker, UnlockerKey
from survey_api.vocabulary import AuditKind, LockState

MIN_PHRASE, MAX_PHRASE = 15, 128
CANARY = b"kizuki"
COST = Cost()
NONE_YET = "この学校の鍵は、まだ用意されていません。"
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that two people read differently
_LIKE = str.maketrans("OIL", "011")
_PAPER, _CODE_LENGTH = "KZ", 25


def new_code() -> str:
    """A code for a paper: 125 random bits in groups of five."""
    drawn = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))
    return "-".join([_PAPER, *(drawn[at : at + 5] for at in range(0, _CODE_LENGTH, 5))])


def folded(phrase: str) -> tuple[str, bool]:
    """(what is stretched, whether it is the code of a paper): the same however a keyboard writes it."""
    plain = unicodedata.normalize("NFKC", phrase).strip()
    letters = "".join(letter for letter in plain.upper() if letter.isalnum())
    if letters.startswith(_PAPER) and len(letters) == len(_PAPER) + _CODE_LENGTH:
        return letters.translate(_LIKE), True
    return plain, False


@dataclass(frozen=True)
class Prepared:
    """A passphrase checked and stretched, before a transaction is begun: stretching is slow on purpose."""

    id: str
    salt: bytes
    stretched: bytes = field(repr=False)


def prepare(db: Session, staff_id: str, phrase: str) -> Prepared:
    """A passphrase that may be used: long enough, and not the one the service hears at every sign-in. Looks only."""
    plain, paper = folded(phrase)
    if paper or not MIN_PHRASE <= len(plain) <= MAX_PHRASE:
        raise BadInput(
            f"合言葉は{MIN_PHRASE}文字以上{MAX_PHRASE}文字以内にしてください。短い文でもかまいません。"
        )
    staff = queries.staff_by_id(db, staff_id)
    if staff is not None and verify_password(staff.password_hash, phrase):
        raise BadInput("サインインのパスワードと同じ合言葉は使えません。別のものにしてください。")
    return _prepared(plain)


def prepare_paper() -> tuple[str, Prepared]:
    """(a fresh code to print, what `new_paper` needs of it)."""
    code = new_code()
    return code, _prepared(folded(code)[0])


def begin(work: Work, school_id: str, prepared: Prepared) -> None:
    """The first unlocker makes the key pair. Nothing is sealed to it yet. IllegalMove when there is one already."""
    _require(work, school_id)
    if school_locks.keys_of(work.db, school_id):
        raise IllegalMove("この学校の鍵は、もう用意が始まっています。")
    private, key_id = _new_key(work, school_id, LockState.PREPARING)
    _give(work, _add(work, school_id, work.actor.id, prepared), key_id, private)
    trail.record(work, AuditKind.LOCK_BEGUN, "school", school_id, key=key_id)


def ask(work: Work, school_id: str, prepared: Prepared) -> None:
    """Wait, with a passphrase, for somebody who has the lock open. Also how one's own phrase is replaced."""
    _require(work, school_id)
    if not school_locks.keys_of(work.db, school_id):
        raise IllegalMove(NONE_YET)
    for holder in school_locks.lock_of(work.db, school_id).holders:
        if holder.waiting and holder.staff_id == work.actor.id:
            _remove(work, holder.id)
    unlocker = _add(work, school_id, work.actor.id, prepared)
    trail.record(work, AuditKind.UNLOCKER_ASKED, "school", school_id, unlocker=unlocker.id)


def let_in(work: Work, school_id: str, unlocker_id: str) -> None:
    """Give a waiting unlocker the school's keys; an earlier one of the same person goes."""
    keys = _open_keys(work, school_id)
    unlocker = _of_school(work, school_id, unlocker_id)
    former = [
        holder.id
        for holder in school_locks.lock_of(work.db, school_id).holders
        if holder.staff_id is not None and holder.staff_id == unlocker.staff_id and holder.id != unlocker.id
    ]
    for key_id, private in keys.items():
        _give(work, unlocker, key_id, private)
    for each in former:
        _remove(work, each)
    trail.record(work, AuditKind.UNLOCKER_ADDED, "school", school_id, unlocker=unlocker_id, by="person")


def new_paper(work: Work, school_id: str, prepared: Prepared) -> None:
    """The envelope gets a fresh code, shown once by whoever prepared it; earlier papers no longer open anything."""
    keys = _open_keys(work, school_id)
    for holder in school_locks.lock_of(work.db, school_id).holders:
        if holder.paper:
            _remove(work, holder.id)
    unlocker = _add(work, school_id, None, prepared)
    for key_id, private in keys.items():
        _give(work, unlocker, key_id, private)
    trail.record(work, AuditKind.UNLOCKER_ADDED, "school", school_id, unlocker=unlocker.id, by="paper")


def take_out(work: Work, school_id: str, unlocker_id: str) -> None:
    """Take somebody out; IllegalMove while that would leave too few to be sure of."""
    _open_keys(work, school_id)
    unlocker = _of_school(work, school_id, unlocker_id)
    lock = school_locks.lock_of(work.db, school_id)
    left = [holder for holder in lock.usable if holder.id != unlocker.id]
    counted = any(holder.id == unlocker.id for holder in lock.usable)
    if counted and len(left) < school_locks.LEAST_UNLOCKERS and lock.state is LockState.SEALED:
        raise IllegalMove(f"外すと、ひらける人と紙が{len(left)}になります。先に、ほかの人を加えてください。")
    if unlocker.staff_id is None and lock.state is LockState.SEALED:
        raise IllegalMove("紙の鍵は外せません。「紙の鍵をつくり直す」で取りかえてください。")
    _remove(work, unlocker.id)
    work.db.exec(delete(OpenLock).where(col(OpenLock.unlocker_id) == unlocker_id))
    trail.record(work, AuditKind.UNLOCKER_REMOVED, "school", school_id, unlocker=unlocker_id)


def seal_from_now(work: Work, school_id: str) -> None:
    """From now on what is written for the school is sealed to its key. IllegalMove while too few can open it."""
    _open_keys(work, school_id)
    key = school_locks.keys_of(work.db, school_id)[0]
    if key.state != LockState.PREPARING:
        return  # begun before and interrupted: what is left is sealed now
    missing = school_locks.lock_of(work.db, school_id).shortfalls(school_day(work.now))
    if missing:
        raise BadInput("まだ鍵をかけられません。", details=missing)
    key.state = LockState.SEALED
    work.db.add(key)
    work.db.flush()
    trail.record(work, AuditKind.LOCK_SEALED, "school", school_id, key=key.key_id)


def new_key(work: Work, school_id: str) -> dict[str, bytes]:
    """A new key pair of the school, given to everybody who held the old one; returns key id → private key.

    One that was begun is gone on with.
    """
    keys = _open_keys(work, school_id)
    rows = school_locks.keys_of(work.db, school_id)
    if len(rows) > 1:
        return keys
    if rows[0].state != LockState.SEALED or rows[0].complete_on is None:
        raise IllegalMove("鍵をかけ終えてから、取りかえてください。")
    old = rows[0]
    old.state = LockState.RETIRING
    work.db.add(old)
    work.db.flush()
    private, key_id = _new_key(work, school_id, LockState.SEALED)
    held = work.db.exec(
        select(Unlocker)
        .join(UnlockerKey, col(UnlockerKey.unlocker_id) == col(Unlocker.id))
        .where(UnlockerKey.key_id == old.key_id)
    ).all()
    for unlocker in held:
        _give(work, unlocker, key_id, private)
    trail.record(work, AuditKind.LOCK_ROTATED, "school", school_id, key=key_id, former=old.key_id)
    return {**keys, key_id: private}


def settle(work: Work, school_id: str) -> None:
    """Everything of the school is under the key that seals: a retiring one is destroyed."""
    for key in school_locks.keys_of(work.db, school_id):
        if key.state == LockState.RETIRING:
            work.db.exec(delete(SchoolLock).where(col(SchoolLock.key_id) == key.key_id))
        else:
            key.complete_on = key.complete_on or school_day(work.now)
            work.db.add(key)
    work.db.flush()


def forget(work: Work, school_id: str, names: int) -> None:
    """Throw away a lock that nobody can open any more, with everybody who held it. For the terminal only."""
    if work.actor.kind is not ActorKind.TERMINAL:
        raise NotAllowed
    work.db.exec(delete(SchoolLock).where(col(SchoolLock.school_id) == school_id))
    work.db.exec(delete(Unlocker).where(col(Unlocker.school_id) == school_id))
    trail.record(work, AuditKind.LOCK_FORGOTTEN, "school", school_id, count=names)


def private_of(unlocker: Unlocker, stretched: bytes) -> bytes:
    """An unlocker's own private key; KeyMissing when the passphrase was another one."""
    return open_sealed(stretched, unlocker.sealed_private, _place(unlocker.school_id, unlocker.id))


def stretched_for(unlocker: Unlocker, phrase: str) -> bytes:
    """The slow part of trying a passphrase. Not to be called inside a transaction that writes."""
    return stretch(phrase, unlocker.salt, Cost(unlocker.memory_kib, unlocker.time_cost))


def given_place(unlocker_id: str, key_id: str) -> str:
    """What the school's key is bound to where it is sealed to an unlocker."""
    return f"unlocker key|{unlocker_id}|{key_id}"


def canary_place(school_id: str) -> str:
    return f"{school_id}|canary"


def _require(work: Work, school_id: str) -> None:
    require(work.actor, Permission.OPEN_LOCK)
    Scope.of(work.actor, Permission.OPEN_LOCK).require(school_id)


def _open_keys(work: Work, school_id: str) -> dict[str, bytes]:
    """Every key of the school as the actor's session has it open; SchoolLocked otherwise."""
    _require(work, school_id)
    found = {}
    for row in school_locks.keys_of(work.db, school_id):
        private = work.opened.key(row.key_id)
        if private is None:
            raise SchoolLocked(school_id=school_id)
        found[row.key_id] = private
    if not found:
        raise IllegalMove(NONE_YET)
    return found


def _new_key(work: Work, school_id: str, state: LockState) -> tuple[bytes, str]:
    private, public = box.new_pair()
    key_id = box.key_id(public)
    work.db.add(
        SchoolLock(
            key_id=key_id,
            school_id=school_id,
            public=public,
            canary=box.close(public, CANARY, canary_place(school_id)),
            state=state,
            made_on=_today(work),
        )
    )
    work.db.flush()
    return private, key_id


def _prepared(plain: str) -> Prepared:
    salt = os.urandom(16)
    return Prepared(new_id(), salt, stretch(plain, salt, COST))


def _add(work: Work, school_id: str, staff_id: str | None, prepared: Prepared) -> Unlocker:
    private, public = box.new_pair()
    unlocker = Unlocker(
        id=prepared.id,
        school_id=school_id,
        staff_id=staff_id,
        public=public,
        salt=prepared.salt,
        memory_kib=COST.memory_kib,
        time_cost=COST.time_cost,
        sealed_private=seal(prepared.stretched, private, _place(school_id, prepared.id)),
        made_on=_today(work),
    )
    work.db.add(unlocker)
    work.db.flush()
    return unlocker


def _give(work: Work, unlocker: Unlocker, key_id: str, private: bytes) -> None:
    sealed = box.close(unlocker.public, private, given_place(unlocker.id, key_id))
    work.db.merge(UnlockerKey(unlocker_id=unlocker.id, key_id=key_id, sealed=sealed))
    work.db.flush()


def _remove(work: Work, unlocker_id: str) -> None:
    work.db.exec(delete(Unlocker).where(col(Unlocker.id) == unlocker_id))


def _of_school(work: Work, school_id: str, unlocker_id: str) -> Unlocker:
    unlocker = work.db.get(Unlocker, unlocker_id)
    if unlocker is None or unlocker.school_id != school_id:
        raise NotFound
    return unlocker


def _place(school_id: str, unlocker_id: str) -> str:
    return f"{school_id}|unlocker|{unlocker_id}"


def _today(work: Work) -> date:
    return school_day(work.now)
