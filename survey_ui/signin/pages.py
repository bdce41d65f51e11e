"""Sign in with a password, sign out, and the first page of each role."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from survey_api.access import sessions
from survey_api.access.sessions import SignInRefused
from survey_api.kit.problems import SignInAgain
from survey_api.web import cookies
from survey_api.web.deps import RuntimeDep, StaffDep, WorkDep
from survey_ui.shell.forms import PlainForm, StaffForm, csrf_token, text_of
from survey_ui.shell.templating import page
from survey_ui.signin import account, emergency, invitation, lock, passkeys, second, sso
from survey_ui.signin.arrival import (
    DOOR,
    go_on,
    inside,
    out,
    refusal_status,
    refusal_words,
    second_demanded,
    whence,
)

router = APIRouter()
for door in (second, passkeys, sso, invitation, emergency, account, lock):
    router.include_router(door.router)

HOMES = (
    ("counselor", "/counselor/"),
    ("welfare", "/welfare/"),
    ("office", "/office/"),
    ("operator", "/operator/"),
    ("head", "/counselor/"),
    ("duty", "/counselor/duty"),
)


@router.get("/signin")
def signin(request: Request, runtime: RuntimeDep) -> Response:
    back = inside(request.query_params.get("next", ""))
    context: dict[str, Any] = {
        "next": back,
        "refusal": SignInAgain.title if request.query_params.get("again") else "",
        "login": "",
        "services": runtime.settings.sso,
    }
    context["again"] = request.query_params.get("practice") == "again"
    response = page(request, "signin/signin.html", context)
    cookies.set_device(request, response, runtime.keys)
    return response


@router.post("/signin")
def try_signin(request: Request, runtime: RuntimeDep, form: PlainForm) -> Response:
    """A right password leads in or to the second factor; a wrong one says so and is counted."""
    login, password, back = text_of(form, "login", 200), form.get("password"), text_of(form, "next", 400)
    with runtime.work(DOOR) as work:
        outcome = sessions.sign_in(
            work,
            login,
            password if isinstance(password, str) else "",
            demand_second=second_demanded(request),
            back=inside(back),
            where=whence(request),
        )
    if not isinstance(outcome, SignInRefused):
        return go_on(request, outcome, back)
    context = {
        "next": inside(back),
        "refusal": refusal_words(outcome, "IDかパスワードがちがいます。もう一度入れてください。"),
        "login": login,
        "services": runtime.settings.sso,
    }
    return page(request, "signin/signin.html", context, status=refusal_status(outcome))


@router.post("/signout")
def signout(request: Request, form: StaffForm, work: WorkDep) -> Response:
    sessions.sign_out(work, cookies.staff_token(request) or "")
    return out(request)


@router.get("/staff")
def staff_home(request: Request, runtime: RuntimeDep, actor: StaffDep) -> Response:
    """Send a person with one role to its first page; let a person with several choose."""
    homes = [home for role, home in HOMES if role in actor.roles]
    if len(homes) == 1:
        return RedirectResponse(homes[0], status_code=303)
    request.state.actor = actor
    request.state.csrf = csrf_token(runtime.keys, cookies.staff_token(request) or "")
    return page(request, "signin/choose.html", {"homes": homes})
