"""The one hot path: a whole school sends at the same bell.

A plain Starlette route (no model per answer): the raw body goes to the journey inside the group writer, and
the acknowledgement leaves after the commit.
"""

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from survey_api.journeys.finish_submission import Receipt, finish_submission
from survey_api.kit.actor import Actor
from survey_api.kit.problems import NotSignedIn
from survey_api.runtime import Runtime
from survey_api.web import cookies
from survey_api.web.errors import json_problem, problem_of


async def submit(request: Request) -> Response:
    """POST /s/submissions: {"client_id", "answers", "seconds"} with the pupil's cookie → 200 once durable."""
    runtime: Runtime = request.app.state.runtime
    try:
        ticket_id = cookies.pupil_ticket(request, runtime.keys)
        if ticket_id is None:
            raise NotSignedIn
        raw = await request.body()
        job = runtime.writer.submit(
            Actor.student(ticket_id), lambda work: finish_submission(work, ticket_id, raw)
        )
        receipt: Receipt = await asyncio.wrap_future(job)
    except Exception as failed:
        return json_problem(problem_of(failed))
    return JSONResponse({"received": True, "receipt": receipt.code})


route = Route("/s/submissions", submit, methods=["POST"])
