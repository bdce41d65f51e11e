"""設定: how the own desk looks, when mail may come, who stands in. What it cannot do: silence the most urgent."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from survey_api.journeys.stand_in import ask_stand_in, who_can
from survey_api.kit.clock import school_day
from survey_api.kit.problems import BadInput
from survey_api.kit.work import Work
from survey_api.services.notifications import queries as notifications_queries
from survey_api.services.preferences import actions, queries, rules
from survey_api.services.preferences.rules import Look
from survey_ui.counselor.door import CaseWork
from survey_ui.shell.forms import StaffForm, day_of, text_of
from survey_ui.shell.templating import page

router = APIRouter(prefix="/counselor/own")


@router.get("")
def own(request: Request, work: CaseWork) -> Response:
    return _page(request, work)


def _page(request: Request, work: Work, refusal: BadInput | None = None, typed: Any = None) -> Response:
    colleagues, mine = who_can(work.db, work.actor), queries.preference_of(work.db, work.actor.id)
    address = notifications_queries.address_of(work.db, work.actor.id)
    context = {
        "mine": typed or mine,
        "sizes": rules.TEXT_SIZES,
        "colleagues": colleagues,
        "cover": dict(colleagues).get(mine.cover_id or "", ""),
        "stands_in": queries.stands_in_for(work.db, work.actor.id, school_day(work.now)),
        "email": address.email if address else "",
        "today": school_day(work.now),
        "refusal": refusal,
    }
    return page(request, "counselor/own.html", context, status=422 if refusal else 200)


@router.post("/look")
def look(request: Request, work: CaseWork, form: StaffForm) -> Response:
    """Density, size of the letters, keys."""
    dense, keys = (text_of(form, name, 3) == "yes" for name in ("dense", "shortcuts"))
    actions.set_look(work, Look(dense, rules.text_size(text_of(form, "text_size", 1)), keys))
    return _back()


@router.post("/quiet")
def quiet(request: Request, work: CaseWork, form: StaffForm) -> Response:
    """When no mail should come. The most urgent comes all the same."""
    try:
        actions.set_quiet(work, text_of(form, "quiet_from", 5), text_of(form, "quiet_until", 5))
    except BadInput as refusal:
        return _page(request, work, refusal)
    return _back()


@router.post("/cover")
def cover(request: Request, work: CaseWork, form: StaffForm) -> Response:
    """Somebody else is told in the own place while one is away."""
    try:
        first = day_of(text_of(form, "cover_from", 10), "代わりの始まり")
        last = day_of(text_of(form, "cover_until", 10), "代わりの終わり")
        ask_stand_in(work, text_of(form, "cover", 40), first, last)
    except BadInput as refusal:
        return _page(request, work, refusal)
    return _back()


def _back() -> Response:
    return RedirectResponse("/counselor/own", status_code=303)
