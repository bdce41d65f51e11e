"""Where a member of the desk is told that something waits, and whether it arrives. The only one cannot mute the most urgent."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.responses import RedirectResponse, Response

from survey_api.access.permissions import Permission
from survey_api.access.scope import Scope
from survey_api.jobs.notifications import send_waiting
from survey_api.kit.actor import Actor
from survey_api.kit.problems import BadInput
from survey_api.kit.work import Work
from survey_api.services.notifications import actions, queries
from survey_api.services.notifications.rules import TEST_GOOD_FOR
from survey_api.services.students import queries as students_queries
from survey_api.web.deps import RuntimeDep
from survey_ui.counselor.door import AlertWork, CaseWork
from survey_ui.shell.forms import StaffForm, text_of
from survey_ui.shell.templating import page

router = APIRouter()


@router.get("/counselor/alerts")
def alerts(request: Request, work: AlertWork) -> Response:
    mine = queries.address_of(work.db, work.actor.id)
    context = {"email": mine.email if mine else "", "mute": bool(mine and mine.mute_usual)}
    context |= {"urgent": bool(mine and mine.mute_urgent), "schools": _schools(work)}
    return page(request, "counselor/alerts.html", context)


@router.post("/counselor/alerts")
def keep(request: Request, work: AlertWork, form: StaffForm) -> Response:
    email = text_of(form, "email", 400)
    mute, urgent = (text_of(form, name, 3) == "yes" for name in ("mute_usual", "mute_urgent"))
    context = {"email": email, "mute": mute, "urgent": urgent, "schools": _schools(work)}
    try:
        actions.keep_address(work, email, mute_usual=mute, mute_urgent=urgent)
    except BadInput as refusal:
        return page(request, "counselor/alerts.html", {**context, "refusal": refusal}, status=422)
    return page(request, "counselor/alerts.html", {**context, "done": True})


@router.post("/counselor/alerts/{school_id}/test")
def try_alert(school_id: str, runtime: RuntimeDep, work: CaseWork, form: StaffForm) -> Response:
    """A test alert by the real way to everybody who would hear of a most urgent case of this school."""
    Scope.of(work.actor, Permission.WORK_CASES).require(school_id)
    actions.send_test(work, school_id)
    task = BackgroundTask(send_waiting, runtime)
    return RedirectResponse("/counselor/alerts", status_code=303, background=task)


@router.post("/counselor/alerts/{school_id}/heard")
def heard(school_id: str, work: CaseWork, form: StaffForm) -> Response:
    """It arrived: the school may be asked for the next thirty days."""
    Scope.of(work.actor, Permission.WORK_CASES).require(school_id)
    actions.hear_test(work, school_id)
    return RedirectResponse("/counselor/alerts", status_code=303)


def _schools(work: Work) -> list[dict[str, Any]]:
    """The actor's own schools: when a test was sent and heard, and whether that still counts."""
    if not _on_site(work.actor):
        return []
    scope, heard_at = Scope.of(work.actor, Permission.WORK_CASES), queries.heard_tests(work.db)
    found = []
    for school in students_queries.schools(work.db):
        if scope.covers(school.id):
            last, known = queries.last_test(work.db, school.id), heard_at.get(school.id)
            good = known is not None and known >= work.now - TEST_GOOD_FOR
            waits = last is not None and last.heard_at is None
            found.append({"id": school.id, "name": school.name, "heard": known, "good": good, "waits": waits})
    return found


def _on_site(actor: Actor) -> bool:
    return bool({"counselor", "head"} & set(actor.roles))
