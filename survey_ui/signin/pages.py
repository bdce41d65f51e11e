"""Sign in, sign out, and the first page of each role."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from survey_api.access import sessions
from survey_api.access.sessions import SignedIn
from survey_api.kit.actor import Actor
from survey_api.web import cookies
from survey_api.web.deps import RuntimeDep, StaffDep, WorkDep
from survey_ui.shell.forms import PlainForm, StaffForm, csrf_token, text_of
from survey_ui.shell.templating import page

router = APIRouter()

HOMES = (
    ("counselor", "/counselor/"),
    ("welfare", "/welfare/"),
    ("office", "/office/"),
    ("operator", "/operator/"),
)


@router.get("/signin")
def signin(request: Request) -> Response:
    back = _inside(request.query_params.get("next", ""))
    return page(request, "signin/signin.html", {"next": back, "refusal": "", "login": ""})


@router.post("/signin")
def try_signin(request: Request, runtime: RuntimeDep, form: PlainForm) -> Response:
    """A right password opens a new session; a wrong one says so and is counted."""
    login, password = text_of(form, "login", 200), form.get("password")
    with runtime.work(Actor.job("signin")) as work:
        outcome = sessions.sign_in(work, login, password if isinstance(password, str) else "")
    if isinstance(outcome, SignedIn):
        response = RedirectResponse(_inside(text_of(form, "next", 400)) or "/staff", status_code=303)
        cookies.set_staff_token(request, response, outcome.token)
        cookies.clear_pupil_ticket(request, response)
        return response
    refusal = (
        f"何度もまちがえたため、{outcome.wait_seconds}秒待ってからやり直してください。"
        if outcome.wait_seconds
        else "IDかパスワードがちがいます。もう一度入れてください。"
    )
    context = {"next": _inside(text_of(form, "next", 400)), "refusal": refusal, "login": login}
    return page(request, "signin/signin.html", context, status=429 if outcome.wait_seconds else 403)


@router.post("/signout")
def signout(request: Request, form: StaffForm, work: WorkDep) -> Response:
    sessions.sign_out(work, cookies.staff_token(request) or "")
    response = RedirectResponse("/signin", status_code=303)
    cookies.clear_staff_token(request, response)
    response.headers["clear-site-data"] = '"cookies"'
    return response


@router.get("/staff")
def staff_home(request: Request, runtime: RuntimeDep, actor: StaffDep) -> Response:
    """Send a person with one role to its first page; let a person with several choose."""
    homes = [home for role, home in HOMES if role in actor.roles]
    if len(homes) == 1:
        return RedirectResponse(homes[0], status_code=303)
    request.state.actor = actor
    request.state.csrf = csrf_token(runtime.keys, cookies.staff_token(request) or "")
    return page(request, "signin/choose.html", {"homes": homes})


def _inside(path: str) -> str:
    """Only an address inside this service: no scheme, no host, no second slash."""
    safe = (
        path.startswith("/") and not path.startswith(("//", "/\\")) and "\n" not in path and "\r" not in path
    )
    return path if safe else ""
