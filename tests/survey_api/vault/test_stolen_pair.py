"""Both database files in a thief's hands, without the keys: no name, no answer; and what was shredded is noise."""

import sqlite3
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from sqlmodel import select

from survey_api.access import sealing
from survey_api.kit.actor import Actor
from survey_api.kit.crypto import open_sealed
from survey_api.kit.keyfile import create_key_file
from survey_api.kit.problems import Erased, KeyMissing
from survey_api.services.results import queries as results_queries
from survey_api.services.submissions import queries as submissions_queries
from survey_api.tables.results import Result
from survey_api.tables.submissions import Submission
from survey_api.vault.cipher import lookup_key
from tests.answered import answer
from tests.house import House, bank, open_house, worst_answers

WORDS = [value for value in worst_answers(bank("chu")).values() if isinstance(value, str) and len(value) > 8]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path) as opened:
        answer(opened, worried=2)
        yield opened


def every_value(folder: Path) -> list[bytes]:
    """Every column of every row of both files, as bytes."""
    found = []
    for file in folder.glob("*.db"):
        with sqlite3.connect(file) as db:
            tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables:
                for row in db.execute(f"SELECT * FROM {table}"):
                    found += [value if isinstance(value, bytes) else str(value).encode() for value in row]
    return found


def test_nothing_readable_stands_in_the_stolen_files(house: House, tmp_path: Path) -> None:
    assert WORDS, "the bank has a free text, so there is something to look for"
    hidden = [*WORDS, *(pupil.name.given for pupil in house.pupils), "架空", "カクウ", "ハナコ"]
    hidden += [pupil.ticket.secret for pupil in house.pupils] + [pupil.ticket.code for pupil in house.pupils]
    for file in [*tmp_path.glob("*.db*"), *tmp_path.glob("checkpoints/*")]:
        raw = file.read_bytes()
        assert not [word for word in hidden if word.encode() in raw], file.name


def test_nothing_in_the_files_opens_anything_else_in_them(house: House, tmp_path: Path) -> None:
    """The thief knows the code: how things are sealed and bound. Every 32 bytes in the files are tried as a key."""
    values = every_value(tmp_path)
    blobs = {value for value in values if value[:1] in (b"\x01", b"\x02") and len(value) > 40}
    keys = {value[at : at + 32] for value in blobs for at in (0, 1, 13, len(value) - 32)}
    keys |= {value for value in values if len(value) == 32}
    north = house.schools["north"]
    places = [f"survey_kek|{north}", f"vault_kek|{north}", ""]
    places += [f"{north}|person|{pupil.pseudonym}" for pupil in house.pupils[:2]]
    places += [f"{north}|{house.wave_id}|{pupil.pseudonym}|key" for pupil in house.pupils[:2]]
    opened = 0
    for key, blob, place in product(sorted(keys)[:60], sorted(blobs), places):
        try:
            open_sealed(key, blob.removeprefix(b"\x02"), place)
        except KeyMissing:
            continue
        opened += 1
    assert opened == 0
    assert len(blobs) > 20


def opened_of(house: House, pseudonym: str) -> int:
    """How many of a pupil's stored answers and results can be read."""
    count = 0
    with house.runtime.reading() as db:
        for submission in db.exec(select(Submission).where(Submission.pseudonym == pseudonym)).all():
            count += bool(submissions_queries.sealed_answers(db, house.runtime.keys, submission)["answers"])
        for result in db.exec(select(Result).where(Result.pseudonym == pseudonym)).all():
            count += bool(results_queries.open_result(db, house.runtime.keys, result).assessment)
    return count


def test_a_shredded_pupil_is_noise_and_the_others_are_not(house: House) -> None:
    gone, stays = house.pupils[0].pseudonym, house.pupils[1].pseudonym
    assert opened_of(house, gone) == 2
    with house.runtime.work(Actor.job("test")) as work:
        assert sealing.destroy_keys(work, pseudonym=gone) == 1
        assert sealing.destroy_keys(work, pseudonym=gone) == 0
    with pytest.raises(Erased):
        opened_of(house, gone)
    assert opened_of(house, stays) == 2


def test_a_shredded_wave_is_noise(house: House) -> None:
    with house.runtime.work(Actor.job("test")) as work:
        assert sealing.destroy_keys_of_wave(work, house.wave_id) == len(house.pupils)
    for pupil in house.pupils:
        with pytest.raises(Erased):
            opened_of(house, pupil.pseudonym)


def test_two_cities_know_the_same_pupil_under_other_pseudonyms(tmp_path: Path) -> None:
    known = []
    for city in ("east", "west"):
        folder = tmp_path / city
        folder.mkdir()
        keys = create_key_file(folder / "keys.json")
        known.append(lookup_key(keys, "2026-000123"))
    assert known[0] != known[1]
    with open_house(tmp_path, pupils=3) as house:
        assert len({pupil.pseudonym for pupil in house.pupils}) == 3
        index = house.runtime.vault.known()
        assert index[house.runtime.vault.lookup("0")] == house.pupils[0].pseudonym
