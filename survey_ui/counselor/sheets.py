"""相談をつなぐシート: fill in, see exactly what will be printed, hand over, hear the reply."""

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from survey_api.journeys.hand_over import SeenSheet, draft_sheet, hand_over, see_sheet, start_sheet, take_file
from survey_api.journeys.hear_reply import hear_reply
from survey_api.journeys.read_case import read_case
from survey_api.kit.clock import school_day
from survey_api.kit.problems import BadInput
from survey_api.kit.work import Work
from survey_api.services.referrals import rules, words
from survey_api.settings import Mode
from survey_api.vocabulary import ReferralMode, ReferralState
from survey_api.web.deps import RuntimeDep, VaultDep
from survey_ui.counselor.door import SheetWork, version_of
from survey_ui.counselor.saying import group_words
from survey_ui.counselor.sheet_file import XLSX, sheet_file
from survey_ui.counselor.sheet_form import Filled, begun, filled_in, gone_on, sheet_of
from survey_ui.shell.forms import StaffForm, day_of, text_of
from survey_ui.shell.templating import page

router = APIRouter()


@router.get("/counselor/cases/{case_id}/sheet")
def sheet_form(request: Request, case_id: str, work: SheetWork, draft: str = "") -> Response:
    """The form: as the case suggests it, or with everything that a draft (`draft`) holds."""
    start = start_sheet(work, case_id)
    filled = begun(read_case(work, case_id), start, school_day(work.now))
    if draft:
        filled = gone_on(see_sheet(work, case_id, draft).referral.sheet, filled)
    return _form(request, work, case_id, filled)


@router.post("/counselor/cases/{case_id}/sheet")
def preview(request: Request, case_id: str, work: SheetWork, vault: VaultDep, form: StaffForm) -> Response:
    """Keep what the form says as a draft and show it as it will be printed; a refusal loses no word."""
    try:
        referral_id = draft_sheet(work, vault, case_id, sheet_of(form))
    except BadInput as refusal:
        return _form(request, work, case_id, filled_in(form), refusal)
    return RedirectResponse(f"/counselor/cases/{case_id}/sheets/{referral_id}", status_code=303)


def _form(
    request: Request, work: Work, case_id: str, filled: Filled, refusal: BadInput | None = None
) -> Response:
    file = read_case(work, case_id)
    case = file.case
    context = {
        "case": case,
        "closed_texts": 0 if refusal else file.closed_texts,
        "group": group_words(case.grade, case.class_name),
        "recipients": start_sheet(work, case_id).recipients,
        "filled": filled,
        "refusal": refusal,
        "words": words,
        "given": "given",
    }
    return page(request, "counselor/sheet_form.html", context, status=422 if refusal else 200)


@router.get("/counselor/cases/{case_id}/sheets/{referral_id}")
def sheet(request: Request, case_id: str, referral_id: str, work: SheetWork) -> Response:
    return _shown(request, work, see_sheet(work, case_id, referral_id))


def _shown(request: Request, work: Work, seen: SeenSheet, refusal: BadInput | None = None) -> Response:
    referral, today = seen.referral, school_day(work.now)
    context = {
        "case": seen.case,
        "referral": referral,
        "sheet": referral.sheet,
        "f": {name: referral.sheet.fields.get(name, "") for name in words.LIMITS},
        "address": request.app.state.runtime.settings.address,
        "is_draft": referral.state is ReferralState.DRAFT,
        "missing": rules.missing(referral.sheet),
        "is_transfer": referral.sheet.mode == ReferralMode.TRANSFER,
        "made_on": school_day(referral.handed_over_at or work.now),
        "now": work.now,
        "late": referral.late(today),
        "answers": _answers(referral.state),
        "refusal": refusal,
        "words": words,
    }
    return page(request, "counselor/sheet.html", context, status=422 if refusal else 200)


def _answers(state: ReferralState) -> list[tuple[str, str]]:
    possible = rules.ANSWERS.get(state, frozenset())
    return [(str(answer), label) for answer, label in words.REPLIES.items() if answer in possible]


@router.post("/counselor/cases/{case_id}/sheets/{referral_id}")
def finish(request: Request, case_id: str, referral_id: str, work: SheetWork, form: StaffForm) -> Response:
    """Hand over; a refusal is said on the sheet itself, with the way back to its form."""
    version = version_of(text_of(form, "version"))
    try:
        hand_over(work, case_id, referral_id, version, agreed=_ticked(form, "agreed"))
    except BadInput as refusal:
        return _shown(request, work, see_sheet(work, case_id, referral_id), refusal)
    return _to_sheet(case_id, referral_id)


@router.post("/counselor/cases/{case_id}/sheets/{referral_id}/reply")
def reply(case_id: str, referral_id: str, work: SheetWork, form: StaffForm) -> Response:
    """Write down what the recipient said."""
    version, said = version_of(text_of(form, "version")), text_of(form, "words", 400)
    again = day_of(text_of(form, "again_on", 10), "次に確かめる日")
    hear_reply(work, case_id, referral_id, version, text_of(form, "answer", 40), said, again)
    return _to_sheet(case_id, referral_id)


@router.get("/counselor/cases/{case_id}/sheets/{referral_id}/file")
def file(runtime: RuntimeDep, case_id: str, referral_id: str, work: SheetWork) -> Response:
    """The sheet as a workbook with the same layout; every copy that leaves is written down."""
    seen = take_file(work, case_id, referral_id)
    headers = {"content-disposition": 'attachment; filename="tsunagu-sheet.xlsx"'}
    return Response(
        sheet_file(seen, practice=runtime.settings.mode == Mode.PRACTICE), media_type=XLSX, headers=headers
    )


def _ticked(form: FormData, name: str) -> bool:
    return text_of(form, name, 3) == "yes"


def _to_sheet(case_id: str, referral_id: str) -> Response:
    return RedirectResponse(f"/counselor/cases/{case_id}/sheets/{referral_id}", status_code=303)
