"""終わったあとに届いた回答: what came after its wave, or after its pupil had left the roster. A person decides; until then nobody has read it."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from survey_api.access import school_locks
from survey_api.access.permissions import Permission
from survey_api.access.scope import Scope
from survey_api.journeys.finish_submission import leave_late, read_late
from survey_api.kit.actor import Actor
from survey_api.services.submissions import queries as submissions_queries
from survey_api.web.deps import ReadDep
from survey_ui.counselor.door import CaseWork
from survey_ui.shell.forms import StaffForm
from survey_ui.shell.guards import enter
from survey_ui.shell.templating import page

router = APIRouter()


@router.get("/counselor/late")
def late(request: Request, db: ReadDep, actor: Actor = enter(Permission.WORK_CASES)) -> Response:
    sheets = submissions_queries.late_sheets(db, Scope.of(actor, Permission.WORK_CASES))
    locked = school_locks.publics(db).keys() & {sheet.school_id for sheet in sheets}
    return page(request, "counselor/late.html", {"sheets": sheets, "locked": locked})


@router.post("/counselor/late/{sheet_id}/read")
def read(sheet_id: str, work: CaseWork, form: StaffForm) -> Response:
    read_late(work, sheet_id)
    return RedirectResponse("/counselor/late", status_code=303)


@router.post("/counselor/late/{sheet_id}/leave")
def leave(sheet_id: str, work: CaseWork, form: StaffForm) -> Response:
    leave_late(work, sheet_id)
    return RedirectResponse("/counselor/late", status_code=303)
