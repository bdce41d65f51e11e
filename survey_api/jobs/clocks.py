"""The clock of the desk: every minute it looks whether something is late. Safe to run twice at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from survey_api.access import open_locks
from survey_api.journeys.escalate_cases import escalate_cases
from survey_api.journeys.watch_access import watch_access
from survey_api.kit.actor import Actor
from survey_api.kit.log import log
from survey_api.runtime import Runtime, open_runtime
from survey_api.settings import Settings

EVERY_SECONDS = 60.0
ACTOR = Actor.job("desk clocks")


def tick(runtime: Runtime) -> int:
    """Look once; returns how many hops were made and how many people somebody was told of.

    Schools' keys that idle sessions left open go with it.
    """
    with runtime.work(ACTOR) as work:
        open_locks.sweep(work)
        return escalate_cases(work) + watch_access(work)


@contextmanager
def ticking(settings: Settings, every: float = EVERY_SECONDS) -> Iterator[None]:
    """While the block runs, look every minute on a thread of its own. One missed look is not the last."""
    stop = threading.Event()

    def run() -> None:
        with open_runtime(settings) as runtime:
            while not stop.wait(every):
                try:
                    tick(runtime)
                except Exception as failed:  # the next look must come whatever happened to this one
                    log().error("clock", error=type(failed).__name__)

    thread = threading.Thread(target=run, name="desk-clocks", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=5)
