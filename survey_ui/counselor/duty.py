"""教育委員会の当番: what a school has not moved on. No answer, no reason, no name; the duty moves the school."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from survey_api.access.permissions import Permission
from survey_api.access.scope import Scope
from survey_api.kit.actor import Actor
from survey_api.services.review.clocks import actions as clocks_actions
from survey_api.services.review.clocks import queries as clocks_queries
from survey_api.services.review.rules import STATE_WORDS
from survey_api.vocabulary import CaseState, Level
from survey_api.web.deps import ReadDep, RuntimeDep
from survey_ui.counselor import words
from survey_ui.counselor.door import DutyWork
from survey_ui.shell.forms import StaffForm
from survey_ui.shell.guards import enter
from survey_ui.shell.templating import page

router = APIRouter()


@router.get("/counselor/duty")
def duty(
    request: Request, runtime: RuntimeDep, db: ReadDep, actor: Actor = enter(Permission.TAKE_ESCALATIONS)
) -> Response:
    """What is still at the duty first, then what was taken or has come back to its school."""
    scope = Scope.of(actor, Permission.TAKE_ESCALATIONS)
    rules, now = clocks_queries.city_rules(db), runtime.clock.now()
    hops = clocks_queries.hops(db, scope, level=Level.DUTY)
    waiting = [hop for hop in hops if hop.taken_by is None and _still_here(hop)]
    context = {
        "waiting": _by_case(waiting),
        "earlier": [hop for hop in hops if hop not in waiting][:50],
        "at_head": sum(level is Level.HEAD for level in clocks_queries.levels(db, scope).values()),
        "words": words,
        "states": STATE_WORDS,
        "now": now,
        "hours": f"{rules.opens}〜{rules.ends}",
        "school_on": rules.calendar().is_on(now),
    }
    return page(request, "counselor/duty.html", context)


def _by_case(hops: list[clocks_queries.Hop]) -> list[list[clocks_queries.Hop]]:
    """One row a case, newest cause first: a case that is late in two ways is one call to its school."""
    rows: dict[str, list[clocks_queries.Hop]] = {}
    for hop in hops:
        rows.setdefault(hop.case_id or hop.id, []).append(hop)
    return list(rows.values())


def _still_here(hop: clocks_queries.Hop) -> bool:
    if hop.memo_id is not None:
        return hop.memo_waits
    return hop.case_id is None or (hop.now_at is Level.DUTY and hop.state is not CaseState.CLOSED)


@router.post("/counselor/duty/{escalation_id}/take")
def take(escalation_id: str, work: DutyWork, form: StaffForm) -> Response:
    """The duty has taken it over and moves the school."""
    scope = Scope.of(work.actor, Permission.TAKE_ESCALATIONS)
    clocks_actions.take(work, clocks_queries.escalation_by_id(work.db, scope, escalation_id))
    return RedirectResponse("/counselor/duty", status_code=303)
