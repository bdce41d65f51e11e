"""対応待ち: who needs somebody today, and why."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from survey_api.access.permissions import Permission
from survey_api.journeys.read_queue import read_queue
from survey_api.kit.actor import Actor
from survey_api.kit.clock import school_day
from survey_api.web.deps import ReadDep, RuntimeDep
from survey_ui.counselor.queue_view import queue_rows, strip_of
from survey_ui.shell.guards import enter
from survey_ui.shell.templating import page

router = APIRouter()


@router.get("/counselor/")
def queue(
    request: Request, runtime: RuntimeDep, db: ReadDep, actor: Actor = enter(Permission.WORK_CASES)
) -> Response:
    waiting = read_queue(db, runtime.keys, actor)
    now = runtime.clock.now()
    today = school_day(now)
    context = {"rows": queue_rows(waiting, today), "strip": strip_of(waiting, today), "now": now}
    return page(request, "counselor/queue.html", context)
