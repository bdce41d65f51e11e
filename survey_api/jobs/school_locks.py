"""Every day, what slipped in beside a school's lock is sealed."""

from survey_api.access import school_locks
from survey_api.journeys import lock_school
from survey_api.kit.actor import Actor
from survey_api.runtime import Runtime

ACTOR = Actor.job("school locks")


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
