"""Run the sealing of a school to its end, and every day seal what slipped in beside it."""

from survey_api.access import school_locks
from survey_api.journeys import lock_school
from survey_api.kit.actor import Actor
from survey_api.kit.opened import Opened
from survey_api.runtime import Runtime

ACTOR = Actor.job("school locks")


def seal_whole_school(runtime: Runtime, actor: Actor, opened: Opened, school_id: str) -> int:
    """Step by step until nothing of the school is left under another key; returns how many rows were sealed.

    Each step is committed by itself: children go on answering between two of them, and an interruption loses nothing.
    """
    count = 0
    while True:
        with runtime.work(actor, opened=opened) as work, runtime.vault_work(actor, opened) as vault_work:
            done = lock_school.seal_a_step(work, vault_work, school_id)
        count += done
        if done:
            continue
        with runtime.work(actor, opened=opened) as work, runtime.vault_work(actor, opened) as vault_work:
            settled = lock_school.settle(work, vault_work, school_id)
        if settled:
            break
    for store in (runtime.vault_store, runtime.survey):
        store.forget_freed()
    return count


def seal_what_slipped_in(runtime: Runtime) -> int:
    """An answer or a name may arrive in the very moment in which a school locks itself. Needs no key of the school."""
    with runtime.reading() as db:
        locks = [school_locks.lock_of(db, school_id) for school_id in school_locks.schools_with_lock(db)]
    count = 0
    for lock in locks:
        if lock.complete:
            with runtime.work(ACTOR) as work, runtime.vault_work(ACTOR) as vault_work:
                count += lock_school.seal_a_step(work, vault_work, lock.school_id)
    return count
