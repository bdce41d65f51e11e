"""つなぎ先・居場所: the office keeps the directory that counselors and families use."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from survey_api.access.permissions import Permission
from survey_api.kit.actor import Actor
from survey_api.kit.clock import school_day
from survey_api.kit.problems import BadInput
from survey_api.services.agencies import actions, queries, rules
from survey_api.services.agencies.rules import Entry
from survey_api.services.banks.wording import sentence_problems
from survey_api.tables.agencies import Agency
from survey_api.vocabulary import AgencyKind, Alone
from survey_api.web.deps import ReadDep, RuntimeDep, WorkDep
from survey_ui.shell.forms import StaffForm, day_of, text_of
from survey_ui.shell.guards import enter
from survey_ui.shell.templating import page

router = APIRouter(prefix="/places")

NEW: dict[str, Any] = {
    **dict.fromkeys(rules.LIMITS, ""),
    "kind": "",
    "age_from": 6,
    "age_to": 18,
    "alone": str(Alone.ASK),
    "takes_sheets": False,
    "reply_days": 5,
    "verified_on": None,
    "active": True,
}


@router.get("")
def places(
    request: Request, runtime: RuntimeDep, db: ReadDep, actor: Actor = enter(Permission.KEEP_DIRECTORY)
) -> Response:
    today = school_day(runtime.clock.now())
    rows = [
        (agency, rules.KIND_WORDS[AgencyKind(agency.kind)], rules.is_stale(agency.verified_on, today))
        for agency in queries.directory(db, also_closed=True)
    ]
    return page(request, "office/places.html", {"rows": rows, "stale_days": rules.STALE_DAYS})


@router.get("/new")
def new_place(request: Request, actor: Actor = enter(Permission.KEEP_DIRECTORY)) -> Response:
    return _form(request, NEW, "/office/places/new")


@router.post("/new")
def add_place(
    request: Request, work: WorkDep, form: StaffForm, actor: Actor = enter(Permission.KEEP_DIRECTORY)
) -> Response:
    try:
        actions.save(work, entry_of(form))
    except BadInput as refusal:
        return _form(request, _typed(form), "/office/places/new", refusal)
    return RedirectResponse("/office/places", status_code=303)


@router.get("/{agency_id}")
def one_place(
    request: Request, agency_id: str, db: ReadDep, actor: Actor = enter(Permission.KEEP_DIRECTORY)
) -> Response:
    agency = queries.agency_by_id(db, agency_id)
    return _form(request, _stored(agency), f"/office/places/{agency_id}")


@router.post("/{agency_id}")
def change_place(
    request: Request,
    agency_id: str,
    work: WorkDep,
    form: StaffForm,
    actor: Actor = enter(Permission.KEEP_DIRECTORY),
) -> Response:
    queries.agency_by_id(work.db, agency_id)
    try:
        actions.save(work, entry_of(form), agency_id)
    except BadInput as refusal:
        return _form(request, _typed(form), f"/office/places/{agency_id}", refusal)
    return RedirectResponse("/office/places", status_code=303)


def entry_of(form: FormData) -> Entry:
    """The form as an entry; BadInput for a choice or number that is none."""
    kind, alone = text_of(form, "kind", 40), text_of(form, "alone", 10)
    if kind not in [str(known) for known in AgencyKind]:
        raise BadInput("種類を選んでください。")
    if alone not in [str(known) for known in Alone]:
        raise BadInput("「子どもだけで行けるか」を選んでください。")
    texts = {field: text_of(form, field) for field in rules.LIMITS}
    if unfit := sentence_problems(texts["for_children"], "L"):  # the youngest read it too
        raise BadInput(f"子どもの最後の画面に出すことば: {unfit[0]}")
    return Entry(
        kind=AgencyKind(kind),
        texts=texts,
        age_from=_number(form, "age_from", "年齢(から)"),
        age_to=_number(form, "age_to", "年齢(まで)"),
        alone=Alone(alone),
        takes_sheets=text_of(form, "takes_sheets", 3) == "yes",
        reply_days=_number(form, "reply_days", "返事までの日数"),
        verified_on=day_of(text_of(form, "verified_on", 10), "確かめた日"),
        active=text_of(form, "active", 3) == "yes",
    )


def _number(form: FormData, name: str, label: str) -> int:
    text = text_of(form, name, 4)
    if not (text.isascii() and text.isdecimal()):
        raise BadInput(f"{label}: 数字で入れてください。")
    return int(text)


def _form(request: Request, filled: dict[str, Any], target: str, refusal: BadInput | None = None) -> Response:
    context = {
        "filled": filled,
        "target": target,
        "refusal": refusal,
        "kinds": rules.KIND_WORDS,
        "alones": rules.ALONE_WORDS,
        "limits": rules.LIMITS,
        "labels": rules.FIELD_WORDS,
    }
    return page(request, "office/place.html", context, status=422 if refusal else 200)


def _stored(agency: Agency) -> dict[str, Any]:
    return {name: getattr(agency, name) for name in NEW}


def _typed(form: FormData) -> dict[str, Any]:
    """What the person typed, so that a refusal loses nothing."""
    ticked = {name: text_of(form, name, 3) == "yes" for name in ("takes_sheets", "active")}
    return {**{name: text_of(form, name, 200) for name in NEW}, **ticked}
