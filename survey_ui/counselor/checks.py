"""抜き取り確認: the list of draws, one sheet to read without the machine's view, and what it led to."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from survey_api.access.permissions import Permission
from survey_api.access.scope import Scope
from survey_api.journeys import random_check
from survey_api.kit.actor import Actor
from survey_api.services.review import queries as review_queries
from survey_api.services.review.checks import queries as checks_queries
from survey_api.services.review.checks.rules import FOUND
from survey_api.services.students import queries as students_queries
from survey_api.vocabulary import Label
from survey_api.web.deps import ReadDep
from survey_ui.counselor import words
from survey_ui.counselor.door import CaseWork
from survey_ui.shell.forms import StaffForm, text_of
from survey_ui.shell.guards import enter
from survey_ui.shell.templating import page

router = APIRouter()


@router.get("/counselor/checks")
def checks(request: Request, db: ReadDep, actor: Actor = enter(Permission.WORK_CASES)) -> Response:
    scope = Scope.of(actor, Permission.WORK_CASES)
    names = {school.id: school.name for school in students_queries.schools(db)}
    context = {
        "draws": checks_queries.draws(db, scope, review_queries.unknown_sheets(db, scope)),
        "open": [
            (wave_id, wave, school_id, names[school_id])
            for wave_id, wave, school_id in random_check.can_draw(db, scope)
        ],
    }
    return page(request, "counselor/checks.html", context)


@router.post("/counselor/checks")
def draw(work: CaseWork, form: StaffForm) -> Response:
    random_check.draw(work, text_of(form, "wave", 40), text_of(form, "school", 40))
    return RedirectResponse("/counselor/checks", status_code=303)


@router.get("/counselor/checks/{item_id}")
def sheet(request: Request, item_id: str, work: CaseWork) -> Response:
    seen = random_check.read(work, item_id)
    found = seen.item.label is not None and Label(seen.item.label) in FOUND
    context = {"sheet": seen, "item": seen.item, "words": words, "found": found}
    return page(request, "counselor/check.html", context)


@router.post("/counselor/checks/{item_id}/label")
def label(item_id: str, work: CaseWork, form: StaffForm) -> Response:
    random_check.label(work, item_id, text_of(form, "label", 40))
    return RedirectResponse(f"/counselor/checks/{item_id}", status_code=303)


@router.post("/counselor/checks/{item_id}/case")
def call_somebody(item_id: str, work: CaseWork, form: StaffForm) -> Response:
    case_id = random_check.call_somebody(work, item_id, text_of(form, "urgency", 40))
    there = f"/counselor/cases/{case_id}" if case_id else "/counselor/checks"
    return RedirectResponse(there, status_code=303)
