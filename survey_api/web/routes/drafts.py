"""What a tablet with script says while a child answers: taps in the open with its cookie, or sealed without one.

Plain Starlette routes like the submission's: the raw body goes to the journey inside the group writer, and the
acknowledgement leaves after the commit.
"""

import base64
import json
from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from survey_api.access.tablet_seal import go_mark
from survey_api.journeys.finish_submission import HandedIn, receive_sealed
from survey_api.journeys.read_draft import OpenDraft, read_draft
from survey_api.journeys.save_answers import Standing, save_taps
from survey_api.kit.actor import Actor
from survey_api.kit.problems import AnswersRefused, NotSignedIn, OtherGo
from survey_api.kit.work import Work
from survey_api.runtime import Runtime
from survey_api.web import cookies
from survey_api.web.deps import written
from survey_api.web.errors import json_problem, problem_of

EVEN = 4096
"""Bytes: every body about a draft, both ways, is a multiple of this; a tablet's seal holds to the same."""


async def show(request: Request) -> Response:
    """GET /s/draft: the child's own answers so far, and what its tablet seals with."""
    runtime: Runtime = request.app.state.runtime
    try:
        opened: OpenDraft = await run_in_threadpool(_read, runtime, _ticket(request))
    except Exception as failed:
        return json_problem(problem_of(failed))
    return _even(
        {
            "version": opened.version,
            "answers": opened.answers,
            "go": opened.go,
            "mark": opened.mark,
            "bank": opened.bank_sha256,
            "key": _key(opened),
        }
    )


def _even(told: dict[str, Any]) -> Response:
    """JSON as long as any other: on a line that is listened to, its size says nothing about the answers in it."""
    body = json.dumps(told, ensure_ascii=False).encode()
    return Response(body + b" " * (-len(body) % EVEN), media_type="application/json")


def _key(opened: OpenDraft) -> dict[str, str] | None:
    if opened.key is None:
        return None
    key_id, public = opened.key
    return {"id": key_id, "public": base64.b64encode(public).decode()}


def _read(runtime: Runtime, ticket_id: str) -> OpenDraft:
    with runtime.reading() as db:
        return read_draft(db, runtime.keys, runtime.clock.now(), ticket_id)


async def keep(request: Request) -> Response:
    """POST /s/draft: {"go", "device", "now", "taps"} with the pupil's cookie → 200 once durable, with what now stands.

    `go` says whose page this is: a tab that is still open from the child before answers for nobody.
    """
    try:
        ticket_id, body = _ticket(request), _json(await request.body())
        _require_same_go(request, ticket_id, body)
        standing: Standing = await _write(request, ticket_id, lambda work: save_taps(work, ticket_id, body))
    except Exception as failed:
        return json_problem(problem_of(failed))
    return _even({"received": True, "version": standing.version, "answers": standing.answers})


async def hand_in(request: Request) -> Response:
    """POST /s/sealed: {"sealed": base64, "now"} → 200 once durable. The seal itself says whose answers these are;
    it may hold a sheet that is finished, taps, or the wish to delete everything."""
    try:
        body = _json(await request.body())
        blob, now = _envelope(body)
        handed: HandedIn = await _write(request, "sealed", lambda work: receive_sealed(work, blob, now))
    except Exception as failed:
        return json_problem(problem_of(failed))
    late = {"late": True} if handed.late else {}
    return JSONResponse({"received": True, "finished": handed.finished, **late})


def _ticket(request: Request) -> str:
    ticket_id = cookies.pupil_ticket(request, request.app.state.runtime.keys)
    if ticket_id is None:
        raise NotSignedIn
    return ticket_id


def _require_same_go(request: Request, ticket_id: str, body: dict[str, Any]) -> None:
    given = body.get("go")
    if not isinstance(given, str):
        raise AnswersRefused("go: だれの画面かを示す文字列にしてください。")
    if given != go_mark(request.app.state.runtime.keys, ticket_id):
        raise OtherGo


def _json(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as broken:
        raise AnswersRefused("body: JSON ではありません。") from broken
    if not isinstance(body, dict):
        raise AnswersRefused("body: JSON のオブジェクトにしてください。")
    return body


def _envelope(body: dict[str, Any]) -> tuple[bytes, float]:
    now = body.get("now")
    if not isinstance(now, int | float) or isinstance(now, bool):
        raise AnswersRefused("now: 時刻(ミリ秒)にしてください。")
    try:
        return base64.b64decode(str(body.get("sealed")), validate=True), now
    except ValueError as broken:
        raise AnswersRefused("sealed: base64 ではありません。") from broken


async def _write(request: Request, actor: str, job: Callable[[Work], Any]) -> Any:
    runtime: Runtime = request.app.state.runtime
    return await written(runtime, Actor.student(actor), job)


routes = [
    Route("/s/draft", show, methods=["GET"]),
    Route("/s/draft", keep, methods=["POST"]),
    Route("/s/sealed", hand_in, methods=["POST"]),
]
