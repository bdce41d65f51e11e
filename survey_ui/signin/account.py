"""A person's own page: password, one-time codes, passkeys, recovery codes, signing out everywhere.

Every change asks for a sign-in within the last five minutes.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from survey_api.access import invitations, passkeys, queries, second_factor, sessions, steps
from survey_api.access.passwords import verify_password
from survey_api.access.steps import Purpose
from survey_api.kit.actor import Actor
from survey_api.kit.problems import BadInput, NotSignedIn, SignInAgain
from survey_api.kit.work import Work
from survey_api.tables.staff import Staff
from survey_api.web import cookies
from survey_api.web.deps import ReadDep, RuntimeDep, StaffDep, WorkDep
from survey_ui.shell.forms import StaffForm, csrf_token, text_of
from survey_ui.shell.templating import page
from survey_ui.signin.arrival import let_in, out, site
from survey_ui.signin.passkeys import with_step
from survey_ui.signin.second import WRONG, shown

router = APIRouter(prefix="/account")


def fresh(request: Request, runtime: RuntimeDep, db: ReadDep, actor: StaffDep) -> Actor:
    """The signed-in person, whose proof is at most five minutes old; SignInAgain otherwise."""
    token = cookies.staff_token(request) or ""
    if not sessions.is_fresh(db, runtime.clock, token):
        raise SignInAgain
    request.state.actor, request.state.csrf = actor, csrf_token(runtime.keys, token)
    return actor


FreshDep = Annotated[Actor, Depends(fresh)]


@router.get("")
def account(request: Request, db: ReadDep, actor: FreshDep) -> Response:
    staff = queries.staff_by_id(db, actor.id)
    if staff is None:
        raise NotSignedIn
    context = {
        "staff": staff,
        "passkeys": queries.passkeys_of(db, actor.id),
        "codes_left": queries.recovery_codes_left(db, actor.id),
    }
    return page(request, "signin/account.html", context)


@router.post("/password")
def change_password(request: Request, actor: FreshDep, form: StaffForm, work: WorkDep) -> Response:
    """Needs the present one; every other device is signed out."""
    staff, present, new = _me(work, actor), form.get("present"), form.get("password")
    if not isinstance(present, str) or not verify_password(staff.password_hash, present):
        raise BadInput("今のパスワードがちがいます。")
    if not isinstance(new, str) or new != form.get("again"):
        raise BadInput("二つの新しいパスワードがちがいます。同じものを入れてください。")
    invitations.set_password(work, staff, new)
    return _in_again(request, work, staff)


@router.post("/totp")
def new_totp(request: Request, actor: FreshDep, form: StaffForm, work: WorkDep) -> Response:
    """Show a new secret; it counts only when its first code has been entered."""
    staff = _me(work, actor)
    secret = second_factor.new_secret()
    token = steps.begin(work, Purpose.ENROL_TOTP, staff.id, {"secret": secret})
    response = page(request, "signin/new_totp.html", {"refusal": "", **shown(secret, staff.login)})
    cookies.set_step_token(request, response, token)
    return response


@router.post("/totp/confirm")
def confirm_totp(
    request: Request, runtime: RuntimeDep, actor: FreshDep, form: StaffForm, work: WorkDep
) -> Response:
    staff = _me(work, actor)
    step = steps.look(work, cookies.step_token(request), Purpose.ENROL_TOTP)
    if step.staff_id != staff.id:
        raise steps.StepOver
    secret = step.state["secret"]
    if not second_factor.confirm_totp(work, staff, secret, text_of(form, "code", 40)):
        steps.count_try(work, step)
        return page(
            request, "signin/new_totp.html", {"refusal": WRONG, **shown(secret, staff.login)}, status=403
        )
    steps.finish(work, step)
    codes = second_factor.new_recovery_codes(work, staff.id)
    return page(request, "signin/codes.html", {"codes": codes, "onward": "/account"})


@router.post("/codes")
def new_codes(request: Request, actor: FreshDep, form: StaffForm, work: WorkDep) -> Response:
    context: dict[str, Any] = {
        "codes": second_factor.new_recovery_codes(work, actor.id),
        "onward": "/account",
    }
    return page(request, "signin/codes.html", context)


@router.post("/passkeys/question")
def passkey_question(request: Request, actor: FreshDep, form: StaffForm, work: WorkDep) -> Response:
    return with_step(request, passkeys.ask_to_enrol(work, _me(work, actor), site(request)))


@router.post("/passkeys/answer")
def passkey_answer(request: Request, actor: FreshDep, form: StaffForm, work: WorkDep) -> Response:
    passkeys.enrol(
        work,
        _me(work, actor),
        site(request),
        cookies.step_token(request),
        text_of(form, "credential", 8000),
        text_of(form, "label", passkeys.LABEL_LENGTH),
    )
    return JSONResponse({"onward": "/account"})


@router.post("/passkeys/{passkey_id}/remove")
def remove_passkey(actor: FreshDep, form: StaffForm, work: WorkDep, passkey_id: str) -> Response:
    passkeys.remove(work, actor.id, passkey_id)
    return RedirectResponse("/account", status_code=303)


@router.post("/signout-everywhere")
def out_everywhere(request: Request, actor: FreshDep, form: StaffForm, work: WorkDep) -> Response:
    """This device too: a lost tablet is not the only one that may be in the wrong hands."""
    sessions.end_all(work, actor.id)
    return out(request)


def _me(work: Work, actor: Actor) -> Staff:
    staff = queries.staff_by_id(work.db, actor.id)
    if staff is None:
        raise NotSignedIn
    return staff


def _in_again(request: Request, work: Work, staff: Staff) -> Response:
    response = RedirectResponse("/account", status_code=303)
    let_in(request, response, sessions.open_session(work, staff, "password"))
    return response
