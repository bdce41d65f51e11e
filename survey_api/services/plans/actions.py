"""Write a support plan, decide it, and say how its rows go."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import col, delete, update

from survey_api.access import sealing
from survey_api.audit import trail
from survey_api.kit.ids import new_id
from survey_api.kit.problems import BadInput, IllegalMove, StaleForm
from survey_api.kit.work import Work
from survey_api.services.plans.queries import OpenPlan
from survey_api.services.plans.rules import Plan, Row, require_decided, tidy
from survey_api.tables.plans import PlanRow, SupportPlan
from survey_api.vocabulary import AuditKind, PlanState, RowState


def write(
    work: Work,
    *,
    case_id: str,
    school_id: str,
    known: OpenPlan | None,
    version: int,
    plan: Plan,
    decide: bool,
) -> Plan:
    """Keep the plan as a draft, or decide it. BadInput with what is missing; StaleForm after somebody else."""
    kept = tidy(plan)
    if decide:
        require_decided(kept)
    elif known is not None and known.state is PlanState.DECIDED:
        raise IllegalMove("決めたプランは、案に戻せません。直したら、もう一度決めてください。")
    state = PlanState.DECIDED if decide else PlanState.DRAFT
    plan_id = known.id if known else new_id()
    values: dict[str, Any] = {
        "state": state,
        "consent": kept.consent,
        "decided_at": work.now if decide else None,
        "sealed": sealing.seal_for_school(work.db, work.keys, school_id, f"plan|{plan_id}", dict(kept.head)),
    }
    if known is None:
        work.db.add(SupportPlan(id=plan_id, case_id=case_id, school_id=school_id, **values))
        work.db.flush()
    else:
        _change(work, plan_id, version, values)
    _write_rows(work, plan_id, school_id, kept.rows)
    facts: dict[str, Any] = {"case_id": case_id, "rows": len(kept.rows)}
    if decide:
        trail.record(work, AuditKind.PLAN_DECIDED, "support_plan", plan_id, consent=kept.consent, **facts)
    else:
        trail.record(work, AuditKind.PLAN_SAVED, "support_plan", plan_id, **facts)
    return kept


def move_row(work: Work, known: OpenPlan, version: int, row_id: str, changes: Mapping[str, Any]) -> Row:
    """How one row goes now: its state and its next days. Returns the row as it is after."""
    row = next((one for one in known.plan.rows if one.id == row_id), None)
    if row is None or changes["state"] not in [str(state) for state in RowState]:
        raise BadInput("支援プランの行と状況を選んでください。")
    _change(work, known.id, version, {})
    state, review_on = RowState(changes["state"]), changes.get("review_on") or row.review_on
    work.db.connection().execute(
        update(PlanRow).where(col(PlanRow.id) == row_id).values(state=state, review_on=review_on)
    )
    trail.record(
        work,
        AuditKind.PLAN_ROW_MOVED,
        "support_plan",
        known.id,
        case_id=known.case_id,
        state=str(state),
    )
    return Row(row.texts, row.due_on, review_on, state, row.id)


def _change(work: Work, plan_id: str, version: int, values: Mapping[str, Any]) -> None:
    changed = work.db.connection().execute(
        update(SupportPlan)
        .where(col(SupportPlan.id) == plan_id, col(SupportPlan.version) == version)
        .values(version=version + 1, **values)
    )
    if changed.rowcount != 1:
        raise StaleForm


def _write_rows(work: Work, plan_id: str, school_id: str, rows: Sequence[Row]) -> None:
    work.db.connection().execute(delete(PlanRow).where(col(PlanRow.plan_id) == plan_id))
    for position, row in enumerate(rows):
        row_id = new_id()
        work.db.add(
            PlanRow(
                id=row_id,
                plan_id=plan_id,
                school_id=school_id,
                position=position,
                state=row.state,
                due_on=row.due_on,
                review_on=row.review_on,
                sealed=sealing.seal_for_school(
                    work.db, work.keys, school_id, f"plan_row|{row_id}", dict(row.texts)
                ),
            )
        )
    work.db.flush()
