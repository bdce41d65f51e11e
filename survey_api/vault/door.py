"""The only way in and out of the vault.

Writing needs no reason; opening a name needs one, and the trail line of it must be committed before the
name leaves (the journey that opens a name writes the line in the same request's transaction).

A school with a lock has its names in boxes that only its own key opens: writing goes on as ever, reading raises
SchoolLocked until somebody who may has unlocked the school in this session.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sqlmodel import Session, col, delete, select

from survey_api.kit import box
from survey_api.kit.crypto import Keyring
from survey_api.kit.db import Store
from survey_api.kit.ids import new_id
from survey_api.kit.opened import Opened
from survey_api.kit.problems import NotFound
from survey_api.kit.work import Work, reading
from survey_api.vault.cipher import (
    PersonName,
    box_person,
    lookup_key,
    open_person,
    seal_person,
    unbox_person,
)
from survey_api.vault.tables import Person, VaultKey


@dataclass(frozen=True)
class Enrolment:
    """One pupil to be written: the roster's identifier, the school, the name."""

    person_key: str
    school_id: str
    name: PersonName


@dataclass(frozen=True)
class Vault:
    """Reads of the vault. Writes go through `enrol` with a Work on the vault's own store."""

    store: Store
    keys: Keyring
    opened: Opened = field(default_factory=Opened)

    def name_of(self, pseudonym: str) -> PersonName:
        """Open one name. Call only from a journey that leaves a trail line with the reason."""
        with reading(self.store) as db:
            person = db.get(Person, pseudonym)
            if person is None:
                raise NotFound("名簿にこの児童生徒の名前がありません。学校の事務担当に確かめてください。")
            return self._open(db, person)

    def names_of(self, pseudonyms: Iterable[str]) -> dict[str, PersonName]:
        """Open the names of a class for its ticket sheets. The journey leaves the trail line."""
        with reading(self.store) as db:
            rows = db.exec(select(Person).where(col(Person.pseudonym).in_(list(pseudonyms)))).all()
            return {row.pseudonym: self._open(db, row) for row in rows}

    def known(self) -> dict[str, str]:
        """Keyed lookup → pseudonym, for everybody in the vault. Carries no name."""
        with reading(self.store) as db:
            return dict(db.exec(select(Person.lookup, Person.pseudonym)).all())

    def renamed(self, entries: Iterable[Enrolment]) -> frozenset[str]:
        """Keyed lookups of the entries whose stored name or number is another one. No name leaves.

        A name in a box that is not open here is not compared; `unseen` counts those.
        """
        with reading(self.store) as db:
            persons = {row.lookup: row for row in db.exec(select(Person)).all()}
            wrapped = {row.school_id: row.wrapped_key for row in db.exec(select(VaultKey)).all()}
        return frozenset(
            index
            for index, name in ((self.lookup(entry.person_key), entry.name) for entry in entries)
            if (row := persons.get(index)) is not None
            and _differs(self.keys, wrapped, self.opened, row, name)
        )

    def unseen(self, entries: Iterable[Enrolment]) -> int:
        """How many of the entries are known under a name that cannot be compared just now."""
        with reading(self.store) as db:
            rows = db.exec(select(Person.lookup, Person.sealed)).all()
        closed = {index for index, sealed in rows if box.is_box(sealed) and not self.opened.opens(sealed)}
        return sum(self.lookup(entry.person_key) in closed for entry in entries) if closed else 0

    def _open(self, db: Session, row: Person) -> PersonName:
        if row.sealed == LOST:
            raise NotFound(
                "この名前を読める鍵は失われました。名簿をもう一度取り込むと、同じ児童生徒の名前が戻ります。"
            )
        if box.is_box(row.sealed):
            return unbox_person(self.opened, row.school_id, row.pseudonym, row.sealed)
        wrapped = _wrapped_key(db, row.school_id)
        return open_person(self.keys, row.school_id, wrapped, row.pseudonym, row.sealed)

    def strayed(self, keys_of: Mapping[str, frozenset[str]]) -> int:
        """How many names lie in a box that no key of their school opens. `keys_of`: school → ids of its keys."""
        with reading(self.store) as db:
            rows = db.exec(select(Person.school_id, Person.sealed)).all()
        return sum(
            box.is_box(sealed) and box.key_id_of(sealed) not in keys_of.get(school_id, frozenset())
            for school_id, sealed in rows
        )

    def lookup(self, person_key: str) -> str:
        return lookup_key(self.keys, person_key)


LOST = b""
"""Stands where a name lay that nobody can open any more; the roster brings it back to the same pupil."""
NO_LOCKS: Mapping[str, bytes] = MappingProxyType({})


def enrol(
    vault_work: Work, entries: Iterable[Enrolment], locks: Mapping[str, bytes] = NO_LOCKS
) -> Mapping[str, str]:
    """Write or refresh names; returns roster identifier → pseudonym. Pseudonyms never change.

    `locks`: school → public key. A pupil of such a school is found by the keyed lookup and sealed to that key; where
    the name that is there cannot be compared, it is written anew.
    """
    db, keys = vault_work.db, vault_work.keys
    persons = {row.lookup: row for row in db.exec(select(Person)).all()}
    wrapped = {row.school_id: row.wrapped_key for row in db.exec(select(VaultKey)).all()}
    pseudonyms: dict[str, str] = {}
    for entry in entries:
        if entry.school_id not in locks and entry.school_id not in wrapped:
            wrapped[entry.school_id] = keys.new_data_key("vault_kek", entry.school_id)
            db.add(VaultKey(school_id=entry.school_id, wrapped_key=wrapped[entry.school_id]))
        index = lookup_key(keys, entry.person_key)
        person = persons.get(index)
        if person is None:
            person = Person(pseudonym=new_id(), lookup=index, school_id=entry.school_id, sealed=b"")
            persons[index] = person
        elif person.school_id == entry.school_id and _may_stay(vault_work, wrapped, locks, person, entry):
            pseudonyms[entry.person_key] = person.pseudonym
            continue
        person.school_id = entry.school_id
        person.sealed = _sealed(keys, wrapped, locks, person, entry.name)
        db.add(person)
        pseudonyms[entry.person_key] = person.pseudonym
    return pseudonyms


def _may_stay(
    vault_work: Work,
    wrapped: Mapping[str, bytes],
    locks: Mapping[str, bytes],
    person: Person,
    entry: Enrolment,
) -> bool:
    """Whether the stored name is this one and lies under the right kind of key."""
    if box.is_box(person.sealed) != (entry.school_id in locks):
        return False
    if box.is_box(person.sealed) and not vault_work.opened.opens(person.sealed):
        return False
    return not _differs(vault_work.keys, wrapped, vault_work.opened, person, entry.name)


def _sealed(
    keys: Keyring, wrapped: Mapping[str, bytes], locks: Mapping[str, bytes], person: Person, name: PersonName
) -> bytes:
    school_id = person.school_id
    if school_id in locks:
        return box_person(locks[school_id], school_id, person.pseudonym, name)
    return seal_person(keys, school_id, wrapped[school_id], person.pseudonym, name)


def _differs(
    keys: Keyring, wrapped: Mapping[str, bytes], opened: Opened, row: Person, name: PersonName
) -> bool:
    if row.sealed == LOST:
        return True
    if box.is_box(row.sealed):
        if not opened.opens(row.sealed):
            return False
        return unbox_person(opened, row.school_id, row.pseudonym, row.sealed) != name
    return open_person(keys, row.school_id, wrapped[row.school_id], row.pseudonym, row.sealed) != name


def seal_anew(vault_work: Work, school_id: str, public: bytes, limit: int) -> int:
    """Put names of a school under this key of its own, at most `limit`; returns how many were not yet."""
    db, keys = vault_work.db, vault_work.keys
    wrapped = {row.school_id: row.wrapped_key for row in db.exec(select(VaultKey)).all()}
    done = 0
    for row in db.exec(select(Person).where(Person.school_id == school_id)).all():
        if row.sealed == LOST or (box.is_box(row.sealed) and box.key_id_of(row.sealed) == box.key_id(public)):
            continue
        if done == limit:
            break
        if box.is_box(row.sealed):
            name = unbox_person(vault_work.opened, school_id, row.pseudonym, row.sealed)
        else:
            name = open_person(keys, school_id, wrapped[school_id], row.pseudonym, row.sealed)
        row.sealed = box_person(public, school_id, row.pseudonym, name)
        db.add(row)
        done += 1
    db.flush()
    return done


def destroy_server_key(vault_work: Work, school_id: str) -> int:
    """Destroy the key with which the server could read this school's names; returns whether there was one."""
    return int(vault_work.db.exec(delete(VaultKey).where(col(VaultKey.school_id) == school_id)).rowcount)


def under_server_key(db: Session, school_id: str) -> int:
    """How many names of a school the server could still read alone."""
    rows = db.exec(select(Person.sealed).where(Person.school_id == school_id)).all()
    return sum(sealed != LOST and not box.is_box(sealed) for sealed in rows)


def lose_names(vault_work: Work, school_id: str) -> int:
    """Take away boxes that nobody can open any more; returns how many. The pupils and their pseudonyms stay."""
    rows = vault_work.db.exec(select(Person).where(Person.school_id == school_id)).all()
    lost = [row for row in rows if box.is_box(row.sealed)]
    for row in lost:
        row.sealed = LOST
        vault_work.db.add(row)
    vault_work.db.flush()
    return len(lost)


def forget(vault_work: Work, pseudonym: str) -> int:
    """Take a person out of the vault for ever; returns whether somebody was there (1 or 0)."""
    person = vault_work.db.get(Person, pseudonym)
    if person is None:
        return 0
    vault_work.db.delete(person)
    vault_work.db.flush()
    return 1


def rewrap_keys(vault_work: Work) -> int:
    """Put every school's vault key under the newest wrapping key; returns how many were under the former one."""
    count = 0
    for row in vault_work.db.exec(select(VaultKey)).all():
        fresh = vault_work.keys.rewrap_data_key("vault_kek", row.school_id, row.wrapped_key)
        if fresh is not None:
            row.wrapped_key = fresh
            vault_work.db.add(row)
            count += 1
    return count


def _wrapped_key(db: Session, school_id: str) -> bytes:
    return db.exec(select(VaultKey.wrapped_key).where(VaultKey.school_id == school_id)).one()
