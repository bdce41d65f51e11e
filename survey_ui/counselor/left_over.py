"""Words typed into a session that ran out: kept as their writer's draft, and the way back to the same case."""

import hmac
import re

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from survey_api.access import sessions
from survey_api.access.permissions import Permission
from survey_api.access.scope import Scope
from survey_api.kit.problems import Problem
from survey_api.services.review import queries as review_queries
from survey_api.services.review.hold import actions as hold_actions
from survey_api.web import cookies
from survey_ui.counselor.deeds import DRAFT, DRAFTED
from survey_ui.shell.forms import csrf_token, text_of

_DEED = re.compile(r"(/counselor/cases/([0-9a-f]{32}))/([a-z]+(?:/confirm)?)")
_FORMS = {"close/confirm": "confirm", "lower/confirm": "agree-lower"}


async def rescue(request: Request) -> str:
    """The case to come back to after signing in again; empty when the request was about none.

    Only whoever held the session gets the words: they are sealed as this person's draft, nothing else happens,
    and the form has to carry the token of that session.
    """
    deed = _DEED.fullmatch(request.url.path)
    if deed is None:
        return ""
    back, case_id, name = deed.groups()
    form = await request.form(max_files=0, max_fields=50)
    name = text_of(form, "form", 20) if name == "draft" else _FORMS.get(name, name)
    words = text_of(form, "words", DRAFT)
    if name in DRAFTED and words:
        await run_in_threadpool(_keep, request, case_id, name, words, text_of(form, "csrf", 64))
    return back


def _keep(request: Request, case_id: str, name: str, words: str, csrf: str) -> None:
    runtime, token = request.app.state.runtime, cookies.staff_token(request) or ""
    if not token or not hmac.compare_digest(csrf, csrf_token(runtime.keys, token)):
        return
    with runtime.reading() as db:
        actor = sessions.left_by(db, runtime.clock, token)
    if actor is None:
        return
    try:
        with runtime.work(actor) as work:
            scope = Scope.of(actor, Permission.WORK_CASES)
            case = review_queries.case_by_id(work.db, scope, case_id)
            hold_actions.save_draft(work, case, name, words)
    except Problem:
        return  # another school's case, or a key that is not there: nothing to keep, and nothing to tell
