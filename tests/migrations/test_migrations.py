"""Migrations and models cannot drift apart, and every revision can be taken back, on both kinds of database."""

import re
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.exc import DatabaseError, IntegrityError

from survey_api.cli.migrate import INI, SECTIONS, config_for
from tests.migrations.conftest import Target

REVISIONS = sorted(path for section in SECTIONS for path in (INI.parent / section).glob("*.py"))
BOOKKEEPING = {"alembic_version"}


@pytest.mark.parametrize("name", SECTIONS)
def test_each_database_has_one_head(name: str) -> None:
    script = ScriptDirectory.from_config(config_for(name, "sqlite://"))
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1


@pytest.mark.parametrize("path", REVISIONS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_revision_is_named_after_its_day(path: Path) -> None:
    assert re.fullmatch(r"20\d{6}_[a-z0-9_]+\.py", path.name)


def test_models_are_what_the_migrations_make(target: Target) -> None:
    command.upgrade(target.config, "head")
    command.check(target.config)


def test_a_table_that_no_model_knows_is_noticed(target: Target) -> None:
    command.upgrade(target.config, "head")
    target.run("CREATE TABLE stray (id INTEGER PRIMARY KEY)")
    with pytest.raises(CommandError, match="stray"):
        command.check(target.config)


def test_every_revision_goes_up_down_and_up_again(target: Target) -> None:
    for revision in target.revisions():
        command.upgrade(target.config, revision)
        command.downgrade(target.config, "-1")
        command.upgrade(target.config, revision)
    command.check(target.config)


def test_all_the_way_down_leaves_nothing(target: Target) -> None:
    command.upgrade(target.config, "head")
    assert len(target.tables()) > 1
    command.downgrade(target.config, "base")
    assert target.tables() <= BOOKKEEPING
    if target.url.startswith("postgresql"):
        assert target.value("SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace") == 0


@pytest.mark.parametrize("section", ["survey"], indirect=True)
@pytest.mark.parametrize("statement", ["UPDATE audit_entries SET facts = '{}'", "DELETE FROM audit_entries"])
def test_the_trail_only_grows(target: Target, statement: str) -> None:
    command.upgrade(target.config, "head")
    target.run(
        "INSERT INTO audit_entries (seq, at, actor_kind, actor_id, kind, subject_kind, subject_id, facts,"
        " previous_hash, hash) VALUES (1, '2026-11-24 00:30:00', 'job', 'a', 'b', 'c', 'd', '{}', 'e', 'f')"
    )
    with pytest.raises(DatabaseError, match="only grows"):
        target.run(statement)
    assert target.value("SELECT facts FROM audit_entries") == "{}"


@pytest.mark.parametrize("section", ["survey"], indirect=True)
def test_an_upgrade_keeps_what_a_house_has_stored(target: Target) -> None:
    """One row in every table of the first schema, each pointing at the others: all are there at the head."""
    command.upgrade(target.config, "survey_0001")
    filled = target.fill_every_table()
    command.upgrade(target.config, "head")
    assert {table: target.value(f"SELECT count(*) FROM {table}") for table in filled} == dict.fromkeys(
        filled, 1
    )


@pytest.mark.parametrize("section", ["survey"], indirect=True)
def test_two_cases_of_one_pupil_and_wave_become_one_and_nothing_is_lost(target: Target) -> None:
    command.upgrade(target.config, "survey_places_for_children")
    target.fill_every_table()
    columns = "school_id, wave_id, pseudonym, result_id, opened_on, level, version, urgency, state, due_on, restricted"
    kept = "school_id, wave_id, pseudonym, result_id, opened_on, level, version"
    target.run("UPDATE cases SET state = 'closed', urgency = 'today', follow_up_on = opened_on")
    for id_, state, day in (("y", "'triage'", "'2026-11-27'"), ("z", "'new'", "'2026-11-25'")):
        target.run(
            f"INSERT INTO cases (id, {columns}) SELECT '{id_}', {kept}, 'check', {state}, {day}, false FROM cases WHERE id = 'x'"
        )
    target.run("UPDATE cases SET urgency = 'this_week' WHERE id = 'z'")
    target.run("UPDATE cases SET restricted = true, owner_id = 'x' WHERE id = 'x'")
    command.upgrade(target.config, "head")
    assert target.value("SELECT count(*) FROM cases") == 3
    assert target.value("SELECT count(*) FROM case_events WHERE case_id = 'x'") == 1
    (goes_on,) = target.rows(
        "SELECT id, state, urgency, due_on, restricted, owner_id FROM cases WHERE merged_into IS NULL"
    )
    assert tuple(map(str, goes_on[:4])) == ("y", "triage", "this_week", "2026-11-25")
    assert (bool(goes_on[4]), goes_on[5]) == (True, "x")
    rest = target.rows("SELECT id, state, merged_into, follow_up_on FROM cases WHERE merged_into IS NOT NULL")
    assert sorted(rest) == [("x", "closed", "y", None), ("z", "closed", "y", None)]
    with pytest.raises(IntegrityError):
        target.run("UPDATE cases SET merged_into = NULL")


@pytest.mark.parametrize("section", ["survey"], indirect=True)
def test_each_of_two_schools_has_its_case_and_going_back_leaves_one_to_work_on(target: Target) -> None:
    command.upgrade(target.config, "head")
    target.fill_every_table()
    target.run("UPDATE cases SET merged_into = NULL")
    for table, other in (("schools", {"id": "y", "code": "y"}), ("cases", {"id": "y", "school_id": "y"})):
        target.double(table, other)
    with pytest.raises(IntegrityError):
        target.double("cases", {"id": "z"})
    command.downgrade(target.config, "survey_memo_clock")
    assert target.rows("SELECT id, merged_into FROM cases ORDER BY id") == [("x", None), ("y", "x")]
    assert target.value("SELECT state FROM cases WHERE id = 'y'") == "closed"
    with pytest.raises(IntegrityError):
        target.double("cases", {"id": "z"})
