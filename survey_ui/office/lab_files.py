"""Answers without names for the lab: who asked, who let them go, who took them."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from survey_api.access import queries as access_queries
from survey_api.access.permissions import Permission
from survey_api.access.policy import may
from survey_api.access.scope import Scope
from survey_api.journeys import export_for_lab
from survey_api.kit.actor import Actor
from survey_api.kit.problems import BadInput
from survey_api.services.insights.individual import queries
from survey_api.services.waves import queries as waves_queries
from survey_api.vocabulary import WaveState
from survey_api.web.deps import ReadDep, WorkDep
from survey_ui.shell.forms import StaffForm, text_of
from survey_ui.shell.guards import enter
from survey_ui.shell.templating import page

router = APIRouter(prefix="/office/lab-files")
HERE = "/office/lab-files"


@router.get("")
def lab_files(request: Request, db: ReadDep, actor: Actor = enter(Permission.APPROVE_LAB_FILE)) -> Response:
    """Every wish with its purpose, and the doors of both people."""
    waves = {wave.id: wave for wave in waves_queries.waves(db)}
    names = {person.id: person.name for person in access_queries.all_staff(db)}
    may_ask = may(actor, Permission.EXPORT_FOR_LAB)
    context = {
        "frame": "office/frame.html" if may_ask else "operator/frame.html",
        "may_ask": may_ask,
        "me": actor.id,
        "closed": [wave for wave in waves.values() if wave.state == WaveState.CLOSED],
        "wishes": [
            (row, waves[row.wave_id].name, names.get(row.asked_by, ""), names.get(row.decided_by or "", ""))
            for row in queries.wishes(db, Scope.of(actor, Permission.APPROVE_LAB_FILE))
        ],
    }
    return page(request, "office/lab_files.html", context)


@router.post("")
def ask(
    request: Request, work: WorkDep, form: StaffForm, actor: Actor = enter(Permission.EXPORT_FOR_LAB)
) -> Response:
    wave_id = text_of(form, "wave", 40)
    if wave_id not in {wave.id for wave in waves_queries.waves(work.db)}:
        raise BadInput("調査回を選び直してください。")
    export_for_lab.ask(
        work, wave_id, text_of(form, "purpose"), text_of(form, "recipient"), text_of(form, "key", 100).strip()
    )
    return RedirectResponse(HERE, status_code=303)


@router.post("/{wish}/decide")
def decide(
    request: Request,
    work: WorkDep,
    form: StaffForm,
    wish: str,
    actor: Actor = enter(Permission.APPROVE_LAB_FILE),
) -> Response:
    export_for_lab.decide(work, wish, let_go=text_of(form, "do", 10) == "approve")
    return RedirectResponse(HERE, status_code=303)


@router.post("/{wish}/take")
def take(
    request: Request,
    work: WorkDep,
    form: StaffForm,
    wish: str,
    actor: Actor = enter(Permission.EXPORT_FOR_LAB),
) -> Response:
    """The zip, sealed to the lab, once."""
    made = export_for_lab.take(work, wish)
    headers = {"content-disposition": 'attachment; filename="kizuki-lab.zip.age"'}
    return Response(made, media_type="application/octet-stream", headers=headers)
