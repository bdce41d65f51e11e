"""What a counselor does to a case: plain form posts that come back to the case."""

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from survey_api.access.permissions import Permission
from survey_api.access.scope import Scope
from survey_api.kit.problems import BadInput
from survey_api.kit.work import Work
from survey_api.services.review import actions as review_actions
from survey_api.services.review import queries as review_queries
from survey_api.tables.cases import Case
from survey_api.vocabulary import CaseState, ContactResult
from survey_ui.counselor.door import CaseWork, version_of
from survey_ui.shell.forms import StaffForm, day_of, text_of

router = APIRouter()

WORDS = 2000
"""Characters of a note."""


@router.post("/counselor/cases/{case_id}/claim")
def claim(case_id: str, work: CaseWork, form: StaffForm) -> Response:
    review_actions.claim(work, _own(work, case_id), version_of(text_of(form, "version")))
    return _back(case_id)


@router.post("/counselor/cases/{case_id}/move")
def move(case_id: str, work: CaseWork, form: StaffForm) -> Response:
    target = text_of(form, "to", 40)
    if target not in [str(state) for state in CaseState]:
        raise BadInput("次の状態を選んでください。")
    version = version_of(text_of(form, "version"))
    review_actions.move(work, _own(work, case_id), version, CaseState(target), text_of(form, "words", WORDS))
    return _back(case_id)


@router.post("/counselor/cases/{case_id}/contact")
def contact(case_id: str, work: CaseWork, form: StaffForm) -> Response:
    result = text_of(form, "result", 40)
    if result not in [str(known) for known in ContactResult]:
        raise BadInput("連絡の結果を選んでください。")
    version, words = version_of(text_of(form, "version")), text_of(form, "words", WORDS)
    next_on = day_of(text_of(form, "next_on", 10), "次に確かめる日")
    review_actions.record_contact(work, _own(work, case_id), version, ContactResult(result), words, next_on)
    return _back(case_id)


@router.post("/counselor/cases/{case_id}/note")
def note(case_id: str, work: CaseWork, form: StaffForm) -> Response:
    version = version_of(text_of(form, "version"))
    review_actions.note(work, _own(work, case_id), version, text_of(form, "words", WORDS))
    return _back(case_id)


@router.post("/counselor/cases/{case_id}/close")
def close(case_id: str, work: CaseWork, form: StaffForm) -> Response:
    version, words = version_of(text_of(form, "version")), text_of(form, "words", WORDS)
    again = day_of(text_of(form, "follow_up_on", 10), "もう一度確かめる日")
    review_actions.close(work, _own(work, case_id), version, text_of(form, "outcome", 40), words, again)
    return _back(case_id)


def _own(work: Work, case_id: str) -> Case:
    return review_queries.case_by_id(work.db, Scope.of(work.actor, Permission.WORK_CASES), case_id)


def _back(case_id: str) -> Response:
    return RedirectResponse(f"/counselor/cases/{case_id}", status_code=303)
