"""Checkpoints outside the database: what the chain alone cannot show is shown, on both databases."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from survey_api.audit import chain, checkpoints, queries, trail
from survey_api.audit.chain import entry_hash
from survey_api.audit.checkpoints import Checkpoint, CheckpointBroken
from survey_api.jobs.checkpoint import write_checkpoint
from survey_api.kit.actor import Actor
from survey_api.kit.keyfile import create_key_file
from survey_api.tables.audit import AuditEntry
from survey_api.vocabulary import AuditKind
from tests.house import House, open_house
from tests.postgres import PostgresServer, serial

LINES = 60
"""More than the house itself writes while it is furnished."""


def fill(house: House) -> None:
    for number in range(LINES - queries_head(house)[0]):
        with house.runtime.work(Actor.job("test")) as work:
            trail.record(work, AuditKind.CASE_VIEWED, "case", f"c{number}")


def queries_head(house: House) -> tuple[int, str]:
    with house.runtime.reading() as db:
        return queries.head(db)


def verdict(house: House) -> chain.Verdict:
    with house.runtime.reading() as db:
        marks = checkpoints.marks(house.runtime.settings.checkpoint_folder, house.runtime.keys)
        return chain.verify(queries.all_entries(db), marks)


@pytest.fixture(params=["sqlite", "postgres"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """A house with sixty lines and two checkpoints, after line 15 and after the last."""
    urls = None
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        templates = request.getfixturevalue("postgres_templates")
        number = next(serial)
        names = [f"trail_{number}", f"trail_vault_{number}"]
        first, second = map(server.create, names, templates)
        urls = (first, second)
    with open_house(tmp_path, pupils=1, urls=urls, after=two_checkpoints) as opened:
        yield opened


def two_checkpoints(house: House) -> None:
    fill(house)
    folder = house.runtime.settings.checkpoint_folder
    with house.runtime.reading() as db:
        line = db.get_one(AuditEntry, 15)
    yesterday = house.clock.now() - timedelta(days=1)
    checkpoints.keep(folder, house.runtime.keys, Checkpoint(15, line.hash, yesterday))
    assert write_checkpoint(house.runtime) == 1


def tamper(house: House, *statements: str) -> None:
    """What somebody with every right on the database can do: switch the triggers off, then change lines."""
    with house.runtime.survey.write.begin() as connection:
        on = " ON audit_entries" if connection.dialect.name == "postgresql" else ""
        for trigger in ("no_update", "no_delete"):
            connection.execute(text(f"DROP TRIGGER audit_entries_{trigger}{on}"))
        for statement in statements:
            connection.execute(text(statement))


def rewrite(house: House, first: int) -> None:
    """Change a line and link every later one again, so that the chain itself holds."""
    tamper(house)
    with house.runtime.reading() as db:
        rows = list(queries.all_entries(db))
    previous = rows[first - 2].hash
    with house.runtime.survey.write.begin() as connection:
        for row in rows[first - 1 :]:
            row.previous_hash = previous
            row.actor_id = "nobody" if row.seq == first else row.actor_id
            previous = entry_hash(row)
            connection.execute(
                text(
                    "UPDATE audit_entries SET actor_id=:who, previous_hash=:before, hash=:new WHERE seq=:seq"
                ),
                {"who": row.actor_id, "before": row.previous_hash, "new": previous, "seq": row.seq},
            )


COPY = (
    "INSERT INTO audit_entries SELECT {at}, at, actor_kind, actor_id, kind, subject_kind, subject_id, facts, "
    "previous_hash, hash FROM audit_entries WHERE seq = 3"
)
UP = [f"UPDATE audit_entries SET seq = {seq + 1} WHERE seq = {seq}" for seq in range(LINES, 6, -1)]


@pytest.mark.parametrize(
    ("statements", "at"),
    [
        (["UPDATE audit_entries SET kind = 'x' WHERE seq = 9"], 9),
        (["DELETE FROM audit_entries WHERE seq = 12"], 12),
        (["DELETE FROM audit_entries WHERE seq > 17"], 18),
        (["DELETE FROM audit_entries"], 1),
        ([COPY.format(at=LINES + 1)], LINES + 1),
        ([*UP, COPY.format(at=7)], 7),
        (
            [
                "UPDATE audit_entries SET seq = -6 WHERE seq = 6",
                "UPDATE audit_entries SET seq = 6 WHERE seq = 11",
                "UPDATE audit_entries SET seq = 11 WHERE seq = -6",
            ],
            6,
        ),
    ],
    ids=["edit", "delete", "cut off", "empty", "append a copy", "insert", "reorder"],
)
def test_tampering_is_found_and_its_first_line_named(house: House, statements: list[str], at: int) -> None:
    assert verdict(house).broken_at is None
    tamper(house, *statements)
    assert verdict(house).broken_at == at


@pytest.mark.parametrize(("first", "named"), [(4, 1), (18, 16)], ids=["before line 15", "after line 15"])
def test_a_trail_written_anew_is_found_between_its_checkpoints(house: House, first: int, named: int) -> None:
    rewrite(house, first)
    with house.runtime.reading() as db:
        assert chain.verify(queries.all_entries(db)).broken_at is None, "the chain alone cannot see it"
    found = verdict(house)
    assert found.broken_at == named
    assert "書き直されています" in found.reason


@pytest.mark.parametrize("verb", ["UPDATE audit_entries SET kind = 'x'", "DELETE FROM audit_entries"])
def test_the_database_itself_refuses(house: House, verb: str) -> None:
    with pytest.raises(DatabaseError, match="only grows"), house.runtime.survey.write.begin() as connection:
        connection.execute(text(verb))


def test_postgresql_refuses_to_empty_the_table(house: House) -> None:
    if house.runtime.survey.write.dialect.name == "postgresql":
        with (
            pytest.raises(DatabaseError, match="only grows"),
            house.runtime.survey.write.begin() as connection,
        ):
            connection.execute(text("TRUNCATE audit_entries"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "notes"


def test_a_changed_or_foreign_checkpoint_is_refused_by_name(folder: Path, tmp_path: Path) -> None:
    with open_house(tmp_path, pupils=1) as opened:
        keys, now = opened.runtime.keys, opened.clock.now()
    path = checkpoints.keep(folder, keys, Checkpoint(10, "a" * 64, now))
    good = path.read_bytes()
    assert [note.lines for _, note in checkpoints.kept(folder, keys)] == [10]
    stranger = create_key_file(tmp_path / "other.json")
    for bad in (
        good.replace(b"\n10\n", b"\n11\n"),
        good[:-9],
        b"",
        checkpoints.signed(stranger, Checkpoint(10, "a" * 64, now)),
    ):
        path.write_bytes(bad)
        with pytest.raises(CheckpointBroken, match=path.name):
            checkpoints.kept(folder, keys)


def test_the_same_day_and_length_is_written_once(folder: Path, tmp_path: Path) -> None:
    with open_house(tmp_path, pupils=1) as opened:
        assert write_checkpoint(opened.runtime) == 1
        assert write_checkpoint(opened.runtime) == 0
        opened.clock.move(timedelta(days=1))
        assert write_checkpoint(opened.runtime) == 1


def test_the_terminal_says_where_the_trail_was_cut(tmp_path: Path) -> None:
    with open_house(tmp_path, pupils=1) as opened:
        write_checkpoint(opened.runtime)
        tamper(opened, "DELETE FROM audit_entries WHERE seq > 5")
    environment = {
        "KIZUKI_SURVEY_DATABASE_URL": f"sqlite:///{tmp_path}/survey.db",
        "KIZUKI_VAULT_DATABASE_URL": f"sqlite:///{tmp_path}/vault.db",
        "KIZUKI_KEY_FILE": f"{tmp_path}/keys.json",
        "KIZUKI_CHECKPOINT_FOLDER": f"{tmp_path}/checkpoints",
    }
    done = subprocess.run(
        [sys.executable, "-m", "survey_api.cli.main", "audit", "verify"],
        env=environment, cwd=Path(__file__).parents[3], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "6行目で切れています: 終わりが切り取られています" in done.stderr
