"""A database or key file that cannot be used: one sentence that says what to do, never a traceback."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def migrate(survey: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "KIZUKI_SURVEY_DATABASE_URL": survey,
        "KIZUKI_VAULT_DATABASE_URL": f"sqlite:///{folder}/vault.db",
        "KIZUKI_KEY_FILE": f"{folder}/keys.json",
    }
    command = [sys.executable, "-m", "survey_api.cli.main", "migrate"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_a_locked_database_is_one_sentence(tmp_path: Path) -> None:
    holder = sqlite3.connect(tmp_path / "survey.db", isolation_level=None)
    holder.execute("CREATE TABLE t (x)")
    holder.execute("BEGIN EXCLUSIVE")
    told = migrate(f"sqlite:///{tmp_path}/survey.db", tmp_path)
    holder.close()
    assert told.returncode == 1
    assert "ほかのプログラムに使われています" in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize("place", ["file/survey.db", "folder"])
def test_a_place_that_cannot_hold_a_database_is_one_sentence(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    told = migrate(f"sqlite:///{tmp_path}/{place}", tmp_path)
    assert told.returncode == 1
    assert "確かめてください" in told.stderr
    assert "Traceback" not in told.stderr
