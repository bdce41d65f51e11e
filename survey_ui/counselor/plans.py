"""支援プラン: rows of 困りごと / 支援機関 / 支援方法 with who, until when and how it goes; printed on A4 across."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from survey_api.journeys.keep_plan import CasePlan, move_row, plan_of, write_plan
from survey_api.kit.clock import school_day
from survey_api.kit.problems import BadInput
from survey_api.kit.work import Work
from survey_api.services.plans import rules
from survey_api.services.plans.rules import Plan, Row
from survey_api.vocabulary import PlanState, RowState
from survey_ui.counselor.door import SheetWork, version_of
from survey_ui.counselor.rows import is_reshaping, reshaped, rows_of
from survey_ui.counselor.saying import group_words
from survey_ui.shell.forms import StaffForm, day_of, text_of
from survey_ui.shell.templating import page

router = APIRouter(prefix="/counselor/cases/{case_id}/plan")

START_ROWS = 4
TYPED = (*rules.COLUMNS, "due_on", "review_on", "state")


@router.get("")
def plan(request: Request, case_id: str, work: SheetWork) -> Response:
    """The decided plan as a paper, or the form while there is none."""
    found = plan_of(work, case_id)
    if found.plan is not None and found.plan.state is PlanState.DECIDED:
        return _paper(request, work, found)
    return _form(request, found, *_typed(found))


@router.get("/edit")
def edit_plan(request: Request, case_id: str, work: SheetWork) -> Response:
    found = plan_of(work, case_id)
    return _form(request, found, *_typed(found))


@router.post("")
def write(request: Request, case_id: str, work: SheetWork, form: StaffForm) -> Response:
    """Keep the plan as a draft, or decide it; a refusal loses no word."""
    refusal = None
    if not is_reshaping(form):
        version = version_of(text_of(form, "version"))
        try:
            write_plan(work, case_id, version, plan_from(form), decide=text_of(form, "do", 10) == "decide")
        except BadInput as refused:
            refusal = refused
        else:
            return RedirectResponse(f"/counselor/cases/{case_id}/plan", status_code=303)
    head = {name: text_of(form, name).replace("\r\n", "\n") for name in rules.HEAD}
    rows = reshaped(form, "rows", rows_of(form, "rows", TYPED))
    return _form(request, plan_of(work, case_id), head, text_of(form, "consent", 40), rows, refusal)


@router.post("/rows/{row_id}")
def move(case_id: str, row_id: str, work: SheetWork, form: StaffForm) -> Response:
    """How one row goes now, and when to look again."""
    review_on = day_of(text_of(form, "review_on", 10), "次の確認日")
    move_row(
        work, case_id, version_of(text_of(form, "version")), row_id, text_of(form, "state", 20), review_on
    )
    return RedirectResponse(f"/counselor/cases/{case_id}/plan", status_code=303)


def plan_from(form: FormData) -> Plan:
    """The form as a plan; BadInput for a day that is none."""
    rows = []
    for number, typed in enumerate(rows_of(form, "rows", TYPED), 1):
        state = typed["state"] if typed["state"] in [str(known) for known in RowState] else "planned"
        rows.append(
            Row(
                {name: typed[name] for name in rules.COLUMNS},
                day_of(typed["due_on"], f"いつまで({number}行目)"),
                day_of(typed["review_on"], f"確認日({number}行目)"),
                RowState(state),
            )
        )
    head = {name: text_of(form, name).replace("\r\n", "\n") for name in rules.HEAD}
    return Plan(head, text_of(form, "consent", 40), rows)


def _typed(found: CasePlan) -> tuple[dict[str, str], str, list[dict[str, str]]]:
    """The stored plan as the form shows it; empty rows when there is none."""
    if found.plan is None:
        return {}, "", [{}] * START_ROWS
    kept = found.plan.plan
    rows = [
        {
            **row.texts,
            "due_on": row.due_on.isoformat() if row.due_on else "",
            "review_on": row.review_on.isoformat() if row.review_on else "",
            "state": str(row.state),
        }
        for row in kept.rows
    ]
    return dict(kept.head), kept.consent, rows or [{}] * START_ROWS


def _form(
    request: Request,
    found: CasePlan,
    head: dict[str, str],
    consent: str,
    rows: list[dict[str, str]],
    refusal: BadInput | None = None,
) -> Response:
    context = {
        **_case(found),
        "head": head,
        "consent": consent,
        "rows": rows,
        "version": found.plan.version if found.plan else 1,
        "decided": found.plan is not None and found.plan.state is PlanState.DECIDED,
        "agencies": found.agencies,
        "rules": rules,
        "refusal": refusal,
    }
    return page(request, "counselor/plan_form.html", context, status=422 if refusal else 200)


def _paper(request: Request, work: Work, found: CasePlan) -> Response:
    today = school_day(work.now)
    assert found.plan is not None
    rows = [(row, row.late(today)) for row in found.plan.plan.rows]
    context = {
        **_case(found),
        "plan": found.plan,
        "rows": rows,
        "late": sum(late for _, late in rows),
        "rules": rules,
        "now": work.now,
    }
    return page(request, "counselor/plan.html", context)


def _case(found: CasePlan) -> dict[str, Any]:
    return {"case": found.case, "group": group_words(found.case.grade, found.case.class_name)}
