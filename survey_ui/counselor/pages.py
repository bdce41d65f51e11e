"""The counselor reads: the queue of the own schools, and one case."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from survey_api.access.permissions import Permission
from survey_api.journeys.read_case import read_case
from survey_api.journeys.read_queue import read_queue
from survey_api.kit.actor import Actor
from survey_api.kit.clock import school_day
from survey_api.services.review.rules import STATE_WORDS, follow_up_after
from survey_api.vocabulary import CaseState
from survey_api.web.deps import ReadDep, RuntimeDep
from survey_ui.counselor import deeds, sheets, view, words
from survey_ui.counselor.door import CaseWork
from survey_ui.shell.guards import enter
from survey_ui.shell.templating import page

router = APIRouter()
router.include_router(deeds.router)
router.include_router(sheets.router)


@router.get("/counselor/")
def queue(
    request: Request, runtime: RuntimeDep, db: ReadDep, actor: Actor = enter(Permission.WORK_CASES)
) -> Response:
    waiting = read_queue(db, runtime.keys, actor)
    now = runtime.clock.now()
    today = school_day(now)
    context = {"rows": view.queue_rows(waiting, today), "strip": view.strip_of(waiting, today), "now": now}
    return page(request, "counselor/queue.html", context)


@router.get("/counselor/cases/{case_id}")
def case(request: Request, case_id: str, work: CaseWork) -> Response:
    file = read_case(work, case_id)
    today = school_day(work.now)
    context = {
        "file": file,
        "case": file.case,
        "group": view.group_words(file.case.grade, file.case.class_name),
        "urgency": words.URGENCY,
        "state": STATE_WORDS[file.case.state],
        "left": view.time_left(file.case.due_on, today),
        "overdue": file.case.due_on < today,
        "closed": file.case.state is CaseState.CLOSED,
        "moves": view.open_moves(file.case),
        "timeline": view.timeline(file.events),
        "words": words,
        "follow_up": follow_up_after(today),
        "mine": file.case.owner_id == work.actor.id,
    }
    return page(request, "counselor/case.html", context)
