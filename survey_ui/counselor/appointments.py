"""オンライン相談: hours at the desks of the head office, taken by a branch office. No word about any child."""

from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from survey_api.journeys import meet_online
from survey_api.kit.clock import school_day
from survey_api.kit.problems import BadInput
from survey_api.kit.work import Work
from survey_api.services.appointments import queries, rules
from survey_api.services.appointments.rules import Slot
from survey_api.vocabulary import AppointmentState
from survey_ui.counselor.door import MeetWork, version_of
from survey_ui.shell.forms import StaffForm, day_of, text_of
from survey_ui.shell.templating import page

router = APIRouter(prefix="/counselor/appointments")

BACK, AHEAD = timedelta(days=14), timedelta(days=60)


@router.get("")
def appointments(request: Request, work: MeetWork) -> Response:
    return _page(request, work)


def _page(
    request: Request, work: Work, refusal: BadInput | None = None, typed: dict[str, str] | None = None
) -> Response:
    today = school_day(work.now)
    found = queries.hours(work.db, today - BACK, today + AHEAD)
    context = {
        "coming": [(hour, _moves(hour, work)) for hour in found if hour.on_day >= today and _lives(hour)],
        "earlier": [
            (hour, _moves(hour, work)) for hour in reversed(found) if hour.on_day < today or not _lives(hour)
        ],
        "desks": meet_online.desks(work.db),
        "topics": rules.TOPICS,
        "lengths": rules.LENGTHS,
        "limits": {"how": rules.HOW_LENGTH, "branch": rules.BRANCH_LENGTH},
        "states": rules.STATE_WORDS,
        "typed": typed or {},
        "today": today,
        "refusal": refusal,
    }
    return page(request, "counselor/appointments.html", context, status=422 if refusal else 200)


def _lives(hour: queries.Hour) -> bool:
    return hour.state in (AppointmentState.OPEN, AppointmentState.BOOKED)


def _moves(hour: queries.Hour, work: Work) -> list[tuple[str, str]]:
    """(code, words) of what this person can say about an hour now."""
    if work.actor.id not in (hour.host_id, hour.guest_id):
        return []
    begun = rules.begins_at(hour.on_day, hour.starts) <= work.now
    after = (AppointmentState.HELD, AppointmentState.MISSED)
    return [
        (str(state), rules.MOVE_WORDS[state])
        for state in AppointmentState
        if state in rules.MOVES[hour.state] and state in rules.MOVE_WORDS and (state in after) == begun
    ]


@router.post("")
def offer(request: Request, work: MeetWork, form: StaffForm) -> Response:
    """A desk keeps an hour free."""
    typed = {name: text_of(form, name, 80) for name in ("agency", "on_day", "starts", "minutes", "how")}
    minutes = int(typed["minutes"]) if typed["minutes"] in [str(one) for one in rules.LENGTHS] else 0
    try:
        slot = Slot(typed["agency"], day_of(typed["on_day"], "日"), typed["starts"], minutes, typed["how"])
        meet_online.offer_hour(work, slot)
    except BadInput as refusal:
        return _page(request, work, refusal, typed)
    return _back()


@router.post("/{appointment_id}/book")
def book(request: Request, appointment_id: str, work: MeetWork, form: StaffForm) -> Response:
    version = version_of(text_of(form, "version"))
    try:
        meet_online.take_hour(
            work, appointment_id, version, text_of(form, "branch", 80), text_of(form, "topic", 20)
        )
    except BadInput as refusal:
        return _page(request, work, refusal)
    return _back()


@router.post("/{appointment_id}/move")
def move(appointment_id: str, work: MeetWork, form: StaffForm) -> Response:
    """Given back, called off, held or missed."""
    version = version_of(text_of(form, "version"))
    meet_online.move_hour(work, appointment_id, version, text_of(form, "to", 20))
    return _back()


def _back() -> Response:
    return RedirectResponse("/counselor/appointments", status_code=303)
