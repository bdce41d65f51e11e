"""Sign in with a passkey: the browser asks for a question, lets its owner answer, and posts the answer."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from survey_api.access import passkeys, sessions
from survey_api.web import cookies
from survey_api.web.deps import RuntimeDep
from survey_ui.shell.forms import PlainForm, text_of
from survey_ui.signin.arrival import DOOR, inside, let_in, site

router = APIRouter(prefix="/signin/passkey")


@router.post("/question")
def question(request: Request, runtime: RuntimeDep, form: PlainForm) -> Response:
    """The challenge, as options for navigator.credentials.get."""
    with runtime.work(DOOR) as work:
        asked = passkeys.ask_to_sign_in(work, site(request), inside(text_of(form, "next", 400)))
    return with_step(request, asked)


@router.post("/answer")
def answer(request: Request, runtime: RuntimeDep, form: PlainForm) -> Response:
    """A passkey that verified its owner is both factors: it opens the session."""
    with runtime.work(DOOR) as work:
        staff, back = passkeys.recognise(
            work, site(request), cookies.step_token(request), text_of(form, "credential", 8000)
        )
        signed_in = sessions.open_session(work, staff, "passkey")
    response = JSONResponse({"onward": back or "/staff"})
    let_in(request, response, signed_in)
    return response


def with_step(request: Request, asked: passkeys.Asked) -> Response:
    response = Response(asked.options, media_type="application/json")
    cookies.set_step_token(request, response, asked.token)
    return response
