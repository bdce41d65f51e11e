"""What every answer carries and every request passes: headers, body limit, same-origin check, one log line."""

import secrets
import time
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from survey_api.kit.log import log
from survey_api.kit.problems import Problem

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PROBES = frozenset({"/health", "/ready", "/metrics"})
MAX_BODY = 64 * 1024
MAX_UPLOAD = 28 * 1024 * 1024  # a roster of 20 MB, sealed and written as text for its second trip
UPLOAD_PATHS = frozenset({"/office/roster", "/office/roster/apply"})


class Guard:
    """One ASGI layer around the whole app."""

    def __init__(self, app: ASGIApp, *, policy: str, secure: bool, public_url: str = "") -> None:
        self._app, self._secure = app, secure
        self._host = urlsplit(public_url).netloc
        self._headers = {
            "content-security-policy": policy,
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "permissions-policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "x-frame-options": "DENY",
        }
        if secure:
            self._headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        began, status = time.monotonic(), 0

        async def send_guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                headers.setdefault("cache-control", "no-store")
            await send(message)

        refusal = self._misdirected(scope) or _refusal(scope, plain_http=not self._secure)
        if refusal is not None:
            await refusal(scope, receive, send_guarded)
        else:
            await self._app(scope, _limited(scope, receive), send_guarded)
        route = getattr(scope.get("route"), "path", "")
        if status >= 500 or not route.startswith(("/static", "/health")):
            log().info(
                "request",
                request_id=request_id,
                method=scope["method"],
                route=route,
                status=status,
                milliseconds=round((time.monotonic() - began) * 1000, 1),
            )

    def _misdirected(self, scope: Scope) -> PlainTextResponse | None:
        """Once the service has a public name it answers to that name only; probes of the machine excepted."""
        if not self._host or scope["path"] in PROBES or Headers(scope=scope).get("host", "") == self._host:
            return None
        return PlainTextResponse("another host is meant", status_code=421)


def _refusal(scope: Scope, *, plain_http: bool) -> PlainTextResponse | None:
    headers = Headers(scope=scope)
    if scope["method"] in ("TRACE", "TRACK", "CONNECT"):
        return PlainTextResponse("method not allowed", status_code=405)
    if scope["method"] not in SAFE_METHODS and not same_origin(headers, plain_http=plain_http):
        return PlainTextResponse("cross-site request refused", status_code=403)
    length = headers.get("content-length", "")
    if length and (not length.isdigit() or int(length) > _limit(scope)):
        return PlainTextResponse("body too large", status_code=413)
    return None


def same_origin(headers: Headers, *, plain_http: bool) -> bool:
    """True unless the browser says that another site sent this.

    Over plain HTTP (a school's own network) a browser that sends no referrer says “null” of every form and
    nothing else: there the cookies' SameSite and the staff forms' tokens stand alone.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None or (origin == "null" and plain_http):
        return True
    return urlsplit(origin).netloc == headers.get("host", "")


def _limit(scope: Scope) -> int:
    return MAX_UPLOAD if scope["path"] in UPLOAD_PATHS else MAX_BODY


class BodyTooLarge(Problem):
    """More bytes arrived than the length said or the limit allows."""

    code = "too_large"
    status = 413
    title = "送られたものが大きすぎます。分けるか、小さくして送ってください。"


def _limited(scope: Scope, receive: Receive) -> Receive:
    """Count what arrives, also when no length was announced."""
    seen, limit = 0, _limit(scope)

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > limit:
                raise BodyTooLarge
        return message

    return counted
