"""Copy one database into a file and back, as its maker means it to be done, while the service goes on.

SQLite: the online backup interface (copying the file itself under writers makes corrupt copies). PostgreSQL:
pg_dump and pg_restore of the server's version. The table of answer keys is left out: it is kept apart.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import TextClause, make_url, text

from survey_api.kit.db import create_private, is_sqlite, make_engine
from survey_api.kit.problems import Problem

KEPT_APART = "answer_keys"
Rows = list[dict[str, str]]


class BackupFailed(Problem):
    """A copy could not be made or put back; what was there before is as it was."""

    code = "backup_failed"
    status = 500
    title = "バックアップできませんでした。"


def copy_out(url: str, target: Path, tools: Path | None) -> None:
    """The whole database but the answer keys, in one file."""
    if is_sqlite(url):
        _copy_sqlite(url, target)
        return
    args = ["--format=custom", "--no-owner", "--no-privileges", f"--exclude-table-data={KEPT_APART}"]
    _postgres("pg_dump", [*args, f"--file={target}"], url, tools)


def copy_in(source: Path, url: str, tools: Path | None) -> None:
    """Put a copy into an empty place. BackupFailed when something is there already."""
    if not is_empty(url):
        raise BackupFailed(
            f"{_shown(url)} には、もうデータがあります。空のデータベースを用意して、設定をそこに向けてください。"
        )
    if is_sqlite(url):
        path = Path(make_url(url).database or "")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        create_private(path)
        shutil.copyfile(source, path)
        return
    args = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", str(source)]
    _postgres("pg_restore", args, url, tools)


def is_empty(url: str) -> bool:
    """Nothing is stored there yet."""
    if is_sqlite(url):
        path = Path(make_url(url).database or "")
        return not path.exists() or path.stat().st_size == 0
    return not table_names(url)


def table_names(url: str) -> list[str]:
    """Every table of the database, sorted."""
    listing = (
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        if is_sqlite(url)
        else "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    )
    return sorted(str(name) for (name,) in _asked(url, listing))


def counts(url: str) -> dict[str, int]:
    """Rows per table."""
    return {name: int(_asked(url, f'SELECT count(*) FROM "{name}"')[0][0]) for name in table_names(url)}  # noqa: S608 - names from the catalogue


def counts_of_copy(copy: Path, url: str, tools: Path | None) -> dict[str, int]:
    """Rows per table inside a copy."""
    if is_sqlite(url):
        db = sqlite3.connect(f"file:{copy}?mode=ro", uri=True)
        try:
            names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {name: db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608
        finally:
            db.close()
    found: dict[str, int] = {}
    table = ""
    for line in _postgres("pg_restore", ["--data-only", "--file=-", str(copy)], "", tools).splitlines():
        if line.startswith("COPY public."):
            table = line.split()[1].removeprefix("public.").strip('"')
            found[table] = 0
        elif line == "\\.":
            table = ""
        elif table:
            found[table] += 1
    return found


def answer_keys(url: str) -> Rows:
    """The rows that are kept apart, as text."""
    if KEPT_APART not in table_names(url):
        return []
    rows = _asked(url, f"SELECT pseudonym, wave_id, school_id, wrapped_key FROM {KEPT_APART}")  # noqa: S608
    return [
        {"who": who, "wave": wave, "school": school, "wrapped": bytes(wrapped).hex()}
        for who, wave, school, wrapped in rows
    ]


def put_answer_keys(url: str, rows: Rows) -> None:
    """Put the rows that were kept apart back in."""
    statement = text(
        f"INSERT INTO {KEPT_APART} (pseudonym, wave_id, school_id, wrapped_key) "  # noqa: S608
        "VALUES (:who, :wave, :school, :wrapped)"
    )
    _changed(url, statement, [{**row, "wrapped": bytes.fromhex(row["wrapped"])} for row in rows])


def persons(url: str) -> list[str]:
    """Pseudonyms of everybody in the vault."""
    return [str(who) for (who,) in _asked(url, "SELECT pseudonym FROM persons")]


def forget_persons(url: str, gone: list[str]) -> None:
    """Take out of a restored vault whoever was erased after the copy was made."""
    _changed(url, text("DELETE FROM persons WHERE pseudonym = :who"), [{"who": who} for who in gone])


def is_sound(url: str) -> bool:
    """SQLite's own check of a copy; PostgreSQL has checked while it restored."""
    return not is_sqlite(url) or _asked(url, "PRAGMA integrity_check") == [("ok",)]


def _copy_sqlite(url: str, target: Path) -> None:
    path = Path(make_url(url).database or "")
    if not path.exists():
        raise BackupFailed(f"データベース {path} がありません。")
    source, copy = sqlite3.connect(path), sqlite3.connect(target, isolation_level=None)
    try:
        with source, copy:
            source.backup(copy)
        if copy.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (KEPT_APART,)).fetchone():
            copy.execute(f"DELETE FROM {KEPT_APART}")  # noqa: S608
        copy.execute("PRAGMA journal_mode=DELETE")
        copy.execute("VACUUM")
    finally:
        source.close()
        copy.close()


def _postgres(program: str, args: list[str], url: str, tools: Path | None) -> str:
    """Run one of PostgreSQL's own programs, against `url` when there is one; returns what it printed."""
    found = str(tools / program) if tools else shutil.which(program)
    if not found or not Path(found).exists():
        raise BackupFailed(
            f"{program} が見つかりません。KIZUKI_POSTGRES_BIN に {program} のあるフォルダを入れてください。"
        )
    environment = dict(os.environ)
    if url:
        where = make_url(url)
        environment["PGPASSWORD"] = where.password or ""
        address = where._replace(drivername="postgresql", password=None).render_as_string()
        args = [f"--dbname={address}", *args]
    done = subprocess.run(  # noqa: S603 - the program is found by the operator's own setting
        [found, *args], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise BackupFailed(f"{program}: {(done.stderr.strip().splitlines() or ['failed'])[-1]}")
    return done.stdout


def _asked(url: str, statement: str) -> list[tuple[Any, ...]]:
    engine = make_engine(url, read_only=True)
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement)).all()]
    finally:
        engine.dispose()


def _changed(url: str, statement: TextClause, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    engine = make_engine(url, read_only=False)
    try:
        with engine.begin() as connection:
            connection.execute(statement, [dict(row) for row in rows])
    finally:
        engine.dispose()


def _shown(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)
