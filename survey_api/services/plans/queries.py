"""Support plans of the actor's own schools, opened, and which cases have overdue rows."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from survey_api.access import sealing
from survey_api.access.scope import Scope
from survey_api.kit.crypto import Keyring
from survey_api.services.plans.rules import OPEN_STATES, Plan, Row
from survey_api.tables.plans import PlanRow, SupportPlan
from survey_api.vocabulary import PlanState, RowState


@dataclass(frozen=True)
class OpenPlan:
    """The plan of a case with its state."""

    id: str
    case_id: str
    school_id: str
    state: PlanState
    decided_at: datetime | None
    version: int
    plan: Plan


def plan_of(db: Session, keys: Keyring, scope: Scope, case_id: str) -> OpenPlan | None:
    """The plan of a case; None when there is none yet or the case is of another school."""
    stored = db.exec(select(SupportPlan).where(SupportPlan.case_id == case_id)).first()
    if stored is None or not scope.covers(stored.school_id):
        return None
    head = sealing.open_for_school(db, keys, stored.school_id, f"plan|{stored.id}", stored.sealed)
    rows = db.exec(select(PlanRow).where(PlanRow.plan_id == stored.id).order_by(col(PlanRow.position))).all()
    opened = [
        Row(
            sealing.open_for_school(db, keys, row.school_id, f"plan_row|{row.id}", row.sealed),
            row.due_on,
            row.review_on,
            RowState(row.state),
            row.id,
        )
        for row in rows
    ]
    return OpenPlan(
        stored.id,
        stored.case_id,
        stored.school_id,
        PlanState(stored.state),
        stored.decided_at,
        stored.version,
        Plan(head, stored.consent, opened),
    )


def late_cases(db: Session, scope: Scope, today: date) -> dict[str, int]:
    """Case → how many rows of its decided plan are overdue."""
    rows = db.exec(
        select(SupportPlan.case_id, PlanRow)
        .join(PlanRow, col(PlanRow.plan_id) == col(SupportPlan.id))
        .where(SupportPlan.state == PlanState.DECIDED, col(PlanRow.state).in_(OPEN_STATES))
    ).all()
    found: dict[str, int] = {}
    for case_id, row in rows:
        opened = Row({}, row.due_on, row.review_on, RowState(row.state))
        if scope.covers(row.school_id) and opened.late(today):
            found[case_id] = found.get(case_id, 0) + 1
    return found
