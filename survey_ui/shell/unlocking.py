"""Opening a school's key for this session: from any form, with two more fields, before anything else is done."""

from typing import Any

from fastapi import Request

from survey_api.access import open_locks, school_locks, sessions
from survey_api.access.permissions import Permission
from survey_api.access.policy import may
from survey_api.access.scope import Scope
from survey_api.kit.problems import NotAllowed, NotSignedIn, SchoolLocked
from survey_api.runtime import Runtime
from survey_api.services.students import queries as students_queries

SCHOOL_FIELD, PHRASE_FIELD = "lock_school", "lock_phrase"
_OWN = frozenset({"csrf", SCHOOL_FIELD, PHRASE_FIELD})
WRONG = "合言葉がちがいます。もう一度入れてください。"


def unlock(runtime: Runtime, token: str, school_id: str, phrase: str) -> None:
    """Try a passphrase and open the school for this session; SchoolLocked, with the reason, when it does not fit."""
    with runtime.reading() as db:
        actor = sessions.actor_of(db, runtime.clock, token)
        if actor is None:
            raise NotSignedIn
        if not may(actor, Permission.OPEN_LOCK):
            raise NotAllowed
        Scope.of(actor, Permission.OPEN_LOCK).require(school_id)
        tried = open_locks.attempt(db, actor.id, school_id, phrase, runtime.clock.now())
    with runtime.work(actor) as work:
        open_locks.keep(work, token, school_id, tried)
    if tried.wait_seconds:
        raise SchoolLocked(
            f"何度もまちがえたため、{tried.wait_seconds}秒待ってからやり直してください。",
            school_id=school_id,
            seconds=tried.wait_seconds,
        )
    if not tried.fits:
        raise SchoolLocked(WRONG, school_id=school_id)


def asked(request: Request, problem: SchoolLocked) -> dict[str, Any]:
    """What the page with the passphrase form needs: the school, and the form that is sent again."""
    runtime: Runtime = request.app.state.runtime
    actor = getattr(request.state, "actor", None)
    with runtime.reading() as db:
        names = {school.id: school.name for school in students_queries.schools(db)}
        lock = school_locks.lock_of(db, problem.school_id)
    mine = actor is not None and Scope.of(actor, Permission.OPEN_LOCK).covers(problem.school_id)
    again = request.method != "GET"
    form = getattr(request.state, "form", None)
    kept = (
        [(name, value) for name, value in form.multi_items() if isinstance(value, str) and name not in _OWN]
        if again and form is not None
        else [("back", str(request.url.path) + (f"?{request.url.query}" if request.url.query else ""))]
    )
    return {
        "school_id": problem.school_id,
        "school": names.get(problem.school_id, ""),
        "mine": mine,
        "holder": actor is not None
        and any(holder.staff_id == actor.id and not holder.waiting for holder in lock.holders),
        "others": [holder.name for holder in lock.usable if not holder.paper],
        "action": request.url.path if again else f"/lock/{problem.school_id}/open",
        "kept": kept,
        "urgent": request.url.path.startswith("/counselor"),
    }
