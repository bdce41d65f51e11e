"""Refusals as pages: a kind page for a child, a plain one for staff, JSON for the JSON door."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match

from survey_api.kit.problems import (
    BadInput,
    NotFound,
    NotSignedIn,
    OtherGo,
    Problem,
    SchoolLocked,
    SignInAgain,
    TicketUnknown,
    TooManyTries,
    WaveNotOpen,
)
from survey_api.web import cookies
from survey_api.web.errors import json_problem, problem_of, retry_headers
from survey_ui.shell import reading
from survey_ui.shell.child_words import words
from survey_ui.shell.templating import page
from survey_ui.shell.unlocking import asked

JSON_DOORS = ("/s/submissions", "/s/draft", "/s/sealed", "/health", "/ready", "/metrics")
TICKET_DOOR = "/t"
KIND_BAND = "L"
"""A refusal may come before anybody knows which ticket it is about: it is said so that the youngest can read it."""
BANDS = ("L", "M", "H")
STAFF_DOORS = (
    "/counselor",
    "/welfare",
    "/office",
    "/operator",
    "/signin",
    "/signout",
    "/staff",
    "/account",
    "/lock",
    "/invitation",
    "/practice",
)


Rescue = Callable[[Request], Awaitable[str]]
"""Keeps what a form carried into a session that ran out; returns where its writer was, or nothing."""


def add_error_pages(app: FastAPI, rescue: Rescue) -> None:
    """Teach the app to answer every refusal with the right kind of page."""
    app.state.rescue = rescue
    for kind in (Problem, RequestValidationError, DBAPIError, PoolTimeout, Exception):
        app.add_exception_handler(kind, answer)
    app.add_exception_handler(HTTPException, answer_http)


UNREADABLE = (
    "送られた内容を読み取れませんでした。ファイル名を短くするか、入力を減らして、もう一度送ってください。"
)


async def answer_http(request: Request, error: Exception) -> Response:
    """What the framework itself refuses: no such page, or a form it cannot take apart (400)."""
    status = getattr(error, "status_code", 500)
    if status == 400:
        return _answer(request, BadInput(UNREADABLE))
    problem: Problem = NotFound() if status in (404, 405) else problem_of(error)
    response = _answer(request, problem)
    response.status_code = status
    return response


async def answer(request: Request, error: Exception) -> Response:
    problem = problem_of(error)
    if isinstance(problem, NotSignedIn) and request.method == "POST":
        back = await request.app.state.rescue(request)
        if back:
            return RedirectResponse(f"/signin?next={back}", status_code=303)
    if isinstance(problem, SchoolLocked) and request.url.path.startswith(STAFF_DOORS):
        return await run_in_threadpool(_ask_for_key, request, problem)
    return _answer(request, problem)


def _ask_for_key(request: Request, problem: SchoolLocked) -> Response:
    """The form for the passphrase; whatever was asked for is asked again with it, so nothing is typed twice."""
    context = asked(request, problem)
    response = page(request, "shell/locked.html", {"problem": problem, **context}, status=problem.status)
    if problem.seconds:
        response.headers["retry-after"] = str(problem.seconds)
    return response


def _kind(request: Request, problem: Problem) -> dict[str, Any]:
    """What a child reads instead of a code, in the language of this sitting."""
    band = _band(request)
    how = reading.of_request(request, band)
    said = words(band, how.language, how.both)
    by_status = {503: "busy", 404: "not_found", 422: "answers_refused"}.get(problem.status, "other")
    told = said["kind"].get(problem.code, said["kind"][by_status])
    wait = getattr(problem, "seconds", 0)
    known = {"problem": problem, "band": band, "reading": how, "words": said}
    return {**known, "told": told, "wait": wait, "way_back": _way_back(request.url.path, problem)}


def _band(request: Request) -> str:
    """As the ticket's cookie or the address says. The database is not asked: it may be what has failed."""
    known = (
        request.url.path.rpartition("/")[2],
        cookies.pupil_band(request, request.app.state.runtime.keys),
    )
    return next((band for band in known if band in BANDS), KIND_BAND)


def _way_back(path: str, problem: Problem) -> str:
    """The child's own page on which it can press again; empty where there is none."""
    if problem.status not in (422, 503) or not path.startswith("/s/") or path == cookies.TOLD_PATH:
        return ""
    return path if path.startswith("/s/q/") else "/s/review"


def kind_page(request: Request, problem: Problem) -> Response:
    """A refusal as a child reads it."""
    response = page(request, "shell/kind.html", _kind(request, problem), status=problem.status)
    response.headers.update(retry_headers(problem))
    return response


class ToldLater(Problem):
    """What was refused where the ticket was shown, on the page that says so."""

    def __init__(self, told: str) -> None:
        super().__init__()
        self.code, status, seconds = told.split("|")
        self.status, self.seconds = int(status), int(seconds)


def _a_number_is_at_stake(request: Request, problem: Problem) -> bool:
    """Whether Back and Reload would show a ticket again that is, or will be, somebody's way in."""
    if request.method != "POST" or request.url.path != TICKET_DOOR:
        return False
    return isinstance(problem, TicketUnknown | WaveNotOpen | TooManyTries) or problem.status >= 500


def _tell_later(request: Request, problem: Problem) -> Response:
    response = RedirectResponse(cookies.TOLD_PATH, status_code=303)
    what = f"{problem.code}|{problem.status}|{getattr(problem, 'seconds', 0)}"
    cookies.set_told(request, response, request.app.state.runtime.keys, what)
    if problem.status == 503:
        response.headers["Retry-After"] = "1"  # a program that shows tickets tells busy from over by this
    return response


def _page_of(request: Request) -> str:
    """The page somebody was on: the one asked for, or the nearest above a form's address that can be looked at."""
    path = request.url.path
    while request.method != "GET" and path.count("/") > 1:
        path = path.rpartition("/")[0]
        asked = {"type": "http", "path": path, "root_path": "", "method": "GET", "headers": []}
        if any(route.matches(asked)[0] is Match.FULL for route in request.app.routes):
            return path
    return path if request.method == "GET" else ""


def _answer(request: Request, problem: Problem) -> Response:
    path = request.url.path
    if path in JSON_DOORS:
        return json_problem(problem)
    if isinstance(problem, OtherGo):  # what was pressed stays in no history of the next child's tablet
        return _tell_later(request, problem)
    staff = path.startswith(STAFF_DOORS)
    if isinstance(problem, NotSignedIn):
        here = _page_of(request) if staff else ""
        asked = {"next": here} if here else {}
        asked |= {"again": "yes"} if isinstance(problem, SignInAgain) else {}
        back = f"?{urlencode(asked, safe='/')}" if asked else ""
        start = "/class" if path.startswith("/class") else "/"
        return RedirectResponse(f"/signin{back}" if staff else start, status_code=303)
    if _a_number_is_at_stake(request, problem):
        return _tell_later(request, problem)
    if not staff:
        return kind_page(request, problem)
    response = page(request, "shell/problem.html", {"problem": problem}, status=problem.status)
    response.headers.update(retry_headers(problem))
    return response
