"""For who leads a school's cases: names opened without a reason, and who has seen which case."""

from datetime import date, timedelta

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from survey_api.access.permissions import Permission
from survey_api.access.scope import Scope
from survey_api.journeys.report_access import report_access, report_openings
from survey_api.journeys.watch_access import MANY_CASES, MANY_NAMES
from survey_api.kit.actor import Actor
from survey_api.kit.clock import school_day
from survey_api.services.review.reveals import actions as reveals_actions
from survey_api.services.review.reveals import queries as reveals_queries
from survey_api.web.deps import ReadDep, RuntimeDep
from survey_ui.counselor import words
from survey_ui.counselor.door import LeadWork
from survey_ui.shell.forms import StaffForm
from survey_ui.shell.guards import enter
from survey_ui.shell.templating import page

router = APIRouter()


@router.get("/counselor/reviews")
def reviews(
    request: Request, runtime: RuntimeDep, db: ReadDep, actor: Actor = enter(Permission.LEAD_CASES)
) -> Response:
    context = {
        "rows": reveals_queries.to_review(db, Scope.of(actor, Permission.LEAD_CASES)),
        "today": school_day(runtime.clock.now()),
    }
    return page(request, "counselor/reviews.html", context)


@router.post("/counselor/reviews/{reveal_id}")
def review(reveal_id: str, work: LeadWork, form: StaffForm) -> Response:
    scope = Scope.of(work.actor, Permission.LEAD_CASES)
    reveals_actions.review(work, reveals_queries.reveal_by_id(work.db, scope, reveal_id))
    return RedirectResponse("/counselor/reviews", status_code=303)


@router.get("/counselor/cases/{case_id}/access")
def access(request: Request, case_id: str, work: LeadWork) -> Response:
    """Who has seen or changed what is known of this child, when and why; for printing, and itself a line."""
    report = report_access(work, case_id)
    rows = [
        (
            line.at,
            line.who,
            words.TRAIL.get(line.kind, "そのほか"),
            words.REVEALED_FOR.get(line.reason, ""),
            line.words,
        )
        for line in report.lines
    ]
    context = {"case": report.case, "cases": report.cases, "rows": rows, "made": work.now}
    return page(request, "counselor/access.html", context)


@router.get("/counselor/openings")
def openings(request: Request, work: LeadWork, month: str = "") -> Response:
    """The month's report: how many cases and names each person opened."""
    first = month_of(month, school_day(work.now))
    rows = report_openings(work, first)
    before = (first - timedelta(days=1)).replace(day=1)
    context = {"rows": rows, "month": first, "before": before, "many": (MANY_CASES, MANY_NAMES)}
    return page(request, "counselor/openings.html", context)


def month_of(text: str, today: date) -> date:
    """2026-11 → its first day; the present month for anything else."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
