"""A new colleague's first page: the link they were given, a password, then the second factor.

The secret of the link stands behind the # and never reaches a log or a history.
"""

from fastapi import APIRouter, Request
from starlette.responses import Response

from survey_api.access import invitations
from survey_api.access.sessions import SignInRefused
from survey_api.kit.problems import BadInput
from survey_api.web.deps import RuntimeDep
from survey_ui.shell.forms import PlainForm, text_of
from survey_ui.shell.templating import page
from survey_ui.signin.arrival import DOOR, go_on, second_demanded

router = APIRouter()


@router.get("/invitation")
def invitation(request: Request) -> Response:
    return page(request, "signin/invitation.html", {"token": "", "login": "", "refusal": ""})


@router.post("/invitation")
def open_invitation(request: Request, runtime: RuntimeDep, form: PlainForm) -> Response:
    """First post: whose invitation it is. Second post: the password."""
    token, password = text_of(form, "token", 100), form.get("password")
    with runtime.work(DOOR) as work:
        login = invitations.invited(work, token).login
    if not isinstance(password, str):
        return page(request, "signin/invitation.html", {"token": token, "login": login, "refusal": ""})
    try:
        if password != form.get("again"):
            raise BadInput("二つのパスワードがちがいます。同じものを入れてください。")
        with runtime.work(DOOR) as work:
            outcome = invitations.accept(work, token, password, demand_second=second_demanded(request))
    except BadInput as wrong:
        context = {"token": token, "login": login, "refusal": wrong.detail}
        return page(request, "signin/invitation.html", context, status=422)
    if isinstance(outcome, SignInRefused):
        raise invitations.InvitationOver
    return go_on(request, outcome, "")
