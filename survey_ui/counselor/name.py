"""Who is it: the name behind a case, with a reason, on one answer."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from survey_api.access import queries as access_queries
from survey_api.access.permissions import Permission
from survey_api.access.scope import Scope
from survey_api.journeys.reveal_student import reveal_student
from survey_api.services.review import queries as review_queries
from survey_api.web.deps import VaultDep
from survey_ui.counselor.door import NameWork
from survey_ui.shell.forms import StaffForm, text_of
from survey_ui.shell.templating import day_time, page

router = APIRouter()


@router.post("/counselor/cases/{case_id}/name")
def name(request: Request, case_id: str, work: NameWork, vault: VaultDep, form: StaffForm) -> Response:
    """The name, on this one answer and for a short time. The trail line is committed before it leaves.

    A page with script fetches it as JSON and takes it away again; without script the page itself goes back.
    """
    shown = reveal_student(work, vault, case_id, text_of(form, "reason", 40), text_of(form, "words", 400))
    viewer = access_queries.staff_by_id(work.db, work.actor.id)
    watermark = f"{viewer.name if viewer else ''} {day_time(work.now)}"
    if "application/json" in request.headers.get("accept", ""):
        person = shown.person
        named = {"full": person.full, "kana": person.kana, "viewer": watermark, "seconds": shown.seconds}
        return JSONResponse(named)
    case = review_queries.view_of(work.db, Scope.of(work.actor, Permission.REVEAL_NAME), case_id)
    context = {"person": shown.person, "case": case, "viewer": watermark, "seconds": shown.seconds}
    response = page(request, "counselor/name.html", context)
    response.headers["refresh"] = f"{shown.seconds};url=/counselor/cases/{case.id}"
    return response
