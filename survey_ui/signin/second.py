"""The second proof: a one-time code, or setting one up before the first session."""

import io
from typing import Any

import segno
from fastapi import APIRouter, Request
from starlette.responses import Response

from survey_api.access import queries, second_factor, sessions, steps
from survey_api.access.sessions import SignInRefused
from survey_api.access.steps import Purpose, Step, StepOver
from survey_api.kit.work import Work
from survey_api.tables.staff import Staff
from survey_api.web import cookies
from survey_api.web.deps import RuntimeDep
from survey_ui.shell.forms import PlainForm, text_of
from survey_ui.shell.templating import page
from survey_ui.signin.arrival import DOOR, go_on, let_in, refusal_status, refusal_words

router = APIRouter(prefix="/signin")
WRONG = "コードがちがうか、もう使われています。新しいコードを入れてください。"


@router.get("/second")
def second(request: Request) -> Response:
    return page(request, "signin/second.html", {"refusal": ""})


@router.post("/second")
def try_second(request: Request, runtime: RuntimeDep, form: PlainForm) -> Response:
    """A one-time code or a recovery code opens the session."""
    token = cookies.step_token(request)
    with runtime.work(DOOR) as work:
        back = steps.look(work, token, Purpose.SECOND_FACTOR).state["back"]
        outcome = sessions.second_step(work, token, text_of(form, "code", 40))
    if not isinstance(outcome, SignInRefused):
        return go_on(request, outcome, back)
    context = {"refusal": refusal_words(outcome, WRONG)}
    return page(request, "signin/second.html", context, status=refusal_status(outcome))


@router.get("/enrol")
def enrol(request: Request, runtime: RuntimeDep) -> Response:
    """Show the QR code of a new secret; nobody is signed in yet."""
    with runtime.work(DOOR) as work:
        step, staff = _enrolling(work, request)
    return page(request, "signin/enrol.html", {"refusal": "", **shown(step.state["secret"], staff.login)})


@router.post("/enrol")
def try_enrol(request: Request, runtime: RuntimeDep, form: PlainForm) -> Response:
    """The first code of the new secret opens the session and shows the recovery codes once."""
    with runtime.work(DOOR) as work:
        step, staff = _enrolling(work, request)
        fits = second_factor.confirm_totp(work, staff, step.state["secret"], text_of(form, "code", 40))
        if fits:
            steps.finish(work, step)
            codes = second_factor.new_recovery_codes(work, staff.id)
            signed_in = sessions.open_session(work, staff, "totp")
        else:
            steps.count_try(work, step)
    if not fits:
        context = {"refusal": WRONG, **shown(step.state["secret"], staff.login)}
        return page(request, "signin/enrol.html", context, status=403)
    response = page(request, "signin/codes.html", {"codes": codes, "onward": "/staff"})
    let_in(request, response, signed_in)
    return response


def _enrolling(work: Work, request: Request) -> tuple[Step, Staff]:
    step = steps.look(work, cookies.step_token(request), Purpose.ENROL_TOTP)
    staff = queries.staff_by_id(work.db, step.staff_id or "")
    if staff is None or not staff.active:
        raise StepOver
    return step, staff


def shown(secret: str, login: str) -> dict[str, Any]:
    """What the page needs to show a secret: a drawing, and the letters in groups of four."""
    drawing = io.BytesIO()
    segno.make(second_factor.address(secret, login), error="m").save(
        drawing, kind="svg", scale=5, border=2, xmldecl=False, svgns=True, omitsize=False
    )
    groups = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    return {"drawing": drawing.getvalue().decode(), "secret": groups}
