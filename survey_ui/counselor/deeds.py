"""What a counselor does to a case: plain form posts that come back to the case."""

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from survey_api.access.permissions import Permission
from survey_api.access.scope import Scope
from survey_api.kit.problems import BadInput
from survey_api.kit.work import Work
from survey_api.services.review import actions as review_actions
from survey_api.services.review import queries as review_queries
from survey_api.services.review.actions import Contact
from survey_api.services.review.hold import actions as hold_actions
from survey_api.tables.cases import Case
from survey_api.vocabulary import CaseState, ContactResult
from survey_ui.counselor.door import CaseWork, LeadWork, version_of
from survey_ui.shell.forms import StaffForm, day_of, moment_of, text_of

router = APIRouter()

WORDS = 4000
"""Characters of a note. A longer one is refused with a sentence, never cut."""
DRAFT = 20_000
"""Characters of a draft: more than a note may have, so that what was refused is not lost."""

DRAFTED = frozenset(
    {"note", "contact", "move", "close", "confirm", "again", "later", "lower", "agree-lower", "restrict"}
)
"""Forms of a case whose words are kept while they are typed."""


@router.post("/counselor/cases/{case_id}/claim")
def claim(case_id: str, work: CaseWork, form: StaffForm) -> Response:
    review_actions.claim(work, _own(work, case_id), version_of(text_of(form, "version")))
    return _back(case_id)


@router.post("/counselor/cases/{case_id}/move")
def move(request: Request, case_id: str, work: CaseWork, form: StaffForm) -> Response:
    words, target = _words(request, form, "move"), text_of(form, "to", 40)
    if target not in [str(state) for state in CaseState]:
        raise BadInput("次の状態を選んでください。")
    version = version_of(text_of(form, "version"))
    review_actions.move(work, _own(work, case_id), version, CaseState(target), words)
    return _done(work, case_id, "move")


@router.post("/counselor/cases/{case_id}/contact")
def contact(request: Request, case_id: str, work: CaseWork, form: StaffForm) -> Response:
    words, result = _words(request, form, "contact"), text_of(form, "result", 40)
    if result not in [str(known) for known in ContactResult]:
        raise BadInput("連絡の結果を選んでください。")
    version = version_of(text_of(form, "version"))
    contact = Contact(
        ContactResult(result),
        words,
        text_of(form, "place", 40),
        moment_of(text_of(form, "at", 16), "連絡した時刻"),
        day_of(text_of(form, "next_on", 10), "次に確かめる日"),
    )
    review_actions.record_contact(work, _own(work, case_id), version, contact)
    return _done(work, case_id, "contact")


@router.post("/counselor/cases/{case_id}/later")
def look_later(request: Request, case_id: str, work: CaseWork, form: StaffForm) -> Response:
    """Another day to look again, with a reason."""
    version, words = version_of(text_of(form, "version")), _words(request, form, "later")
    wished = day_of(text_of(form, "next_on", 10), "次に確かめる日")
    review_actions.look_later(work, _own(work, case_id), version, words, wished)
    return _done(work, case_id, "later")


@router.post("/counselor/cases/{case_id}/lower")
def lower(request: Request, case_id: str, work: CaseWork, form: StaffForm) -> Response:
    """A person calls it less urgent, with a reason."""
    version, words = version_of(text_of(form, "version")), _words(request, form, "lower")
    review_actions.lower(work, _own(work, case_id), version, text_of(form, "to", 40), words)
    return _done(work, case_id, "lower")


@router.post("/counselor/cases/{case_id}/lower/confirm")
def confirm_lower(request: Request, case_id: str, work: CaseWork, form: StaffForm) -> Response:
    """The second person agrees, or says why not."""
    version, words = version_of(text_of(form, "version")), _words(request, form, "agree-lower")
    case = _own(work, case_id)
    if text_of(form, "agree", 8) == "yes":
        review_actions.confirm_lower(work, case, version, words)
    else:
        review_actions.refuse_lower(work, case, version, words)
    return _done(work, case_id, "agree-lower")


@router.post("/counselor/cases/{case_id}/restrict")
def restrict(request: Request, case_id: str, work: LeadWork, form: StaffForm) -> Response:
    """Who leads decides that only few know of it, or everybody on the desk again."""
    version, words = version_of(text_of(form, "version")), _words(request, form, "restrict")
    scope = Scope.of(work.actor, Permission.LEAD_CASES)
    case = review_queries.case_by_id(work.db, scope, case_id)
    review_actions.restrict(work, case, version, words, only_few=text_of(form, "only_few", 8) == "yes")
    return _done(work, case_id, "restrict")


@router.post("/counselor/cases/{case_id}/note")
def note(request: Request, case_id: str, work: CaseWork, form: StaffForm) -> Response:
    version, words = version_of(text_of(form, "version")), _words(request, form, "note")
    private = text_of(form, "private", 8) == "yes"
    review_actions.note(work, _own(work, case_id), version, words, private=private)
    return _done(work, case_id, "note")


@router.post("/counselor/cases/{case_id}/close")
def close(request: Request, case_id: str, work: CaseWork, form: StaffForm) -> Response:
    version, words = version_of(text_of(form, "version")), _words(request, form, "close")
    again = day_of(text_of(form, "follow_up_on", 10), "もう一度確かめる日")
    outcome, label = text_of(form, "outcome", 40), text_of(form, "label", 40)
    review_actions.close(work, _own(work, case_id), version, outcome, label, words, again)
    return _done(work, case_id, "close")


@router.post("/counselor/cases/{case_id}/close/confirm")
def confirm_close(request: Request, case_id: str, work: CaseWork, form: StaffForm) -> Response:
    """The second person agrees, or says why not."""
    version, words = version_of(text_of(form, "version")), _words(request, form, "confirm")
    case = _own(work, case_id)
    if text_of(form, "agree", 8) == "yes":
        review_actions.confirm_close(work, case, version, words)
    else:
        review_actions.refuse_close(work, case, version, words)
    return _done(work, case_id, "confirm")


@router.post("/counselor/cases/{case_id}/again")
def look_again(request: Request, case_id: str, work: CaseWork, form: StaffForm) -> Response:
    """A closed case, looked at once more on its day."""
    version, words = version_of(text_of(form, "version")), _words(request, form, "again")
    again = day_of(text_of(form, "next_on", 10), "次に確かめる日")
    review_actions.look_again(work, _own(work, case_id), version, words, again)
    return _done(work, case_id, "again")


@router.post("/counselor/cases/{case_id}/release")
def release(case_id: str, work: CaseWork, form: StaffForm) -> Response:
    """Let go of a case before its time."""
    hold_actions.release(work, _own(work, case_id))
    return _back(case_id)


@router.post("/counselor/cases/{case_id}/draft")
def keep_draft(case_id: str, work: CaseWork, form: StaffForm) -> Response:
    """Words typed and not sent: kept for the same person, shown to nobody else."""
    name = text_of(form, "form", 20)
    if name not in DRAFTED:
        raise BadInput("下書きの欄が分かりません。ページを開き直してください。")
    hold_actions.save_draft(work, _own(work, case_id), name, text_of(form, "words", DRAFT))
    return Response(status_code=204)


def _words(request: Request, form: FormData, name: str) -> str:
    """The words of a form. Should the deed be refused, the door keeps them as a draft."""
    words = text_of(form, "words", DRAFT).replace("\r\n", "\n")
    request.state.unsent = (name, words)
    if len(words) > WORDS:
        raise BadInput(f"一度に残せるのは{WORDS}文字までです(今は{len(words)}文字)。分けて残してください。")
    return words


def _done(work: Work, case_id: str, name: str) -> Response:
    """The words have arrived: their draft is not needed any more."""
    hold_actions.save_draft(work, _own(work, case_id), name, "")
    return _back(case_id)


def _own(work: Work, case_id: str) -> Case:
    return review_queries.case_by_id(work.db, Scope.of(work.actor, Permission.WORK_CASES), case_id)


def _back(case_id: str) -> Response:
    return RedirectResponse(f"/counselor/cases/{case_id}", status_code=303)
