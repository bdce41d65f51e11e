"""The group writer: many at once, each on its own savepoint, and no success before the commit."""

from collections.abc import Iterator
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from survey_api.kit.actor import Actor
from survey_api.kit.clock import SetClock
from survey_api.kit.crypto import Keyring
from survey_api.kit.db import Store, open_store
from survey_api.kit.keyfile import create_key_file
from survey_api.kit.problems import Busy
from survey_api.kit.work import Work
from survey_api.kit.writer import GroupWriter

CLOCK = SetClock(datetime(2026, 11, 24, tzinfo=UTC))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/w.db")
    with opened.write.begin() as connection:
        connection.execute(text("CREATE TABLE parent (id INTEGER PRIMARY KEY)"))
        connection.execute(
            text(
                "CREATE TABLE kept (n INTEGER PRIMARY KEY, "
                "parent INTEGER REFERENCES parent(id) DEFERRABLE INITIALLY DEFERRED)"
            )
        )
    yield opened
    opened.dispose()


@pytest.fixture
def keys(tmp_path: Path) -> Keyring:
    return create_key_file(tmp_path / "keys.json")


def insert(number: int, parent: int | None = None) -> Any:
    def job(work: Work) -> int:
        work.db.connection().execute(
            text("INSERT INTO kept VALUES (:n, :parent)"), {"n": number, "parent": parent}
        )
        return number

    return job


def kept(store: Store) -> list[int]:
    with store.read.connect() as connection:
        return [row[0] for row in connection.execute(text("SELECT n FROM kept ORDER BY n"))]


def test_everything_acknowledged_is_there(store: Store, keys: Keyring) -> None:
    writer = GroupWriter(store, keys, CLOCK)
    waiting = [writer.submit(Actor.job("test"), insert(n)) for n in range(300)]
    writer.start()
    assert [future.result() for future in waiting] == list(range(300))
    assert kept(store) == list(range(300))
    writer.stop()


def test_one_that_fails_takes_only_itself_back(store: Store, keys: Keyring) -> None:
    writer = GroupWriter(store, keys, CLOCK)
    waiting = [writer.submit(Actor.job("test"), insert(n)) for n in (1, 2, 2, 3)]
    writer.start()
    assert waiting[0].result() == 1
    assert waiting[1].result() == 2
    with pytest.raises(IntegrityError):
        waiting[2].result()
    assert waiting[3].result() == 3
    assert kept(store) == [1, 2, 3]
    writer.stop()


def test_a_commit_that_fails_is_never_acknowledged(store: Store, keys: Keyring) -> None:
    """The foreign key is checked at the commit itself: everybody of the group must hear it."""
    writer = GroupWriter(store, keys, CLOCK)
    waiting = [writer.submit(Actor.job("test"), insert(n, parent)) for n, parent in ((1, None), (2, 99))]
    writer.start()
    for future in waiting:
        with pytest.raises(IntegrityError):
            future.result()
    assert kept(store) == []
    assert writer.submit(Actor.job("test"), insert(7)).result() == 7
    writer.stop()


def test_too_long_a_queue_is_refused(store: Store, keys: Keyring) -> None:
    writer = GroupWriter(store, keys, CLOCK)
    for number in range(2001):
        writer.submit(Actor.job("test"), insert(number))
    with pytest.raises(Busy):
        writer.submit(Actor.job("test"), insert(5000))
    writer.start()
    writer.stop()


def test_one_slow_job_after_a_start_refuses_no_class_behind_it(store: Store, keys: Keyring) -> None:
    moments = iter((0.0, 2.0))  # the first job takes two seconds of the clock
    writer = GroupWriter(store, keys, CLOCK, monotonic=lambda: next(moments))
    writer._write([(Actor.job("test"), insert(1), Future())])
    for number in range(35):
        writer.submit(Actor.job("test"), insert(100 + number))


def test_a_read_can_never_write(store: Store) -> None:
    with store.read.connect() as connection, pytest.raises(Exception, match="readonly"):
        connection.execute(text("INSERT INTO kept VALUES (1, NULL)"))
