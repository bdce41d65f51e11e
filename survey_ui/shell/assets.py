"""Static files with a hash in their address, so that they may be kept for ever; no node, no bundler."""

import base64
import gzip
import hashlib
import json
from functools import cache, lru_cache
from pathlib import Path

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

STATIC = Path(__file__).resolve().parents[1] / "static"
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
STAFF_CSS = (
    "tokens.css",
    "base.css",
    "staff.css",
    "office.css",
    "counselor.css",
    "desk.css",
    "charts.css",
    "print.css",
)
STUDENT_CSS = ("tokens.css", "base.css", "student.css")
CHILD_JS = ("store", "seal", "taps", "veil", "screens", "answer", "cover", "leave", "send", "start")
"""The parts of one script, in this order, in one scope: a single request on a slow line."""


BUNDLES = ("staff.css", "student.css", "child.js")


@cache
def bundle(name: str) -> bytes:
    """A stylesheet put together from its parts, or a single file as it is."""
    if name == "staff.css":
        return b"\n".join(_read(part) for part in STAFF_CSS)
    if name == "student.css":
        return b"\n".join(_read(part) for part in STUDENT_CSS)
    if name == "child.js":
        parts = b"".join((STATIC / "js" / "child" / f"{part}.js").read_bytes() for part in CHILD_JS)
        return b'(() => {\n"use strict";\n' + _without_remarks(parts) + b"})();\n"
    if name == "sw.js":
        return _read(name).replace(b"SHELL_FILES", json.dumps(_shell_files()).encode())
    return _read(name)


def _without_remarks(script: bytes) -> bytes:
    """Without the lines that only speak to us, and without indents: a tablet on a slow line loads them for nothing."""
    lines = (line.strip() for line in script.splitlines())
    return b"\n".join(line for line in lines if line and not line.startswith(b"//")) + b"\n"


def _read(name: str) -> bytes:
    return (
        STATIC / ("css" if name.endswith(".css") else "js" if name.endswith(".js") else "icons") / name
    ).read_bytes()


@cache
def address(name: str) -> str:
    """/static/<hash>/<name>"""
    return f"/static/{hashlib.sha256(bundle(name)).hexdigest()[:12]}/{name}"


def _shell_files() -> list[str]:
    """What a tablet keeps for a reload without network: an empty page and its files, nothing of a child."""
    return ["/s/away", address("child.js"), address("speak.js")]


@cache
def packed(name: str) -> bytes:
    """The bytes of a bundle, compressed once. Only files that are the same for everybody are ever compressed."""
    return gzip.compress(bundle(name), 9, mtime=0)


def compressed(request: Request, page: Response) -> Response:
    """A page that knows nothing of anybody, smaller on a slow line. Never one with a secret: its length would tell."""
    page.headers["vary"] = "accept-encoding"
    if "gzip" in request.headers.get("accept-encoding", ""):
        page.body = _packed_page(bytes(page.body))
        page.headers.update({"content-encoding": "gzip", "content-length": str(len(page.body))})
    return page


@lru_cache(maxsize=64)
def _packed_page(body: bytes) -> bytes:
    return gzip.compress(body, 9, mtime=0)


@cache
def inline(name: str) -> str:
    """A stylesheet to put into the page itself: the child's first page needs no second request."""
    return bundle(name).decode()


@cache
def icon_data(name: str) -> str:
    """A drawing as a data: address, for a page that asks the network for nothing between two questions."""
    return "data:image/svg+xml;base64," + base64.b64encode(bundle(name)).decode()


@cache
def csp_hash(name: str) -> str:
    digest = hashlib.sha256(bundle(name)).digest()
    return f" 'sha256-{base64.b64encode(digest).decode()}'"


class StaticFiles:
    """Serves exactly the files of survey_ui/static, each under its current hash."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = scope["path"].rsplit("/", 1)[-1]
        suffix = Path(name).suffix
        known = suffix in TYPES and "/" not in name and (name in BUNDLES or _exists(name))
        if not known:
            await Response(status_code=404)(scope, receive, send)
            return
        headers = {"cache-control": "public, max-age=31536000, immutable", "vary": "accept-encoding"}
        body = bundle(name)
        if "gzip" in Headers(scope=scope).get("accept-encoding", ""):
            body, headers["content-encoding"] = packed(name), "gzip"
        await Response(body, media_type=TYPES[suffix], headers=headers)(scope, receive, send)


def _exists(name: str) -> bool:
    folder = {".css": "css", ".js": "js", ".svg": "icons"}[Path(name).suffix]
    return (STATIC / folder / name).is_file()
