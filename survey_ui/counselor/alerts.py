"""Where a counselor is told that something waits. The only one at a school cannot mute the most urgent."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from survey_api.kit.problems import BadInput
from survey_api.services.notifications import actions, queries
from survey_ui.counselor.door import CaseWork
from survey_ui.shell.forms import StaffForm, text_of
from survey_ui.shell.templating import page

router = APIRouter()


@router.get("/counselor/alerts")
def alerts(request: Request, work: CaseWork) -> Response:
    mine = queries.address_of(work.db, work.actor.id)
    context = {"email": mine.email if mine else "", "mute": bool(mine and mine.mute_usual)}
    return page(request, "counselor/alerts.html", {**context, "urgent": bool(mine and mine.mute_urgent)})


@router.post("/counselor/alerts")
def keep(request: Request, work: CaseWork, form: StaffForm) -> Response:
    email = text_of(form, "email", 400)
    mute, urgent = (text_of(form, name, 3) == "yes" for name in ("mute_usual", "mute_urgent"))
    context = {"email": email, "mute": mute, "urgent": urgent}
    try:
        actions.keep_address(work, email, mute_usual=mute, mute_urgent=urgent)
    except BadInput as refusal:
        return page(request, "counselor/alerts.html", {**context, "refusal": refusal}, status=422)
    return page(request, "counselor/alerts.html", {**context, "done": True})
