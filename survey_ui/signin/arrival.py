"""After a proof: in, on to the second proof, or not. And who stands before the door."""

from urllib.parse import urlsplit

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from survey_api.access.passkeys import Site
from survey_api.access.sessions import NextStep, Outcome, SignedIn
from survey_api.access.sign_in_tries import Where
from survey_api.kit.actor import Actor
from survey_api.settings import Mode
from survey_api.web import cookies

DOOR = Actor.job("signin")
"""Nobody has proved anything yet: what is done until then is done by the door."""


def whence(request: Request) -> Where:
    """From where somebody knocks. A forwarded address is believed from the proxy that is set, and nobody else."""
    runtime = request.app.state.runtime
    address = request.client.host if request.client else ""
    if address and address == runtime.settings.proxy_address:
        address = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip() or address
    return Where(cookies.device(request, runtime.keys), address, cookies.known_staff(request, runtime.keys))


def second_demanded(request: Request) -> bool:
    """Production demands a second factor of every member of staff; the invented city does not."""
    mode: Mode = request.app.state.runtime.settings.mode
    return mode is Mode.PRODUCTION


def go_on(request: Request, outcome: SignedIn | NextStep, back: str) -> Response:
    """Let them in, with a fresh cookie, or lead them to the next step."""
    if isinstance(outcome, NextStep):
        response = RedirectResponse("/signin/enrol" if outcome.enrol else "/signin/second", status_code=303)
        cookies.set_step_token(request, response, outcome.token)
        return response
    response = RedirectResponse(inside(back) or "/staff", status_code=303)
    let_in(request, response, outcome)
    return response


def let_in(request: Request, response: Response, signed_in: SignedIn) -> None:
    """The session's cookie; the step's and a pupil's go."""
    cookies.set_staff_token(request, response, signed_in.token)
    cookies.set_known_staff(request, response, request.app.state.runtime.keys, signed_in.staff_id)
    cookies.clear_step_token(request, response)
    cookies.clear_pupil_ticket(request, response)


def out(request: Request) -> Response:
    """Back to the sign-in page, with nothing of the session left in the browser."""
    response = RedirectResponse("/signin", status_code=303)
    cookies.clear_staff_token(request, response)
    response.headers["clear-site-data"] = '"cookies"'
    return response


def refusal_words(outcome: Outcome, wrong: str) -> str:
    wait = getattr(outcome, "wait_seconds", 0)
    return f"何度もまちがえたため、{wait}秒待ってからやり直してください。" if wait else wrong


def refusal_status(outcome: Outcome) -> int:
    return 429 if getattr(outcome, "wait_seconds", 0) else 403


def inside(path: str) -> str:
    """Only an address inside this service: no scheme, no host, no second slash, nothing a browser leaves out."""
    plain = path.isprintable() and "\\" not in path
    return path if plain and path.startswith("/") and not path.startswith("//") else ""


def site(request: Request) -> Site:
    """The address that passkeys are bound to: the one set for this service, else the one asked for."""
    public: str = request.app.state.runtime.settings.public_url
    parts = urlsplit(public or str(request.base_url))
    return Site(host=parts.hostname or "", origin=f"{parts.scheme}://{parts.netloc}")
