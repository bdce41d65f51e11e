"""The operator's list of colleagues: invite, give and take roles, switch off, second person, quarterly review."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from survey_api.access import actions, invitations, queries, second_factor, second_person, sessions
from survey_api.access.permissions import IN_WORDS, Permission
from survey_api.kit.actor import Actor
from survey_api.kit.problems import BadInput, NotFound
from survey_api.services.students import queries as students
from survey_api.vocabulary import Role
from survey_api.web.deps import ReadDep, RuntimeDep, WorkDep
from survey_ui.operator import view
from survey_ui.shell.forms import StaffForm, text_of
from survey_ui.shell.guards import enter
from survey_ui.shell.templating import page

router = APIRouter(prefix="/operator/staff")
MANAGE = enter(Permission.MANAGE_STAFF)


@router.get("")
def colleagues(request: Request, runtime: RuntimeDep, db: ReadDep, actor: Actor = MANAGE) -> Response:
    """Everybody, what they may, how they sign in; what waits for a second person; is a review due."""
    schools = {school.id: school.name for school in students.schools(db)}
    people = queries.all_staff(db)
    review, now = queries.last_review(db), runtime.clock.now()
    context = {
        "rows": [
            view.colleague(
                person, queries.grants_with_ids(db, person.id), second_factor.has_one(db, person), schools
            )
            for person in people
        ],
        "roles": [(role.value, view.ROLE_NAMES[role], words) for role, words in IN_WORDS.items()],
        "schools": schools,
        "waiting": view.waiting(queries.open_requests(db, now), people, actor.id),
        "review": review,
        "review_due": review is None or now - review.at > actions.REVIEW_EVERY,
    }
    return page(request, "operator/staff.html", context)


@router.post("")
def invite(request: Request, form: StaffForm, work: WorkDep, actor: Actor = MANAGE) -> Response:
    """A new colleague; the link is shown once, to be handed over by the operator."""
    token = invitations.invite(
        work,
        text_of(form, "login", 60),
        text_of(form, "name", 80),
        _role(text_of(form, "role", 40)),
        _school(work, text_of(form, "school", 40)),
        text_of(form, "sso_email", 200),
    )
    return _link(request, token)


@router.post("/{staff_id}/link")
def link(request: Request, form: StaffForm, work: WorkDep, staff_id: str, actor: Actor = MANAGE) -> Response:
    return _link(request, invitations.invite_again(work, staff_id))


@router.post("/{staff_id}/grants")
def give(form: StaffForm, work: WorkDep, staff_id: str, actor: Actor = MANAGE) -> Response:
    if queries.staff_by_id(work.db, staff_id) is None:
        raise NotFound
    actions.grant(
        work, staff_id, _role(text_of(form, "role", 40)), _school(work, text_of(form, "school", 40))
    )
    return _back()


@router.post("/{staff_id}/switch")
def switch(form: StaffForm, work: WorkDep, staff_id: str, actor: Actor = MANAGE) -> Response:
    actions.switch(work, staff_id, active=text_of(form, "active", 5) == "yes")
    return _back()


@router.post("/{staff_id}/signout")
def sign_out_everywhere(form: StaffForm, work: WorkDep, staff_id: str, actor: Actor = MANAGE) -> Response:
    if queries.staff_by_id(work.db, staff_id) is None:
        raise NotFound
    sessions.end_all(work, staff_id)
    return _back()


@router.post("/{staff_id}/factor")
def ask_factor_off(form: StaffForm, work: WorkDep, staff_id: str, actor: Actor = MANAGE) -> Response:
    second_person.ask_factor_off(work, staff_id)
    return _back()


@router.post("/requests/{request_id}")
def second_word(
    request: Request, form: StaffForm, work: WorkDep, request_id: str, actor: Actor = MANAGE
) -> Response:
    """Grant as the second person; a code is shown once, to be told face to face."""
    granted = second_person.grant(work, request_id)
    return page(request, "operator/code.html", {"code": granted.code}) if granted.code else _back()


@router.get("/review")
def review(request: Request, db: ReadDep, actor: Actor = MANAGE) -> Response:
    schools = {school.id: school.name for school in students.schools(db)}
    rows = [
        view.colleague(
            person, queries.grants_with_ids(db, person.id), second_factor.has_one(db, person), schools
        )
        for person in queries.all_staff(db)
    ]
    return page(request, "operator/review.html", {"rows": [row for row in rows if row["grants"]]})


@router.post("/review")
def reviewed(form: StaffForm, work: WorkDep, actor: Actor = MANAGE) -> Response:
    """What is not ticked is taken back."""
    actions.review_grants(work, {str(kept) for kept in form.getlist("keep")})
    return _back()


def _back() -> Response:
    return RedirectResponse("/operator/staff", status_code=303)


def _link(request: Request, token: str) -> Response:
    settings = request.app.state.runtime.settings
    address = f"{settings.public_url or str(request.base_url).rstrip('/')}/invitation#{token}"
    return page(request, "operator/link.html", {"address": address})


def _role(value: str) -> Role:
    try:
        return Role(value)
    except ValueError as unknown:
        raise BadInput("役割を選んでください。") from unknown


def _school(work: WorkDep, value: str) -> str | None:
    """Empty: the whole city. BadInput for a school that is not there."""
    if not value:
        return None
    if value not in {school.id for school in students.schools(work.db)}:
        raise BadInput("学校を選び直してください。")
    return value
