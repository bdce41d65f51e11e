"""The smallest invented city, made by running the product: every state exists, and no name is where it must not be."""

import json
import sqlite3
from datetime import date
from pathlib import Path

import pytest

from survey_api.access import unlockers
from survey_api.cli.migrate import upgrade_both
from survey_api.practice.city import invent_city
from survey_api.practice.load import Loaded, load_city, remember
from survey_api.runtime import open_runtime
from survey_api.settings import Settings
from survey_api.vocabulary import CaseState
from tests.locked import QUICK

SEED, SIZE = 3, 0.01


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Loaded]:
    folder = tmp_path_factory.mktemp("city")
    settings = Settings(
        survey_database_url=f"sqlite:///{folder}/survey.db",
        vault_database_url=f"sqlite:///{folder}/vault.db",
        key_file=folder / "keys.json",
        _env_file=None,
    )
    upgrade_both(settings)
    with pytest.MonkeyPatch.context() as patch, open_runtime(settings) as runtime:
        patch.setattr(unlockers, "COST", QUICK)
        loaded = load_city(runtime, lambda *_: None, seed=SEED, size=SIZE, today=date(2026, 11, 23))
    return folder, loaded


def rows(folder: Path, question: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(folder / "survey.db") as db:
        return db.execute(question).fetchall()


def test_two_waves_are_closed_and_released_and_one_is_open(made):
    folder, _ = made
    states = [state for (state,) in rows(folder, "SELECT state FROM waves ORDER BY opens_on")]
    assert states == ["closed", "closed", "open"]
    assert rows(folder, "SELECT count(*) FROM releases") == [(2,)]


def test_most_pupils_answered_and_a_share_of_the_open_wave_is_left(made):
    folder, _ = made
    pupils = len(invent_city(SEED, SIZE).pupils)
    shares = [
        count / pupils
        for (count,) in rows(
            folder,
            "SELECT count(*) FROM submissions JOIN waves ON waves.id = wave_id GROUP BY waves.id ORDER BY opens_on",
        )
    ]
    assert all(share > 0.8 for share in shares[:2])
    assert 0.6 < shares[2] < 0.85


def test_cases_exist_in_every_state(made):
    folder, _ = made
    assert {state for (state,) in rows(folder, "SELECT DISTINCT state FROM cases")} == {
        str(state) for state in CaseState
    }


def test_there_is_an_unused_ticket_per_band_and_a_sign_in_per_role(made, tmp_path):
    _, loaded = made
    assert list(loaded.tickets) == ["sho-low", "sho-high", "chu", "kou"]
    assert set(loaded.codes) == set(loaded.tickets)
    roles = {"counselor", "welfare", "welfare-2", "office", "operator", "head", "duty"}
    assert set(loaded.sign_ins) == roles
    remember(tmp_path / "practice.json", loaded)
    assert (tmp_path / "practice.json").stat().st_mode & 0o077 == 0
    assert json.loads((tmp_path / "practice.json").read_text())["codes"] == loaded.codes


def test_one_school_is_locked_and_its_people_can_open_it(made):
    folder, loaded = made
    assert rows(folder, "SELECT state, complete_on IS NOT NULL FROM school_locks") == [("sealed", 1)]
    assert rows(folder, "SELECT count(*) FROM unlockers WHERE staff_id IS NULL") == [(1,)]
    assert rows(folder, "SELECT count(*) FROM unlockers WHERE opened_on IS NOT NULL") == [(3,)]
    assert rows(folder, "SELECT count(*) FROM open_locks") == [(0,)]
    assert loaded.lock.login not in {login for login, _ in loaded.sign_ins.values()}, (
        "the first way is as before"
    )
    for secret in (loaded.lock.phrase, loaded.lock.code):
        assert secret.encode() not in b"".join(path.read_bytes() for path in folder.glob("*.db*"))


def test_no_name_of_the_roster_is_in_the_survey_database(made):
    folder, _ = made
    stored = b"".join(path.read_bytes() for path in folder.glob("survey.db*"))
    for pupil in invent_city(SEED, SIZE).pupils:
        whole = (pupil.family.written + pupil.given.written, pupil.family.kana + pupil.given.kana)
        for name in (
            *whole,
            f"{pupil.family.written} {pupil.given.written}",
            pupil.source_id,
            pupil.master_id,
        ):
            assert name.encode() not in stored
