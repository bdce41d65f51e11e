"""One request, one Work, one commit, before the answer leaves. The only file that commits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session

from survey_api.kit.actor import Actor
from survey_api.kit.clock import Clock
from survey_api.kit.crypto import Keyring
from survey_api.kit.db import Store
from survey_api.kit.opened import Opened


@dataclass(frozen=True)
class Work:
    """A piece of work in one transaction: who, when, with which keys, and what the actor has unlocked."""

    db: Session
    actor: Actor
    now: datetime
    keys: Keyring
    request_id: str = ""
    opened: Opened = field(default_factory=Opened)


@contextmanager
def begin(
    store: Store,
    keys: Keyring,
    clock: Clock,
    actor: Actor,
    request_id: str = "",
    opened: Opened | None = None,
) -> Iterator[Work]:
    """Open a transaction, commit it when the block ends well, roll it back when it does not."""
    with Session(store.write, expire_on_commit=False) as db:
        yield Work(db, actor, clock.now(), keys, request_id, opened or Opened())
        db.commit()


@contextmanager
def reading(store: Store) -> Iterator[Session]:
    """A session that cannot write."""
    with Session(store.read, expire_on_commit=False) as db:
        yield db


Outcome = tuple[Any, Exception | None]


def run_group(
    store: Store, keys: Keyring, clock: Clock, jobs: list[tuple[Actor, Callable[[Work], Any]]]
) -> list[Outcome]:
    """Run many small jobs in one transaction, a savepoint each: one that fails takes only itself back.

    Returns (value, None) or (None, exception) per job, in order, after the commit. If the commit fails,
    the exception propagates and nobody may be told that anything was kept.
    """
    outcomes: list[Outcome] = []
    with Session(store.write, expire_on_commit=False) as db:
        connection = db.connection()
        for actor, job in jobs:
            connection.exec_driver_sql("SAVEPOINT one")
            try:
                value = job(Work(db, actor, clock.now(), keys))
                db.flush()
            except Exception as failed:
                db.expunge_all()
                connection.exec_driver_sql("ROLLBACK TO SAVEPOINT one")
                outcomes.append((None, failed))
            else:
                outcomes.append((value, None))
            connection.exec_driver_sql("RELEASE SAVEPOINT one")
        db.commit()
    return outcomes
