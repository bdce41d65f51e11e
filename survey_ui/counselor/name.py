"""Who is it: the name behind a case, with a reason, on one answer."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from survey_api.access import queries as access_queries
from survey_api.access.permissions import Permission
from survey_api.access.scope import Scope
from survey_api.journeys.reveal_student import reveal_student
from survey_api.services.review import queries as review_queries
from survey_api.web.deps import VaultDep
from survey_ui.counselor.door import NameWork
from survey_ui.shell.forms import StaffForm, text_of
from survey_ui.shell.templating import page

router = APIRouter()


@router.post("/counselor/cases/{case_id}/name")
def name(request: Request, case_id: str, work: NameWork, vault: VaultDep, form: StaffForm) -> Response:
    """The name, on this one answer only. The trail line is committed before the answer leaves."""
    person = reveal_student(work, vault, case_id, text_of(form, "reason", 40), text_of(form, "words", 400))
    viewer = access_queries.staff_by_id(work.db, work.actor.id)
    case = review_queries.view_of(work.db, Scope.of(work.actor, Permission.REVEAL_NAME), case_id)
    context = {"person": person, "case": case, "viewer": viewer.name if viewer else "", "now": work.now}
    return page(request, "counselor/name.html", context)
