"""Practice mode: one click puts the invented city back as it was made."""

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from survey_api.access.permissions import Permission
from survey_api.kit.actor import Actor
from survey_api.practice.start_over import start_over
from survey_api.web.deps import RuntimeDep
from survey_ui.shell.forms import StaffForm
from survey_ui.shell.guards import enter

router = APIRouter()


@router.post("/practice/reset")
def reset(runtime: RuntimeDep, form: StaffForm, actor: Actor = enter(Permission.RESET_PRACTICE)) -> Response:
    """Everybody is signed out by it: their sessions were part of what is gone."""
    start_over(runtime, actor)
    return RedirectResponse("/signin?practice=again", status_code=303)
