"""An empty database of each kind, and the migrations that belong into it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, NullPool, create_engine, inspect, text

from survey_api.cli.migrate import config_for
from tests.postgres import PostgresServer

KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
serial = count(1)
DAY = datetime(2026, 11, 24, tzinfo=UTC)


@dataclass(frozen=True)
class Target:
    """One of the two databases on one kind of server."""

    section: str
    url: str

    @property
    def config(self) -> Config:
        return config_for(self.section, self.url)

    def revisions(self) -> list[str]:
        """Oldest first."""
        script = ScriptDirectory.from_config(self.config)
        return [revision.revision for revision in script.walk_revisions()][::-1]

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        engine = create_engine(self.url, poolclass=NullPool)
        with engine.begin() as connection:
            yield connection

    def run(self, statement: str) -> None:
        with self.connection() as connection:
            connection.execute(text(statement))

    def value(self, query: str) -> object:
        with self.connection() as connection:
            return connection.execute(text(query)).scalar()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.connection() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def double(self, table: str, other: dict[str, str]) -> None:
        """The row of id x once more, but for these columns."""
        with self.connection() as connection:
            columns = [column["name"] for column in inspect(connection).get_columns(table)]
            taken = ", ".join(f"'{other[name]}'" if name in other else name for name in columns)
            connection.execute(
                text(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {taken} FROM {table} WHERE id = 'x'")
            )

    def fill_every_table(self) -> list[str]:
        """One row in every table, every key the same, so that each row points at the others; returns the tables."""
        values = {str: "x", int: 1, float: 1.0, bytes: b"x", bool: False, date: DAY.date(), datetime: DAY}
        reflected = MetaData()
        with self.connection() as connection:
            reflected.reflect(connection)
            filled = [table for table in reflected.sorted_tables if table.name not in ("alembic_version",)]
            for table in filled:
                connection.execute(
                    table.insert().values(
                        {column.name: values[column.type.python_type] for column in table.columns}
                    )
                )
        return [table.name for table in filled]

    def tables(self) -> set[str]:
        with self.connection() as connection:
            return set(inspect(connection).get_table_names())


@pytest.fixture(params=["survey", "vault"])
def section(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=KINDS)
def target(request: pytest.FixtureRequest, section: str, tmp_path: Path) -> Iterator[Target]:
    if request.param == "sqlite":
        yield Target(section, f"sqlite:///{tmp_path}/{section}.db")
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = f"migrations_{next(serial)}"
    yield Target(section, server.create(name))
    server.drop(name)
