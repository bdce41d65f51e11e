"""The group writer: submissions that arrive together are made durable together.

A single thread takes whatever waits, runs it in one transaction with a savepoint each, and answers only
after the commit. On a slow disk that is worth more than any other speed-up: one fsync for a whole class.
"""

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from survey_api.kit.actor import Actor
from survey_api.kit.clock import Clock
from survey_api.kit.crypto import Keyring
from survey_api.kit.db import Store
from survey_api.kit.problems import Busy
from survey_api.kit.work import Work, run_group

MAX_GROUP = 200
PATIENCE_SECONDS = 2.0  # a queue longer than this much work is refused; the tablet keeps the answer

Job = Callable[[Work], Any]


class GroupWriter:
    """One writer thread for one database. Start it with the service, stop it with the service."""

    def __init__(
        self, store: Store, keys: Keyring, clock: Clock, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._monotonic = monotonic
        self._store, self._keys, self._clock = store, keys, clock
        self._waiting: queue.SimpleQueue[tuple[Actor, Job, Future[Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="group-writer", daemon=True)
        self._seconds_per_job = 0.001

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Finish what waits, then end."""
        self._waiting.put(None)
        self._thread.join()

    def submit(self, actor: Actor, job: Job) -> "Future[Any]":
        """Queue a job. Its future resolves after the commit. Busy when too much waits."""
        if self._waiting.qsize() * self._seconds_per_job > PATIENCE_SECONDS:
            raise Busy
        future: Future[Any] = Future()
        self._waiting.put((actor, job, future))
        return future

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            group, stopping = [first], False
            while len(group) < MAX_GROUP and not self._waiting.empty():
                more = self._waiting.get()
                if more is None:
                    stopping = True
                    break
                group.append(more)
            self._write(group)
            if stopping:
                return

    def _learn(self, seconds: float, jobs: int) -> None:
        """How long a job takes now. One alone says little: the first after a start is ten times as slow as the rest,
        and would have the class behind it refused."""
        self._seconds_per_job += min(0.2, 0.02 * jobs) * (seconds - self._seconds_per_job)

    def _write(self, group: list[tuple[Actor, Job, "Future[Any]"]]) -> None:
        began = self._monotonic()
        try:
            outcomes = run_group(
                self._store, self._keys, self._clock, [(actor, job) for actor, job, _ in group]
            )
        except Exception as failed:  # nothing of this group was kept: every waiter must hear it
            for _, _, future in group:
                future.set_exception(failed)
            return
        finally:
            self._learn((self._monotonic() - began) / len(group), len(group))
        for (_, _, future), (value, failed_job) in zip(group, outcomes, strict=True):
            if failed_job is not None:
                future.set_exception(failed_job)
            else:
                future.set_result(value)
