"""The city inbox at the desk: memos of people who noticed something, matched to a case by a person."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from survey_api.access.permissions import Permission
from survey_api.access.scope import Scope
from survey_api.journeys.take_memo import match_memo, open_signs, read_inbox
from survey_api.kit.clock import school_day
from survey_api.services.memos import rules
from survey_api.vocabulary import MemoState
from survey_ui.counselor import words
from survey_ui.counselor.door import CaseWork
from survey_ui.shell.forms import StaffForm, text_of
from survey_ui.shell.templating import page

router = APIRouter()


@router.get("/counselor/memos")
def memos(request: Request, work: CaseWork) -> Response:
    scope = Scope.of(work.actor, Permission.WORK_CASES)
    context = {
        "memos": read_inbox(work),
        "cases": open_signs(work.db, scope, school_day(work.now)),
        "fields": rules.FIELDS,
        "state_words": rules.STATE_WORDS,
        "waiting": MemoState.RECEIVED,
        "levels": words.LEVEL,
    }
    return page(request, "counselor/memos.html", context)


@router.post("/counselor/memos/{memo_id}")
def match(memo_id: str, work: CaseWork, form: StaffForm) -> Response:
    """It belongs to this case, or was settled without one."""
    match_memo(work, memo_id, text_of(form, "case", 40))
    return RedirectResponse("/counselor/memos", status_code=303)
