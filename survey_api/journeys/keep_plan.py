"""支援プラン of a case: written as a draft, decided with the child's consent, looked at row by row.

The case's own clock is the next day on which a row is due or looked at, so an overdue row is an overdue case.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.access.scope import Scope
from survey_api.kit.problems import NotFound
from survey_api.kit.work import Work
from survey_api.services.agencies import queries as agencies_queries
from survey_api.services.plans import actions as plans_actions
from survey_api.services.plans import queries as plans_queries
from survey_api.services.plans.queries import OpenPlan
from survey_api.services.plans.rules import STATE_WORDS, Plan, next_look
from survey_api.services.review import actions as review_actions
from survey_api.services.review import queries as review_queries
from survey_api.services.review.queries import CaseView


@dataclass(frozen=True)
class CasePlan:
    """A case with its plan, if there is one, and the agencies that can help."""

    case: CaseView
    plan: OpenPlan | None
    agencies: tuple[str, ...]


def plan_of(work: Work, case_id: str) -> CasePlan:
    """The plan of a case; leaves a line that somebody read the case."""
    scope = _scope(work)
    review_actions.note_view(work, review_queries.case_by_id(work.db, scope, case_id))
    plan = plans_queries.plan_of(work.db, work.keys, scope, case_id)
    names = tuple(agency.name for agency in agencies_queries.directory(work.db))
    return CasePlan(review_queries.view_of(work.db, scope, case_id), plan, names)


def write_plan(work: Work, case_id: str, version: int, plan: Plan, *, decide: bool) -> None:
    """Keep the plan, or decide it; a decided plan sets the case's clock and stands on its timeline."""
    scope = _scope(work)
    case = review_queries.case_by_id(work.db, scope, case_id)
    known = plans_queries.plan_of(work.db, work.keys, scope, case_id)
    kept = plans_actions.write(
        work,
        case_id=case.id,
        school_id=case.school_id,
        known=known,
        version=version,
        plan=plan,
        decide=decide,
    )
    if decide:
        agencies = "、".join(dict.fromkeys(row.text("agency") for row in kept.rows))
        details = {"words": f"決めた({len(kept.rows)}行): {agencies}"}
        review_actions.tell(work, case, case.version, "plan", details, next_look(kept.rows))


def move_row(work: Work, case_id: str, version: int, row_id: str, state: str, review_on: date | None) -> None:
    """Say how one row of a decided plan goes; the case's clock follows."""
    scope = _scope(work)
    case = review_queries.case_by_id(work.db, scope, case_id)
    known = plans_queries.plan_of(work.db, work.keys, scope, case_id)
    if known is None:
        raise NotFound
    changes: dict[str, Any] = {"state": state, "review_on": review_on}
    row = plans_actions.move_row(work, known, version, row_id, changes)
    rows = [row if one.id == row_id else one for one in known.plan.rows]
    details = {"words": f"{row.text('trouble')}({row.text('agency')}): {STATE_WORDS[row.state]}"}
    review_actions.tell(work, case, case.version, "plan", details, next_look(rows))


def _scope(work: Work) -> Scope:
    require(work.actor, Permission.HAND_OVER)
    return Scope.of(work.actor, Permission.HAND_OVER)
