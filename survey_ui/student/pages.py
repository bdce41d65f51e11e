"""A child's way: ticket → what it is for → one question per screen → review → sent. No address says who or what."""

import hashlib
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from survey_api.access.tablet_seal import go_mark
from survey_api.journeys.finish_submission import decline_submission, finish_draft
from survey_api.journeys.promise_talk import talk_days
from survey_api.journeys.save_answers import forget_draft, note_support, save_answer
from survey_api.journeys.start_submission import Shown as ShownTicket
from survey_api.journeys.start_submission import find_ticket, seconds_to_wait, start_submission
from survey_api.kit.actor import Actor
from survey_api.kit.clock import school_day
from survey_api.kit.problems import (
    NotFound,
    OtherGo,
    TicketMistyped,
    TicketSpent,
    TicketUnknown,
    TooManyTries,
)
from survey_api.runtime import Runtime
from survey_api.services.agencies import queries as agencies_queries
from survey_api.services.banks import queries as banks_queries
from survey_api.services.banks.bank import Shown
from survey_api.services.banks.library import LoadedBank
from survey_api.services.review.school_days import add_school_days
from survey_api.services.submissions import queries as submissions_queries
from survey_api.services.waves import queries as waves_queries
from survey_api.services.waves.rules import offered_languages
from survey_api.vocabulary import TicketState
from survey_api.web import cookies
from survey_api.web.deps import PupilDep, ReadDep, RuntimeDep, write, written
from survey_ui.shell import assets, reading
from survey_ui.shell.child_words import ENDONYMS, JAPANESE, day_words, html_lang, words
from survey_ui.shell.forms import PlainForm, text_of
from survey_ui.shell.reading import Reading
from survey_ui.shell.templating import page
from survey_ui.student import taking_back, view

router = APIRouter()
router.include_router(taking_back.router)


class Go:
    """One child's go as the pages see it: the bank, the draft, the band."""

    def __init__(self, request: Request, runtime: RuntimeDep, db: ReadDep, ticket_id: PupilDep) -> None:
        ticket = submissions_queries.ticket_by_id(db, ticket_id)
        if ticket is None:
            raise TicketUnknown
        ticket.require_usable(runtime.clock.now())
        if ticket.state == TicketState.SPENT:
            raise TicketSpent
        self.ticket = ticket
        self.mark = go_mark(runtime.keys, ticket_id)
        self.loaded: LoadedBank = banks_queries.published(db, ticket.bank_sha256)
        draft = submissions_queries.draft_of(db, runtime.keys, ticket)
        self.answers: dict[str, Any] = draft.get("answers", {})
        self.supported = bool(draft.get("supported"))
        self.read_on = add_school_days(school_day(runtime.clock.now()), view.READ_WITHIN_SCHOOL_DAYS)
        self.talk = talk_days(db, ticket.school_id, school_day(runtime.clock.now()))
        self.band = view.band_of(self.loaded.bank.id)
        drafts = frozenset(filter(None, ticket.draft_languages.split(",")))
        self.offered = offered_languages(view.states_of(self.loaded), drafts)
        chosen = reading.of_request(request, self.band, self.offered)
        self.reading = replace(chosen, places=self.loaded.phrases)

    def show(self, request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
        context.setdefault("mark", self.mark)
        context["talk_by"] = day_words(self.words, self.talk.anyone)
        context["read_by"] = day_words(self.words, self.read_on)
        tablet = {"page": template.removesuffix(".html"), "sheets": True, "screens": self.screens_at}
        return _page(
            request, template, self.band, self.reading, status=status, **{"tablet": tablet, **context}
        )

    @property
    def words(self) -> dict[str, Any]:
        """What the pages say to this child."""
        return words(self.band, self.reading.language, self.reading.both)

    def question(self, shown: Shown, answers: dict[str, Any]) -> view.Question:
        """One screen, with the people and days of this school where the child steers the talk."""
        return self._with_people(view.question(self.loaded, shown, answers, self.reading), answers)

    def forms(self) -> list[view.ScreenForm]:
        """Every screen, without any answer."""
        return [
            replace(form, question=self._with_people(form.question, {}))
            for form in view.screen_forms(self.loaded, self.reading)
        ]

    def _with_people(self, q: view.Question, answers: dict[str, Any]) -> view.Question:
        return view.with_people(q, self.words, self.talk, str(answers.get(view.WHOM, "")))

    @property
    def screens_at(self) -> str:
        """Where this child's questions are: another address for another bank, reading or promised day."""
        read = hashlib.sha256(f"{self.loaded.sha256}{self.reading.value}{self.talk}".encode()).hexdigest()
        return f"/s/screens?v={read[:12]}"


BETWEEN = {"page": "between", "sheets": False, "screens": ""}
"""A page that belongs to no child: its tablet sends what still waits and keeps nothing."""


def _page(
    request: Request, template: str, band: str, how: Reading, *, status: int = 200, **context: Any
) -> Response:
    """A page in the words of a band, as this child reads."""
    said = words(band, how.language, how.both)
    known = {"band": band, "reading": how, "words": said, "tablet": BETWEEN}
    return page(request, f"student/{template}", {**known, **context}, status=status)


GoDep = Annotated[Go, Depends(Go, scope="function")]


def same_go(runtime: RuntimeDep, ticket_id: PupilDep, form: PlainForm) -> None:
    """The form belongs to the child whose cookie this is: OtherGo from a tab that the child before has left open."""
    if text_of(form, "go", 64) not in ("", go_mark(runtime.keys, ticket_id)):
        raise OtherGo


SAME_GO = [Depends(same_go)]


@router.get("/")
def entry(request: Request, runtime: RuntimeDep) -> Response:
    """Where a child types the code of the ticket."""
    response = assets.compressed(request, _entry(request, runtime))
    cookies.set_device(request, response, runtime.keys)
    reading.drop_what_is_over(request, response)
    return response


def _entry(request: Request, runtime: RuntimeDep, *, refused: str = "", status: int = 200) -> Response:
    languages = [(code, ENDONYMS[code], html_lang(code)) for code in _languages_now(runtime)]
    how = reading.of_newcomer(request, "L")
    return _page(request, "entry.html", "L", how, status=status, refused=refused, languages=languages)


def _try_again(request: Request, runtime: RuntimeDep, refused: str) -> Response:
    """From here on a tablet that came by a QR code has a number of its own, and waits for no mistakes but its own."""
    response = _entry(request, runtime, refused=refused, status=404)
    cookies.set_device(request, response, runtime.keys)
    return response


def _languages_now(runtime: RuntimeDep) -> list[str]:
    """What some child may read just now: whatever else is chosen here would turn into Japanese behind the ticket."""
    offered = {JAPANESE}
    try:
        with runtime.reading() as db:
            for bank, drafts in waves_queries.languages_allowed_now(db):
                states = view.states_of(banks_queries.published(db, bank))
                offered.update(offered_languages(states, drafts.split(",")))
    except (DBAPIError, PoolTimeout):  # the first page opens also while the database is busy
        offered = {JAPANESE}
    return [language for language in ENDONYMS if language in offered]


@router.get("/t")
def from_qr(request: Request) -> Response:
    """Where a QR code lands: the secret is behind the #, which never reaches a server by itself."""
    shown = _page(request, "from_qr.html", "L", reading.of_newcomer(request, "L"), tablet=None)
    response = assets.compressed(request, shown)
    reading.drop_what_is_over(request, response)
    return response


@router.post("/t")
def let_in(request: Request, runtime: RuntimeDep, form: PlainForm) -> Response:
    """A ticket is shown. A wrong number says so on the same page and slows this tablet down, nobody else."""
    device = cookies.device(request, runtime.keys)
    shown = ShownTicket(text_of(form, "secret", 64), text_of(form, "code", 40), device)
    try:
        with runtime.reading() as db:
            found = find_ticket(db, runtime.keys, runtime.clock.now(), shown)
    except TicketMistyped:
        return _try_again(request, runtime, "mistyped")
    try:
        ticket_id = write(runtime, Actor.student("door"), lambda work: start_submission(work, shown, found))
    except TicketSpent:  # sent, declined or kept out by a guardian: nobody can tell which
        return taking_back.ask_with(request, runtime, str(found))
    if ticket_id is None:
        with runtime.reading() as db:
            wait = seconds_to_wait(db, runtime.keys, runtime.clock.now(), shown)
        if wait:
            raise TooManyTries(seconds=wait)
        return _try_again(request, runtime, "unknown")
    band = _band_now(runtime, ticket_id)
    response = RedirectResponse("/s/reading", status_code=303)
    if shown.secret or reading.is_over(
        request
    ):  # a typed code comes from a page on which a language was chosen
        cookies.clear_reading(request, response)
    cookies.set_pupil_ticket(request, response, runtime.keys, ticket_id, band)
    cookies.clear_staff_token(request, response)
    return response


@router.post("/language")
def speak(request: Request, runtime: RuntimeDep, form: PlainForm) -> Response:
    """The language of the first page, before a ticket is shown."""
    response = RedirectResponse("/", status_code=303)
    language = text_of(form, "language", 10)
    if language in _languages_now(runtime):
        reading.keep(request, response, reading.preset("L", language))
    return response


@router.get("/s/reading")
def ask_reading(request: Request, go: GoDep, at: str = "") -> Response:
    """Which language, and how to read it: what most children of the grade need is set already."""
    choices = [(code, ENDONYMS[code], html_lang(code)) for code in go.offered]
    return go.show(
        request, "reading.html", languages=choices, at=_place(at), sample_ja=words(go.band)["sample"]
    )


@router.post("/s/reading")
def keep_reading(request: Request, runtime: RuntimeDep, go: GoDep, form: PlainForm) -> Response:
    """A language button shows this page again in that language; 「これで いい」 goes on, or back to the question."""
    at, language = _place(text_of(form, "at", 8)), text_of(form, "language", 10)
    if language:
        response = RedirectResponse(f"/s/reading?at={at}" if at else "/s/reading", status_code=303)
        known = language if language in go.offered else go.reading.language
        reading.keep(request, response, reading.preset(go.band, known))
        return response
    size = text_of(form, "size", 1)
    chosen = Reading(
        language=go.reading.language,
        ruby="ruby" in form,
        spaced="spaced" in form,
        size=int(size) if size in ("0", "1", "2") else 0,
        speak="speak" in form,
        left="left" in form,
        both="both" in form,
    )
    if chosen.supported != go.supported:
        write(
            runtime,
            Actor.student(go.ticket.id),
            lambda work: note_support(work, go.ticket.id, chosen.supported),
        )
    start = "/s/resume" if go.answers else "/s/welcome"
    address = {"": start, "review": "/s/review"}.get(at, f"/s/q/{at}")
    response = RedirectResponse(address, status_code=303)
    reading.keep(request, response, chosen)
    return response


def _place(at: str) -> str:
    """Where the child came from: the number of a screen, the review, or nowhere yet."""
    return at if at == "review" or (at.isascii() and at.isdigit() and len(at) <= 3) else ""


@router.get("/s/welcome")
def welcome(request: Request, go: GoDep) -> Response:
    """What it is for, who reads it, when it is passed on; yes and no are equally large."""
    return go.show(request, "welcome.html")


@router.get("/s/more")
def more(request: Request, go: GoDep) -> Response:
    """What else is done with answers: read by chance, timed, erased on wish."""
    return go.show(request, "more.html")


@router.get("/s/practice")
def practice(request: Request, go: GoDep) -> Response:
    """A harmless question to try a tap, the way back, the cover and the skip on. Nothing of it is kept anywhere."""
    return go.show(
        request,
        "practice.html",
        onward=_address(_first_open(go)),
        reserved=view.reserved_words(go.loaded, go.reading),
    )


@router.post("/s/practice")
def practised(go: GoDep) -> Response:
    return RedirectResponse(_address(_first_open(go)), status_code=303)


@router.get("/s/resume")
def resume(request: Request, go: GoDep) -> Response:
    """The ticket again: where it goes on, or from the start. No answer shows before the child asks."""
    first = _first_open(go)
    return go.show(request, "resume.html", first=first, onward=_address(first))


def _first_open(go: Go) -> int:
    """The screen after the furthest answer, a warning before hard questions included; 0 when no question is left.

    What stands before the furthest answer without one was left blank, which is a way to skip: nobody is called back.
    """
    path = go.loaded.bank.path(go.answers)
    given = [shown.place for shown in path if (shown.item or str(shown.notice)) in go.answers]
    furthest = max(given, default=0)
    return furthest + 1 if any(shown.item for shown in path[furthest:]) else 0


def _address(place: int) -> str:
    """Of a screen, or of the review behind all of them."""
    return f"/s/q/{place}" if place else "/s/review"


@router.post("/s/decline", dependencies=SAME_GO)
def decline(request: Request, runtime: RuntimeDep, go: GoDep) -> Response:
    write(runtime, Actor.student(go.ticket.id), lambda work: decline_submission(work, go.ticket.id))
    return _leave(request, f"/s/quiet/{go.band}")


@router.get("/s/screens")
def screens(request: Request, go: GoDep) -> Response:
    """Every question of the child's bank at once, without answers: what a tablet needs to move by itself.

    The same for every child of a school that reads alike, without even the mark of a go: it may travel compressed.
    """
    forms = go.forms()
    lines = [view.Line(place, answered=False) for place in range(1, len(forms) + 1)]
    shown = go.show(
        request,
        "screens.html",
        mark="",
        screens=forms,
        bank=go.loaded,
        lines=lines,
        editing=False,
        refused=False,
    )
    return assets.compressed(request, shown)


@router.get("/s/q/{place}")
def ask(request: Request, go: GoDep, place: int, back: str = "") -> Response:
    """One question; with back=review its answer leads back there."""
    path = go.loaded.bank.path(go.answers)
    if not 1 <= place <= len(path):
        raise NotFound
    q = go.question(path[place - 1], go.answers)
    return go.show(request, "question.html", q=q, editing=back == "review", refused=False)


@router.post("/s/q/{place}", dependencies=SAME_GO)
def keep(request: Request, runtime: RuntimeDep, go: GoDep, form: PlainForm, place: int) -> Response:
    """One tap: keep the answer durably, then the next screen."""
    path = go.loaded.bank.path(go.answers)
    if not 1 <= place <= len(path):
        raise NotFound
    shown = path[place - 1]
    key = shown.item or str(shown.notice)
    kind, exclusive = "notice", frozenset[str]()
    if shown.item is not None:
        kind, exclusive = go.loaded.bank.items[key].kind, go.loaded.bank.items[key].exclusive
    picked = [value for value in form.getlist("a") if isinstance(value, str)]
    reserved = [value for value in form.getlist("r") if isinstance(value, str)]
    editing = form.get("back") == "review"
    if kind == "multi" and view.stand_alone_together(exclusive, picked, reserved):
        q = go.question(shown, {**go.answers, key: picked})
        return go.show(request, "question.html", status=422, q=q, editing=editing, refused=True)
    value = view.read_choice(kind, picked, reserved, text_of(form, "text", 4000))
    kept = view.stays(kind, value, go.answers.get(key))
    if (shown.item is not None or shown.may_skip) and not kept:
        write(runtime, Actor.student(go.ticket.id), lambda work: save_answer(work, go.ticket.id, key, value))
    onward = _address(place + 1 if place < len(path) else 0)
    following = f"/s/review#line-{place}" if editing else onward
    return RedirectResponse(following, status_code=303)


@router.get("/s/review")
def review(request: Request, go: GoDep) -> Response:
    """Numbers only; an answer shows when its number is pressed."""
    lines = view.review_lines(go.loaded, go.answers)
    return go.show(request, "review.html", lines=lines, last=len(go.loaded.bank.screens))


@router.get("/s/forget")
def ask_forget(request: Request, go: GoDep, at: str = "") -> Response:
    """Two ways of stopping; 「もどる」 leads to the question it was pressed on."""
    return go.show(request, "forget.html", at=_place(at))


@router.post("/s/forget", dependencies=SAME_GO)
def forget(request: Request, runtime: RuntimeDep, go: GoDep) -> Response:
    """「ぜんぶ けして やめる」: nothing is kept; the ticket can be used again."""
    write(runtime, Actor.student(go.ticket.id), lambda work: forget_draft(work, go.ticket.id))
    return _leave(request, f"/s/quiet/{go.band}")


@router.post("/s/later", dependencies=SAME_GO)
def later(request: Request, ticket_id: PupilDep, db: ReadDep) -> Response:
    """The draft stays on the server; the tablet forgets, also when the go is over already."""
    return _leave(request, f"/s/quiet/{_band_of(db, ticket_id)}")


@router.post("/s/send", dependencies=SAME_GO)
async def send(request: Request, runtime: RuntimeDep, ticket_id: PupilDep) -> Response:
    """「おくる」. A second press finds the first one kept and shows the same page."""
    band = await run_in_threadpool(_band_now, runtime, ticket_id)
    receipt = await written(runtime, Actor.student(ticket_id), lambda work: finish_draft(work, ticket_id))
    return _leave(request, f"/s/{'late' if receipt.late else 'thanks'}/{band}")


@router.get("/s/late/{band}")
def late(request: Request, band: str) -> Response:
    """It came after the end: kept, and a person decides whether it is read. Says nothing of what was answered."""
    if band not in ("L", "M", "H"):
        raise NotFound
    return _page(request, "late.html", band, reading.of_request(request, band))


@router.get("/s/thanks/{band}")
def thanks(request: Request, runtime: RuntimeDep, db: ReadDep, band: str) -> Response:
    """The same page for every child of a band: whatever was answered, whoever it is, whichever its school."""
    if band not in ("L", "M", "H"):
        raise NotFound
    how = reading.of_request(request, band)
    today = school_day(runtime.clock.now())
    read_on = add_school_days(today, view.READ_WITHIN_SCHOOL_DAYS)
    return _page(
        request,
        "thanks.html",
        band,
        how,
        read_by=day_words(words(band, how.language, how.both), read_on),
        places=view.place_lines(agencies_queries.for_children(db, view.AGES[band], today), band),
    )


@router.get("/s/quiet/{band}")
def quiet(request: Request, band: str) -> Response:
    """Where everybody waits: finished, declined or later."""
    if band not in ("L", "M", "H"):
        raise NotFound
    return _page(request, "quiet.html", band, reading.of_request(request, band))


@router.get("/s/away")
def away(request: Request) -> Response:
    """The empty page a tablet keeps for a reload without network: nothing of any child is in it."""
    tablet = {"page": "away", "sheets": True, "screens": ""}
    return assets.compressed(request, _page(request, "away.html", "L", reading.preset("L"), tablet=tablet))


@router.get("/sw.js")
def service_worker() -> Response:
    """The script that hands out that page; at the root, so that it may serve every address."""
    headers = {"cache-control": "no-cache"}
    return Response(assets.bundle("sw.js"), media_type="text/javascript", headers=headers)


def _band_of(db: Session, ticket_id: str) -> str:
    ticket = submissions_queries.ticket_by_id(db, ticket_id)
    if ticket is None:
        raise TicketUnknown
    return view.band_of(banks_queries.published(db, ticket.bank_sha256).bank.id)


def _band_now(runtime: Runtime, ticket_id: str) -> str:
    """With a connection of its own, given back before anything waits."""
    with runtime.reading() as db:
        return _band_of(db, ticket_id)


def _leave(request: Request, address: str) -> Response:
    """Go on without a ticket: the next child finds nothing of this one."""
    response = RedirectResponse(address, status_code=303)
    cookies.clear_pupil_ticket(request, response)
    reading.end(request, response)
    return response
