"""Form bodies, read once, with the CSRF token of the session checked before anything is done."""

import hmac
from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartParser

from survey_api.kit.clock import SCHOOL_ZONE
from survey_api.kit.crypto import Keyring
from survey_api.kit.problems import BadInput, ForgedRequest
from survey_api.web import cookies
from survey_api.web.deps import RuntimeDep
from survey_api.web.middleware import MAX_UPLOAD
from survey_ui.shell.unlocking import PHRASE_FIELD, SCHOOL_FIELD, unlock

MultiPartParser.spool_max_size = MAX_UPLOAD
"""An uploaded roster stays in memory: by default a big one would lie unsealed in a temporary file."""


def csrf_token(keys: Keyring, session_token: str) -> str:
    """The token every staff form carries: bound to the session, useless in another."""
    return keys.mac("cookies", "csrf", session_token).hex()[:32]


async def staff_form(request: Request, runtime: RuntimeDep) -> AsyncIterator[FormData]:
    """The form of a signed-in member of staff; ForgedRequest without the right token."""
    # how much may arrive at all is decided per address before this, so one field may be all of it
    form = await request.form(max_files=1, max_fields=500, max_part_size=MAX_UPLOAD)
    session_token = cookies.staff_token(request) or ""
    expected = csrf_token(runtime.keys, session_token)
    given = form.get("csrf")
    if not session_token or not isinstance(given, str) or not hmac.compare_digest(given, expected):
        await form.close()
        raise ForgedRequest
    request.state.form = form  # a page that asks for the school's key sends the same form again
    try:
        school_id, phrase = form.get(SCHOOL_FIELD), form.get(PHRASE_FIELD)
        if isinstance(school_id, str) and isinstance(phrase, str):
            await run_in_threadpool(unlock, runtime, session_token, school_id, phrase)
        yield form
    finally:
        await form.close()


async def plain_form(request: Request) -> FormData:
    """A form outside any staff session (sign-in, pupils); the same-origin check has already passed."""
    return await request.form(max_files=0, max_fields=200)


StaffForm = Annotated[FormData, Depends(staff_form)]
PlainForm = Annotated[FormData, Depends(plain_form)]


def text_of(form: FormData, name: str, limit: int = 4000) -> str:
    """One text field, trimmed and cut to its limit; empty when absent."""
    value = form.get(name)
    return value.strip()[:limit] if isinstance(value, str) else ""


def day_of(text: str, label: str) -> date | None:
    """2026-11-24 from a date field, None when it was left empty."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise BadInput(f"{label}: 2026-11-24 の形で入れてください。") from wrong


def moment_of(text: str, label: str) -> datetime | None:
    """2026-11-24T09:30 of school time from a date and time field, None when it was left empty."""
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M").replace(tzinfo=SCHOOL_ZONE)
    except ValueError as wrong:
        raise BadInput(f"{label}: 2026-11-24 09:30 の形で入れてください。") from wrong
