"""A child shows a ticket that was sent already, and may take its answers back. The same for every child.

No cookie that lasts: the next child at this tablet must not find a way to these answers. Neither the ticket nor the
word of the page before stays in what Back and Reload send again: each page is shown once, from a cookie that only its
address sees and that goes as it is shown. What a page carries to the next dies after five minutes.
"""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from survey_api.journeys.withdraw_answers import take_back
from survey_api.kit.actor import Actor
from survey_api.kit.problems import TicketUnknown
from survey_api.services.banks import queries as banks_queries
from survey_api.services.submissions import queries as submissions_queries
from survey_api.web import cookies
from survey_api.web.deps import RuntimeDep, write
from survey_ui.shell import reading
from survey_ui.shell.child_words import words
from survey_ui.shell.errors import ToldLater, kind_page
from survey_ui.shell.forms import PlainForm, text_of
from survey_ui.shell.templating import page
from survey_ui.student import view

router = APIRouter()
OWN_WISH = Actor.job("own-wish")
"""Not the ticket: the trail says that somebody took answers back, not who."""


STEPS = ("spent", "back")


def ask_with(request: Request, runtime: RuntimeDep, ticket_id: str) -> Response:
    """This ticket was sent, declined or taken back: one page for all of it, with the way to take it back."""
    return _lead_to(request, runtime, ticket_id, "spent")


@router.get(cookies.TOLD_PATH)
def told(request: Request, runtime: RuntimeDep) -> Response:
    """What has to be said about a ticket that was shown, once; whoever asks again finds the first page."""
    what = cookies.told(request, runtime.keys)
    step, _, ticket_id = what.partition("|")
    if step in STEPS:
        response = _show(request, runtime, ticket_id, step)
    else:
        response = kind_page(request, ToldLater(what)) if what else RedirectResponse("/", status_code=303)
    cookies.clear_told(request, response)
    return response


@router.post("/s/back")
def ask(request: Request, runtime: RuntimeDep, form: PlainForm) -> Response:
    """Sure? No reason is asked."""
    return _lead_to(request, runtime, _ticket(runtime, form), "back")


@router.post("/s/back/yes")
def back(request: Request, runtime: RuntimeDep, form: PlainForm) -> Response:
    """Taken back, in the transaction that answers; a second press changes nothing."""
    ticket_id = _ticket(runtime, form)
    write(runtime, OWN_WISH, lambda work: take_back(work, ticket_id))
    return RedirectResponse(f"/s/back/{_band(runtime, ticket_id)}", status_code=303)


@router.get("/s/back/{band}")
def taken(request: Request, band: str) -> Response:
    """The same page whatever was there."""
    if band not in ("L", "M", "H"):
        raise TicketUnknown
    return _page(request, band, "taken")


def _ticket(runtime: RuntimeDep, form: PlainForm) -> str:
    ticket_id = cookies.ticket_asking(runtime.keys, text_of(form, "asking", 200))
    if ticket_id is None:
        raise TicketUnknown
    return ticket_id


def _band(runtime: RuntimeDep, ticket_id: str) -> str:
    with runtime.reading() as db:
        ticket = submissions_queries.ticket_by_id(db, ticket_id)
        if ticket is None:
            raise TicketUnknown
        return view.band_of(banks_queries.published(db, ticket.bank_sha256).bank.id)


def _lead_to(request: Request, runtime: RuntimeDep, ticket_id: str, step: str) -> Response:
    response = RedirectResponse(cookies.TOLD_PATH, status_code=303)
    cookies.set_told(request, response, runtime.keys, f"{step}|{ticket_id}")
    return response


def _show(request: Request, runtime: RuntimeDep, ticket_id: str, step: str) -> Response:
    asking = cookies.asking_word(runtime.keys, ticket_id)
    return _page(request, _band(runtime, ticket_id), step, asking=asking)


def _page(request: Request, band: str, step: str, *, asking: str = "") -> Response:
    how = reading.of_request(request, band)
    context = {"band": band, "reading": how, "words": words(band, how.language, how.both), "tablet": None}
    return page(request, "student/back.html", {**context, "step": step, "asking": asking})
