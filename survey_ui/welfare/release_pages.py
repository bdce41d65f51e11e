"""Releasing a wave: one person asks, the job counts, another person lets the prepared numbers go."""

from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.responses import RedirectResponse, Response

from survey_api.access.permissions import Permission
from survey_api.access.policy import may
from survey_api.jobs.prepare_release import prepare_release
from survey_api.journeys import release_wave
from survey_api.kit.actor import Actor
from survey_api.services.insights import released
from survey_api.web.deps import ReadDep, RuntimeDep, WorkDep
from survey_ui.shell.forms import StaffForm
from survey_ui.shell.guards import enter
from survey_ui.shell.templating import page

router = APIRouter(prefix="/welfare")


@router.get("/releases")
def releases(request: Request, db: ReadDep, actor: Actor = enter(Permission.APPROVE_RELEASE)) -> Response:
    """Which waves were released, which wait for a second person, and the doors to both."""
    context = {
        "waves": released.standings(db),
        "me": actor.id,
        "may_ask": may(actor, Permission.MAKE_RELEASE),
    }
    return page(request, "welfare/releases.html", context)


@router.post("/releases/{wave}")
def ask_release(
    request: Request,
    runtime: RuntimeDep,
    work: WorkDep,
    form: StaffForm,
    wave: str,
    actor: Actor = enter(Permission.MAKE_RELEASE),
) -> Response:
    """The first person: the job begins once this answer has left."""
    release_wave.ask(work, wave)
    job = BackgroundTask(prepare_release, runtime, wave)
    return RedirectResponse("/welfare/releases", status_code=303, background=job)


@router.post("/releases/{wave}/approve")
def approve_release(
    request: Request,
    work: WorkDep,
    form: StaffForm,
    wave: str,
    actor: Actor = enter(Permission.APPROVE_RELEASE, fresh=True),
) -> Response:
    """The second person: the prepared bytes leave as they are."""
    release_wave.approve(work, wave)
    return RedirectResponse("/welfare/releases", status_code=303)


@router.post("/releases/{wave}/send-back")
def send_release_back(
    request: Request,
    work: WorkDep,
    form: StaffForm,
    wave: str,
    actor: Actor = enter(Permission.APPROVE_RELEASE),
) -> Response:
    """Anybody of the two: the prepared bytes are thrown away unseen."""
    release_wave.send_back(work, wave)
    return RedirectResponse("/welfare/releases", status_code=303)
