"""Engines. SQLite is the embedded default (one writer, WAL, every commit on disk); PostgreSQL the other.

Reading and writing have their own engines: a read can never write, and a write takes its lock at once
(BEGIN IMMEDIATE) instead of failing half-way when it upgrades.
"""

import os
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, Table, create_engine, delete, event, make_url, select
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.pool import QueuePool
from sqlmodel import SQLModel

from survey_api.kit.problems import DatabaseUnavailable

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
POOL_SECONDS = 2  # then it is said that the house is busy: shorter than anybody's patience with a request
POOL_SIZE = 40  # as many as there are request threads, so that nobody waits for a connection


def new_metadata() -> MetaData:
    return MetaData(naming_convention=NAMING)


@dataclass(frozen=True)
class Store:
    """One database, opened twice."""

    read: Engine
    write: Engine

    def answers(self) -> bool:
        """Whether the database answers just now."""
        try:
            with self.read.connect() as connection:
                connection.exec_driver_sql("SELECT 1")
        except SQLAlchemyError:
            return False
        return True

    def forget_freed(self) -> None:
        """After something was erased: no freed page, log or dead row may still hold it."""
        raw = self.write.raw_connection()
        try:
            if self.write.dialect.name == "sqlite":
                raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            else:
                raw.dbapi_connection.autocommit = True  # type: ignore[union-attr]
                raw.cursor().execute("VACUUM")
                raw.dbapi_connection.autocommit = False  # type: ignore[union-attr]
        finally:
            raw.close()

    def dispose(self) -> None:
        self.read.dispose()
        self.write.dispose()


def open_store(url: str) -> Store:
    return Store(read=make_engine(url, read_only=True), write=make_engine(url, read_only=False))


def table_of(kind: type[SQLModel]) -> Table:
    """The bare table behind a table class, for statements that are built once."""
    table: Table = kind.__table__  # type: ignore[attr-defined]
    return table


def delete_whole(connection: Connection, table: Table, ids: Collection[str]) -> dict[str, list[str]]:
    """Delete rows by id and, before them, every row of any table that points to them, however far.

    Returns table name → ids of what went. Follows the foreign keys, so that a table added later is not forgotten.
    """
    gone: dict[str, list[str]] = {}
    if not ids:
        return gone
    for other in table.metadata.sorted_tables:
        for key in other.foreign_keys:
            if key.column.table is not table:
                continue
            name = next(iter(other.primary_key.columns))
            below = list(connection.execute(select(name).where(key.parent.in_(ids))).scalars())
            if len(other.primary_key.columns) == 1:
                for kind, found in delete_whole(connection, other, below).items():
                    gone.setdefault(kind, []).extend(found)
            elif below:
                connection.execute(delete(other).where(key.parent.in_(ids)))
                gone.setdefault(other.name, []).extend(below)
    own = next(iter(table.primary_key.columns))
    if connection.execute(delete(table).where(own.in_(ids))).rowcount:
        gone.setdefault(table.name, []).extend(ids)
    return gone


def is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


def make_engine(url: str, *, read_only: bool) -> Engine:
    """An engine that obeys the house rules for its database."""
    if is_sqlite(url):
        return _sqlite(url, read_only)
    options = "-c default_transaction_read_only=on" if read_only else "-c synchronous_commit=on"
    return create_engine(
        url, pool_size=POOL_SIZE, max_overflow=0, pool_timeout=POOL_SECONDS, connect_args={"options": options}
    )


def _sqlite(url: str, read_only: bool) -> Engine:
    path = make_url(url).database
    if path and path != ":memory:":
        _make_folder(Path(path).parent)
        create_private(Path(path))
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_timeout=POOL_SECONDS,
        connect_args={"check_same_thread": False, "timeout": 5},
    )
    begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
            "busy_timeout=5000",
        ):
            connection.execute(f"PRAGMA {pragma}")
        if read_only:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "checkin")
    def leave_nothing_open(connection: Any, _record: Any) -> None:
        if connection is not None and connection.in_transaction:  # a COMMIT that failed leaves it open
            connection.rollback()

    @event.listens_for(engine, "begin")
    def begin_now(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


def create_private(path: Path) -> None:
    """An empty file for its owner only, where there is none: SQLite gives its log the same mode.

    What cannot be made here cannot be opened either, and the opening says why.
    """
    with suppress(OSError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as broken:
        raise DatabaseUnavailable(
            f"データベースのフォルダ {folder} を作れません。場所と権限を確かめてください。"
        ) from broken


def plain_reason(url: str, broken: OperationalError) -> str:
    """One sentence for a database that cannot be used: what it is and what to do."""
    text = str(broken.orig).lower()
    where = make_url(url).render_as_string(hide_password=True)
    if "locked" in text:
        return f"データベース {where} がほかのプログラムに使われています。そちらを止めてから、やり直してください。"
    if "readonly" in text or "unable to open" in text or "permission" in text:
        return f"データベース {where} に書き込めません。フォルダの権限と空き容量を確かめてください。"
    if "full" in text:
        return f"ディスクがいっぱいで {where} に書き込めません。空きを作ってから、やり直してください。"
    return f"データベース {where} につながりません。動いているか、アドレスが正しいか確かめてください。"
