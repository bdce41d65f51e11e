"""Refusals as answers: problem+json for the JSON door."""

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from survey_api.kit.log import log
from survey_api.kit.problems import BadInput, Busy, DatabaseUnavailable, Problem

RETRY_AFTER_SECONDS = "3"


def problem_of(error: Exception) -> Problem:
    """Any exception as a Problem a person can be told about; nothing of the inside leaks."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        fields = sorted({".".join(str(part) for part in item["loc"][1:]) for item in error.errors()})
        return BadInput("入力を確かめてください: " + "、".join(field for field in fields if field))
    if isinstance(error, DBAPIError | PoolTimeout):
        return DatabaseUnavailable()
    if isinstance(error, ClientDisconnect):
        return _LineBroken()
    log().error("unexpected", error=type(error).__name__)
    return _Unexpected()


class _Unexpected(Problem):
    code = "unexpected"
    status = 500
    title = "うまくいきませんでした。もう一度試し、続くときは運用担当者に伝えてください。"


class _LineBroken(Problem):
    """The sender went away in the middle: every day's business of a tablet on a school's Wi-Fi, and no fault of ours."""

    code = "line_broken"
    status = 400
    title = "途中で切れました。もう一度送ってください。"


def retry_headers(problem: Problem) -> dict[str, str]:
    seconds = getattr(problem, "seconds", 0) or RETRY_AFTER_SECONDS
    return {"retry-after": str(seconds)} if problem.status in (Busy.status, 429) else {}


def json_problem(problem: Problem) -> JSONResponse:
    return JSONResponse(
        {"code": problem.code, "title": problem.title, "detail": problem.detail},
        status_code=problem.status,
        media_type="application/problem+json",
        headers=retry_headers(problem),
    )


async def answer_as_json(_request: Request, error: Exception) -> Response:
    return json_problem(problem_of(error))
