"""学校の鍵: open it, lock it again, who can open it, the paper for the envelope, seal the school, change its key."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from survey_api.access import open_locks, school_locks, unlockers
from survey_api.access.permissions import Permission
from survey_api.access.scope import Scope
from survey_api.journeys.lock_school import seal_whole_school
from survey_api.kit.actor import Actor
from survey_api.kit.clock import school_day
from survey_api.kit.problems import BadInput
from survey_api.runtime import Runtime
from survey_api.services.students import queries as students_queries
from survey_api.vocabulary import LockState
from survey_api.web import cookies
from survey_api.web.deps import OpenedDep, ReadDep, RuntimeDep
from survey_ui.shell.forms import StaffForm, text_of
from survey_ui.shell.guards import enter
from survey_ui.shell.templating import page
from survey_ui.signin.arrival import inside

router = APIRouter(prefix="/lock")


def holder(school_id: str, actor: Actor = enter(Permission.OPEN_LOCK)) -> Actor:
    """Somebody who may open this school's lock; NotFound for another school's."""
    Scope.of(actor, Permission.OPEN_LOCK).require(school_id)
    return actor


HolderDep = Annotated[Actor, Depends(holder)]


@router.get("")
def locks(request: Request, db: ReadDep, actor: Actor = enter(Permission.OPEN_LOCK)) -> Response:
    """The actor's schools and how each one's lock is."""
    scope = Scope.of(actor, Permission.OPEN_LOCK)
    schools = [school for school in students_queries.schools(db) if scope.covers(school.id)]
    if len(schools) == 1:
        return RedirectResponse(f"/lock/{schools[0].id}", status_code=303)
    today, opened = school_day(request.app.state.runtime.clock.now()), _opened(request, db)
    rows = []
    for school in schools:
        lock = school_locks.lock_of(db, school.id)
        missing = lock.shortfalls(today) if lock.state is not None else []
        rows.append((school, STATE_WORDS[_state(lock)], missing, school.id in opened))
    return page(request, "signin/locks.html", {"rows": rows})


STATE_WORDS = {
    None: "まだありません",
    "preparing": "用意しています",
    "half": "かけている途中です",
    "sealed": "かかっています",
}


def _state(lock: school_locks.Lock) -> str | None:
    if lock.state is None or lock.state is LockState.PREPARING:
        return lock.state
    return "sealed" if lock.complete else "half"


def _opened(request: Request, db: ReadDep) -> frozenset[str]:
    return open_locks.open_schools(db, cookies.staff_token(request) or "")


@router.get("/{school_id}")
def lock(request: Request, db: ReadDep, school_id: str, actor: HolderDep) -> Response:
    """One school's lock: what it is, who holds it, and what can be done now."""
    today = school_day(request.app.state.runtime.clock.now())
    shown = school_locks.lock_of(db, school_id)
    mine = [one for one in shown.holders if one.staff_id == actor.id]
    context = {
        "school_id": school_id,
        "school": next(each.name for each in students_queries.schools(db) if each.id == school_id),
        "lock": shown,
        "state": _state(shown),
        "state_words": STATE_WORDS[_state(shown)],
        "missing": shown.shortfalls(today) if shown.state is not None else [],
        "opened": school_id in _opened(request, db),
        "mine": mine,
        "can_open": any(not one.waiting for one in mine),
        "waiting": [one for one in shown.holders if one.waiting],
        "least": unlockers.MIN_PHRASE,
    }
    return page(request, "signin/lock.html", context)


@router.post("/{school_id}/open")
def open_lock(school_id: str, actor: HolderDep, form: StaffForm) -> Response:
    """The form's own two fields have opened it by now; back to where it was asked for."""
    return RedirectResponse(inside(text_of(form, "back", 400)) or f"/lock/{school_id}", status_code=303)


@router.post("/{school_id}/close")
def close_lock(
    request: Request, runtime: RuntimeDep, school_id: str, actor: HolderDep, form: StaffForm
) -> Response:
    with runtime.work(actor) as work:
        open_locks.close(work, cookies.staff_token(request) or "", school_id)
    return _back(school_id)


@router.post("/{school_id}/begin")
def begin(runtime: RuntimeDep, school_id: str, actor: HolderDep, form: StaffForm) -> Response:
    """The first passphrase of a school that has no lock yet."""
    prepared = _prepared(runtime, actor, form)
    with runtime.work(actor) as work:
        unlockers.begin(work, school_id, prepared)
    return _back(school_id)


@router.post("/{school_id}/ask")
def ask(runtime: RuntimeDep, school_id: str, actor: HolderDep, form: StaffForm) -> Response:
    """A passphrase of one's own; somebody who has the lock open lets one in."""
    prepared = _prepared(runtime, actor, form)
    with runtime.work(actor) as work:
        unlockers.ask(work, school_id, prepared)
    return _back(school_id)


@router.post("/{school_id}/let-in")
def let_in(
    runtime: RuntimeDep, school_id: str, actor: HolderDep, opened: OpenedDep, form: StaffForm
) -> Response:
    with runtime.work(actor, opened=opened) as work:
        unlockers.let_in(work, school_id, text_of(form, "unlocker", 40))
    return _back(school_id)


@router.post("/{school_id}/take-out")
def take_out(
    runtime: RuntimeDep, school_id: str, actor: HolderDep, opened: OpenedDep, form: StaffForm
) -> Response:
    with runtime.work(actor, opened=opened) as work:
        unlockers.take_out(work, school_id, text_of(form, "unlocker", 40))
    return _back(school_id)


@router.post("/{school_id}/paper")
def paper(
    request: Request,
    runtime: RuntimeDep,
    school_id: str,
    actor: HolderDep,
    opened: OpenedDep,
    form: StaffForm,
) -> Response:
    """A fresh code for the envelope, on this one answer and nowhere else."""
    code, prepared = unlockers.prepare_paper()
    with runtime.work(actor, opened=opened) as work:
        unlockers.new_paper(work, school_id, prepared)
        names = {school.id: school.name for school in students_queries.schools(work.db)}
    context = {"code": code, "school": names[school_id], "school_id": school_id, "day": runtime.clock.now()}
    return page(request, "signin/lock_paper.html", context)


@router.post("/{school_id}/seal")
def seal(
    runtime: RuntimeDep, school_id: str, actor: HolderDep, opened: OpenedDep, form: StaffForm
) -> Response:
    """From now on only this school's people can open its names: what is there is sealed anew, to the end."""
    if text_of(form, "sure", 3) != "yes":
        raise BadInput("戻せません。「紙の鍵を封筒に入れた」に印をつけてから、もう一度押してください。")
    with runtime.work(actor, opened=opened) as work:
        unlockers.seal_from_now(work, school_id)
    seal_whole_school(runtime, actor, opened, school_id)
    return _back(school_id)


@router.post("/{school_id}/change")
def change(
    request: Request,
    runtime: RuntimeDep,
    school_id: str,
    actor: HolderDep,
    opened: OpenedDep,
    form: StaffForm,
) -> Response:
    """A new key of the school for everybody who holds the present one, and everything under it."""
    token = cookies.staff_token(request) or ""
    with runtime.work(actor, opened=opened) as work:
        keys = unlockers.new_key(work, school_id)
        open_locks.follow(work, token, keys)
    seal_whole_school(runtime, actor, runtime.opened_by(token), school_id)
    return _back(school_id)


def _prepared(runtime: Runtime, actor: Actor, form: StaffForm) -> unlockers.Prepared:
    phrase, again = form.get("phrase"), form.get("again")
    if not isinstance(phrase, str) or phrase != again:
        raise BadInput("二つの合言葉がちがいます。同じものを入れてください。")
    with runtime.reading() as db:
        return unlockers.prepare(db, actor.id, phrase)


def _back(school_id: str) -> Response:
    return RedirectResponse(f"/lock/{school_id}", status_code=303)
