"""The tables of a PostgreSQL database into a folder and back, by the server's own COPY: no tool of its version is needed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from psycopg import Connection as ServerConnection
from psycopg import OperationalError, sql
from sqlalchemy import Connection, Engine, MetaData

from survey_api.kit.problems import Problem

REVISION = "revision"
BOOKKEEPING = "alembic_version"
WAIT = "SET LOCAL lock_timeout = '10s'"


def keep(engine: Engine, folder: Path) -> None:
    """One file per table, as they are now, and the revision they belong to."""
    folder.mkdir(mode=0o700, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        server = _server(connection)
        for name in _names(connection):
            path = folder / name
            path.touch(mode=0o600)
            asked = sql.SQL("COPY {} TO STDOUT (FORMAT BINARY)").format(sql.Identifier(name))
            with path.open("wb") as out, server.cursor() as cursor, cursor.copy(asked) as copy:
                for block in copy:
                    out.write(block)
        (folder / REVISION).write_text(_revision(connection))


def fits(engine: Engine, folder: Path) -> bool:
    """Whether what was kept has the shape that the tables have today."""
    with engine.connect() as connection:
        return (folder / REVISION).read_text() == _revision(connection)


@contextmanager
def putting_back(engine: Engine, folder: Path) -> Iterator[None]:
    """Everything is as it was kept once the block has ended well. Problem when the tables are in use for long.

    Triggers rest meanwhile: the trail refuses to be emptied, and in practice it must.
    """
    try:
        with engine.begin() as connection:
            server = _server(connection)
            connection.exec_driver_sql(WAIT)
            names = _names(connection)
            tables = [sql.Identifier(name) for name in names]
            for table in tables:
                server.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(table))
            # TRUNCATE would wait for everybody who reads, the request itself included
            for table in reversed(tables):
                server.execute(sql.SQL("DELETE FROM {}").format(table))
            for name, table in zip(names, tables, strict=True):
                asked = sql.SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(table)
                with (
                    (folder / name).open("rb") as kept,
                    server.cursor() as cursor,
                    cursor.copy(asked) as copy,
                ):
                    while block := kept.read(1 << 16):
                        copy.write(block)
                server.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(table))
            yield
    except OperationalError as busy:
        raise Problem("ほかの人がデータを使っています。少し待ってから、もう一度押してください。") from busy


def _names(connection: Connection) -> list[str]:
    """Every table, those that others point to first."""
    found = MetaData()
    found.reflect(connection)
    return [table.name for table in found.sorted_tables if table.name != BOOKKEEPING]


def _revision(connection: Connection) -> str:
    return str(connection.exec_driver_sql(f"SELECT version_num FROM {BOOKKEEPING}").scalar_one())  # noqa: S608


def _server(connection: Connection) -> ServerConnection[Any]:
    server = connection.connection.driver_connection
    if not isinstance(server, ServerConnection):
        raise TypeError("not a PostgreSQL database")
    return server
