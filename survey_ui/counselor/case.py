"""One case: why, what the child wishes, what was answered, what was done."""

from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from survey_api.access.permissions import Permission
from survey_api.access.scope import Scope
from survey_api.journeys.read_case import read_case
from survey_api.kit.clock import SCHOOL_ZONE, school_day
from survey_api.services.review import queries as review_queries
from survey_api.services.review.rules import RANK, STATE_WORDS, follow_up_after
from survey_api.vocabulary import CaseState, Urgency
from survey_ui.counselor import words
from survey_ui.counselor.case_view import hop_words, open_moves, timeline
from survey_ui.counselor.door import CaseWork
from survey_ui.counselor.saying import group_words, look_again_words, time_left
from survey_ui.shell.templating import page

router = APIRouter()


@router.get("/counselor/cases/{case_id}")
def case(request: Request, case_id: str, work: CaseWork) -> Response:
    file = read_case(work, case_id)
    today = school_day(work.now)
    closed = file.case.state is CaseState.CLOSED
    scope = Scope.of(work.actor, Permission.WORK_CASES)
    following, left_over = review_queries.next_to_do(work.db, scope, work.now, case_id, work.actor.id)
    context = {
        "file": file,
        "case": file.case,
        "group": group_words(file.case.grade, file.case.class_name),
        "urgency": words.URGENCY,
        "state": STATE_WORDS[file.case.state],
        "left": look_again_words(file.case.due_on, today) if closed else time_left(file.case.due_on, today),
        "overdue": file.case.due_on < today and not closed,
        "closed": closed,
        "moves": open_moves(file.case),
        "timeline": timeline(file.events),
        "words": words,
        "follow_up": follow_up_after(today),
        "mine": file.case.owner_id == work.actor.id,
        "held_by_me": file.hold is not None and file.hold.staff_id == work.actor.id,
        "hops": [hop_words(hop) for hop in reversed(file.hops)],
        "now_local": work.now.astimezone(SCHOOL_ZONE).strftime("%Y-%m-%dT%H:%M"),
        "tomorrow": today + timedelta(days=1),
        "weaker": [one for one in Urgency if RANK[one] > RANK[file.case.urgency]],
        "turns": words.TURN,
        "next": following,
        "left_over": left_over,
        "others": [(other, STATE_WORDS[other.state]) for other in file.others],
    }
    return page(request, "counselor/case.html", context)


@router.get("/counselor/cases/{case_id}/glance")
def glance(request: Request, case_id: str, work: CaseWork) -> Response:
    """What stands beside the queue for the row that has the focus: why, the child's words, the wish. A view, in the trail."""
    return page(request, "counselor/glance.html", {"file": read_case(work, case_id)})
