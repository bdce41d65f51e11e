"""For who leads a school's cases: names opened without a reason, and who has seen which case."""

import json

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from survey_api.access import queries as access_queries
from survey_api.access.permissions import Permission
from survey_api.access.scope import Scope
from survey_api.audit import queries as audit_queries
from survey_api.kit.actor import Actor
from survey_api.kit.clock import school_day
from survey_api.services.review import queries as review_queries
from survey_api.services.review.reveals import actions as reveals_actions
from survey_api.services.review.reveals import queries as reveals_queries
from survey_api.vocabulary import AuditKind
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
    """Who has seen or changed this case, newest first, from the trail."""
    case = review_queries.view_of(work.db, Scope.of(work.actor, Permission.LEAD_CASES), case_id)
    names = {staff.id: staff.name for staff in access_queries.all_staff(work.db)}
    lines = [
        *audit_queries.entries_about(work.db, case.id),
        *(
            entry
            for entry in audit_queries.entries_about(work.db, case.pseudonym)
            if json.loads(entry.facts).get("case_id") == case.id
        ),
    ]
    rows = [
        (line.at, names.get(line.actor_id, "自動の仕事"), words.TRAIL.get(AuditKind(line.kind), "そのほか"))
        for line in sorted(lines, key=lambda line: -line.seq)
    ]
    return page(request, "counselor/access.html", {"case": case, "rows": rows})
