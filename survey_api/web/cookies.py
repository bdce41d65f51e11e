"""Our cookies: a staff session token, the step of a staff sign-in, and a pupil's signed ticket id.

Nobody carries a pupil's and a staff cookie at once. One lives for a minute and says which page a ticket that lets
nobody in leads to. One more says how a page is to be read (language, letters,
hand), one numbers a browser, so that wrong numbers and passwords slow down that browser alone, and one says who of
the staff has signed in with it, so that nobody else's tries keep that person out.
"""

import secrets

from itsdangerous import BadSignature, TimestampSigner
from starlette.requests import Request
from starlette.responses import Response

from survey_api.kit.crypto import Keyring

PUPIL_SECONDS = 4 * 3600
BAND_MARK = "~"
"""Between the ticket and the band in a pupil's cookie."""
ASKING_SECONDS = 300
TOLD_SECONDS = 60
TOLD_PATH = "/s/ticket"
"""The page that says why a ticket lets nobody in: the only one its cookie is sent to."""
KNOWN_SECONDS = 180 * 24 * 3600
_SECURE_PREFIX = "__Host-"


def _name(request: Request, base: str) -> str:
    secure: bool = request.app.state.runtime.settings.secure_cookies
    return _SECURE_PREFIX + base if secure else base


def _set(request: Request, response: Response, base: str, value: str) -> None:
    secure: bool = request.app.state.runtime.settings.secure_cookies
    response.set_cookie(_name(request, base), value, httponly=True, secure=secure, samesite="lax", path="/")


def staff_token(request: Request) -> str | None:
    return request.cookies.get(_name(request, "kizuki_staff"))


def set_staff_token(request: Request, response: Response, token: str) -> None:
    _set(request, response, "kizuki_staff", token)


def clear_staff_token(request: Request, response: Response) -> None:
    response.delete_cookie(_name(request, "kizuki_staff"), path="/")


def step_token(request: Request) -> str:
    """The token of a half-finished sign-in; empty when there is none."""
    return request.cookies.get(_name(request, "kizuki_step"), "")


def set_step_token(request: Request, response: Response, token: str) -> None:
    _set(request, response, "kizuki_step", token)


def clear_step_token(request: Request, response: Response) -> None:
    response.delete_cookie(_name(request, "kizuki_step"), path="/")


def pupil_ticket(request: Request, keys: Keyring) -> str | None:
    """The ticket id, when the cookie is ours and not older than four hours."""
    return _pupil(request, keys).partition(BAND_MARK)[0] or None


def pupil_band(request: Request, keys: Keyring) -> str:
    """How the child of that ticket is spoken to, without asking the database; empty when nobody knows."""
    return _pupil(request, keys).partition(BAND_MARK)[2]


def set_pupil_ticket(
    request: Request, response: Response, keys: Keyring, ticket_id: str, band: str = ""
) -> None:
    value = f"{ticket_id}{BAND_MARK}{band}"
    _set(request, response, "kizuki_pupil", _signer(keys).sign(value).decode())


def _pupil(request: Request, keys: Keyring) -> str:
    value = request.cookies.get(_name(request, "kizuki_pupil"))
    if not value:
        return ""
    try:
        return _signer(keys).unsign(value, max_age=PUPIL_SECONDS).decode()
    except BadSignature:
        return ""


def clear_pupil_ticket(request: Request, response: Response) -> None:
    response.delete_cookie(_name(request, "kizuki_pupil"), path="/")


def asking_word(keys: Keyring, ticket_id: str) -> str:
    """What a page carries between “this ticket was sent” and “take it back”: for five minutes, in no cookie."""
    return TimestampSigner(keys["cookies"], salt="kizuki.back").sign(ticket_id).decode()


def ticket_asking(keys: Keyring, word: str) -> str | None:
    """The ticket a page asked for; None when the word is not ours or older than five minutes."""
    try:
        return (
            TimestampSigner(keys["cookies"], salt="kizuki.back").unsign(word, max_age=ASKING_SECONDS).decode()
        )
    except BadSignature:
        return None


def told(request: Request, keys: Keyring) -> str:
    """What the page about a ticket has to say, once; empty when there is nothing (any more)."""
    value = request.cookies.get(_told_name(request), "")
    try:
        return _told(keys).unsign(value, max_age=TOLD_SECONDS).decode()
    except BadSignature:
        return ""


def set_told(request: Request, response: Response, keys: Keyring, what: str) -> None:
    """Hand over to the page about a ticket, so that no number stays behind in what Back and Reload send again."""
    secure: bool = request.app.state.runtime.settings.secure_cookies
    response.set_cookie(
        _told_name(request),
        _told(keys).sign(what).decode(),
        max_age=TOLD_SECONDS,
        httponly=True,
        secure=secure,
        samesite="strict",
        path=TOLD_PATH,
    )


def clear_told(request: Request, response: Response) -> None:
    response.delete_cookie(_told_name(request), path=TOLD_PATH)


def _told_name(request: Request) -> str:
    secure: bool = request.app.state.runtime.settings.secure_cookies
    return "__Secure-kizuki_told" if secure else "kizuki_told"


def _told(keys: Keyring) -> TimestampSigner:
    return TimestampSigner(keys["cookies"], salt="kizuki.told")


def reading(request: Request) -> str:
    """How the child at this tablet reads, as the student face wrote it; empty when nothing was chosen."""
    return request.cookies.get(_name(request, "kizuki_reading"), "")[:40]


def set_reading(request: Request, response: Response, value: str, seconds: int) -> None:
    secure: bool = request.app.state.runtime.settings.secure_cookies
    name = _name(request, "kizuki_reading")
    response.set_cookie(name, value, max_age=seconds, httponly=True, secure=secure, samesite="lax", path="/")


def clear_reading(request: Request, response: Response) -> None:
    response.delete_cookie(_name(request, "kizuki_reading"), path="/")


def device(request: Request, keys: Keyring) -> str:
    """The number of this tablet, drawn when it first saw the first page; empty when it has none of ours."""
    value = request.cookies.get(_name(request, "kizuki_device"), "")
    try:
        return TimestampSigner(keys["cookies"], salt="kizuki.device").unsign(value).decode()
    except BadSignature:
        return ""


def set_device(request: Request, response: Response, keys: Keyring) -> None:
    """Draw a number for a tablet that has none, for as long as its browser stays open."""
    if not device(request, keys):
        signer = TimestampSigner(keys["cookies"], salt="kizuki.device")
        _set(request, response, "kizuki_device", signer.sign(secrets.token_urlsafe(9)).decode())


def known_staff(request: Request, keys: Keyring) -> str:
    """Id of the member of staff who signed in with this browser before; empty for none. Opens nothing."""
    value = request.cookies.get(_name(request, "kizuki_known"), "")
    try:
        return _known(keys).unsign(value, max_age=KNOWN_SECONDS).decode()
    except BadSignature:
        return ""


def set_known_staff(request: Request, response: Response, keys: Keyring, staff_id: str) -> None:
    secure: bool = request.app.state.runtime.settings.secure_cookies
    response.set_cookie(
        _name(request, "kizuki_known"),
        _known(keys).sign(staff_id).decode(),
        max_age=KNOWN_SECONDS,
        httponly=True,
        secure=secure,
        samesite="lax",
        path="/",
    )


def _known(keys: Keyring) -> TimestampSigner:
    return TimestampSigner(keys["cookies"], salt="kizuki.known")


def classroom(request: Request) -> str:
    """The class code this browser showed; empty when none."""
    return request.cookies.get(_name(request, "kizuki_class"), "")[:20]


def set_classroom(request: Request, response: Response, code: str) -> None:
    _set(request, response, "kizuki_class", code)


def _signer(keys: Keyring) -> TimestampSigner:
    return TimestampSigner(keys["cookies"], salt="kizuki.pupil")
