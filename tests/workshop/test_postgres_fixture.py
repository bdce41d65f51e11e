"""The throw-away server is real, leaves nothing behind, and gives every module its own databases."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import create_engine, text

HOLD_A_SERVER = """
import sys, time
import pytest
pytest_plugins = ["tests.postgres"]
def test_hold(postgres_server):
    print("FOLDER", postgres_server.sockets.parent, file=sys.__stderr__, flush=True)
    time.sleep(60)
"""


def one_value(url: str, query: str) -> object:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return connection.execute(text(query)).scalar()
    finally:
        engine.dispose()


def test_it_is_a_real_server(postgres_database: str) -> None:
    assert str(one_value(postgres_database, "select version()")).startswith("PostgreSQL ")


def test_an_empty_database_has_no_tables(postgres_database: str) -> None:
    assert one_value(postgres_database, "select count(*) from pg_tables where schemaname = 'public'") == 0


def test_migrated_databases_are_two_and_apart(postgres_urls: tuple[str, str]) -> None:
    names = "select string_agg(tablename, ' ') from pg_tables where schemaname = 'public'"
    survey, vault = (str(one_value(url, names)).split() for url in postgres_urls)
    assert "audit_entries" in survey
    assert set(survey) & set(vault) == {"alembic_version"}


def test_a_killed_run_leaves_neither_server_nor_folder(tmp_path: Path) -> None:
    script = tmp_path / "test_hold.py"
    script.write_text(HOLD_A_SERVER)
    run = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "pytest",
            "-s",
            "-p",
            "no:cacheprovider",
            "--rootdir",
            str(tmp_path),
            str(script),
        ],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    assert run.stderr is not None
    folder = Path(next(line for line in run.stderr if line.startswith("FOLDER")).split()[1])
    server = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    run.send_signal(signal.SIGKILL)
    run.communicate()
    for _ in range(200):
        if not folder.exists():
            break
        time.sleep(0.05)
    assert not folder.exists()
    assert not running(server)


def running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")
    return not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] != "Z"
