"""When somebody cannot get in: they ask, a second person sees them and hands over a code, they enter it."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from survey_api.access import second_person
from survey_api.access.sessions import SignInRefused
from survey_api.web.deps import RuntimeDep
from survey_ui.shell.forms import PlainForm, text_of
from survey_ui.shell.templating import page
from survey_ui.signin.arrival import DOOR, go_on

router = APIRouter(prefix="/signin/emergency")


@router.get("")
def emergency(request: Request) -> Response:
    return page(request, "signin/emergency.html", {"asked": False, "login": "", "refusal": ""})


@router.post("")
def ask(request: Request, runtime: RuntimeDep, form: PlainForm) -> Response:
    """The same page for everybody: whether the ID exists cannot be read from it."""
    login = text_of(form, "login", 200)
    with runtime.work(DOOR) as work:
        second_person.ask_entry(work, login)
    return page(request, "signin/emergency.html", {"asked": True, "login": login, "refusal": ""})


@router.post("/code")
def enter(request: Request, runtime: RuntimeDep, form: PlainForm) -> Response:
    login = text_of(form, "login", 200)
    with runtime.work(DOOR) as work:
        outcome = second_person.enter(work, login, text_of(form, "code", 40))
    if not isinstance(outcome, SignInRefused):
        return go_on(request, outcome, "")
    context = {"asked": True, "login": login, "refusal": "コードがちがうか、15分を過ぎています。"}
    return page(request, "signin/emergency.html", context, status=403)
