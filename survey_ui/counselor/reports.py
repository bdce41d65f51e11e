"""通告: one tap to the draft, the numbers to call above it, the call written down below it."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from survey_api.journeys.read_case import read_case
from survey_api.journeys.report_suspicion import draft_report, see_report, tell_report
from survey_api.services.reports import rules
from survey_api.vocabulary import ReportState
from survey_api.web.deps import VaultDep
from survey_ui.counselor.door import SheetWork
from survey_ui.counselor.saying import group_words, whole_lines
from survey_ui.shell.forms import StaffForm, text_of
from survey_ui.shell.templating import page

router = APIRouter()


@router.post("/counselor/cases/{case_id}/report")
def begin_report(case_id: str, work: SheetWork, vault: VaultDep, form: StaffForm) -> Response:
    """The draft, at once: reasons and the child's own words as they are."""
    file = read_case(work, case_id)
    facts = whole_lines((f"・{why.words}" for why in file.why), rules.LIMITS["facts"])
    own_words = "\n".join(said.answer for said in file.texts)
    report_id = draft_report(work, vault, case_id, facts, own_words)
    return _to_report(case_id, report_id)


@router.get("/counselor/cases/{case_id}/reports/{report_id}")
def report(request: Request, case_id: str, report_id: str, work: SheetWork, vault: VaultDep) -> Response:
    seen = see_report(work, vault, case_id, report_id)
    context = {
        "case": seen.case,
        "group": group_words(seen.case.grade, seen.case.class_name),
        "report": seen.report,
        "content": seen.report.content,
        "f": seen.report.content.fields,
        "recipients": seen.recipients,
        "locked": seen.locked,
        "is_draft": seen.report.state is ReportState.DRAFT,
        "rules": rules,
        "now": work.now,
    }
    return page(request, "counselor/report.html", context)


@router.post("/counselor/cases/{case_id}/reports/{report_id}")
def told(case_id: str, report_id: str, work: SheetWork, vault: VaultDep, form: StaffForm) -> Response:
    """Somebody was told by telephone."""
    said = {name: text_of(form, name).replace("\r\n", "\n") for name in rules.FIELD_WORDS}
    tell_report(work, vault, case_id, report_id, text_of(form, "recipient", 40), said)
    return _to_report(case_id, report_id)


def _to_report(case_id: str, report_id: str) -> Response:
    return RedirectResponse(f"/counselor/cases/{case_id}/reports/{report_id}", status_code=303)
