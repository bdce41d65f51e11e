"""The only way in and out of the vault.

Writing needs no reason; opening a name needs one, and the trail line of it must be committed before the
name leaves (the journey that opens a name writes the line in the same request's transaction).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from survey_api.kit.crypto import Keyring
from survey_api.kit.db import Store
from survey_api.kit.ids import new_id
from survey_api.kit.problems import NotFound
from survey_api.kit.work import Work, reading
from survey_api.vault.cipher import PersonName, lookup_key, open_person, seal_person
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

    def name_of(self, pseudonym: str) -> PersonName:
        """Open one name. Call only from a journey that leaves a trail line with the reason."""
        with reading(self.store) as db:
            person = db.get(Person, pseudonym)
            if person is None:
                raise NotFound("名簿にこの児童生徒の名前がありません。学校の事務担当に確かめてください。")
            wrapped = _wrapped_key(db, person.school_id)
            return open_person(self.keys, person.school_id, wrapped, pseudonym, person.sealed)

    def names_of(self, pseudonyms: Iterable[str]) -> dict[str, PersonName]:
        """Open the names of a class for its ticket sheets. The journey leaves the trail line."""
        with reading(self.store) as db:
            rows = db.exec(select(Person).where(col(Person.pseudonym).in_(list(pseudonyms)))).all()
            return {
                row.pseudonym: open_person(
                    self.keys, row.school_id, _wrapped_key(db, row.school_id), row.pseudonym, row.sealed
                )
                for row in rows
            }

    def known(self) -> dict[str, str]:
        """Keyed lookup → pseudonym, for everybody in the vault. Carries no name."""
        with reading(self.store) as db:
            return dict(db.exec(select(Person.lookup, Person.pseudonym)).all())

    def renamed(self, entries: Iterable[Enrolment]) -> frozenset[str]:
        """Keyed lookups of the entries whose stored name or number is another one. No name leaves."""
        with reading(self.store) as db:
            persons = {row.lookup: row for row in db.exec(select(Person)).all()}
            wrapped = {row.school_id: row.wrapped_key for row in db.exec(select(VaultKey)).all()}
        return frozenset(
            index
            for index, name in ((self.lookup(entry.person_key), entry.name) for entry in entries)
            if (row := persons.get(index)) is not None
            and open_person(self.keys, row.school_id, wrapped[row.school_id], row.pseudonym, row.sealed)
            != name
        )

    def lookup(self, person_key: str) -> str:
        return lookup_key(self.keys, person_key)


def enrol(vault_work: Work, entries: Iterable[Enrolment]) -> Mapping[str, str]:
    """Write or refresh names; returns roster identifier → pseudonym. Pseudonyms never change."""
    db, keys = vault_work.db, vault_work.keys
    persons = {row.lookup: row for row in db.exec(select(Person)).all()}
    wrapped = {row.school_id: row.wrapped_key for row in db.exec(select(VaultKey)).all()}
    pseudonyms: dict[str, str] = {}
    for entry in entries:
        if entry.school_id not in wrapped:
            wrapped[entry.school_id] = keys.new_data_key("vault_kek", entry.school_id)
            db.add(VaultKey(school_id=entry.school_id, wrapped_key=wrapped[entry.school_id]))
        index = lookup_key(keys, entry.person_key)
        person = persons.get(index)
        if person is None:
            person = Person(pseudonym=new_id(), lookup=index, school_id=entry.school_id, sealed=b"")
            persons[index] = person
        elif person.school_id == entry.school_id and (
            open_person(keys, person.school_id, wrapped[person.school_id], person.pseudonym, person.sealed)
            == entry.name
        ):
            pseudonyms[entry.person_key] = person.pseudonym
            continue
        person.school_id = entry.school_id
        person.sealed = seal_person(
            keys, entry.school_id, wrapped[entry.school_id], person.pseudonym, entry.name
        )
        db.add(person)
        pseudonyms[entry.person_key] = person.pseudonym
    return pseudonyms


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
