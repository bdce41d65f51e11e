"""相談をつなぐシート: the form, the exact page that will be printed, and handing it over."""

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from survey_api.journeys.hand_over import draft_sheet, hand_over, see_sheet
from survey_api.journeys.read_case import CaseFile, read_case
from survey_api.kit.clock import school_day
from survey_api.services.referrals import rules
from survey_api.services.referrals.rules import Sheet
from survey_api.services.review.school_days import add_school_days
from survey_api.vocabulary import Consent, ReferralState
from survey_api.web.deps import VaultDep
from survey_ui.counselor.door import SheetWork, day_of, version_of
from survey_ui.counselor.saying import group_words
from survey_ui.shell.forms import StaffForm, text_of
from survey_ui.shell.templating import page

router = APIRouter()

REPLY_IN_SCHOOL_DAYS = 5
FACTS_SHOWN = 6


@router.get("/counselor/cases/{case_id}/sheet")
def sheet_form(request: Request, case_id: str, work: SheetWork) -> Response:
    file = read_case(work, case_id)
    context = {
        "case": file.case,
        "group": group_words(file.case.grade, file.case.class_name),
        "fields": prefilled(file),
        "on": rules.DEFAULT_BLOCKS,
        "reply_by": add_school_days(school_day(work.now), REPLY_IN_SCHOOL_DAYS),
        **_choices(),
    }
    return page(request, "counselor/sheet_form.html", context)


@router.post("/counselor/cases/{case_id}/sheet")
def preview(case_id: str, work: SheetWork, vault: VaultDep, form: StaffForm) -> Response:
    """Keep what the form says as a draft, and show it as it will be printed."""
    referral_id = draft_sheet(work, vault, case_id, sheet_of(form))
    return RedirectResponse(f"/counselor/cases/{case_id}/sheets/{referral_id}", status_code=303)


@router.get("/counselor/cases/{case_id}/sheets/{referral_id}")
def sheet(request: Request, case_id: str, referral_id: str, work: SheetWork) -> Response:
    seen = see_sheet(work, case_id, referral_id)
    context = {
        "case": seen.case,
        "referral": seen.referral,
        "sheet": seen.referral.sheet,
        "f": {name: seen.referral.sheet.fields.get(name, "") for name in rules.LIMITS},
        "is_draft": seen.referral.state is ReferralState.DRAFT,
        "made_on": school_day(seen.referral.handed_over_at or work.now),
        **_choices(),
    }
    return page(request, "counselor/sheet.html", context)


@router.post("/counselor/cases/{case_id}/sheets/{referral_id}")
def finish(case_id: str, referral_id: str, work: SheetWork, form: StaffForm) -> Response:
    hand_over(work, case_id, referral_id, version_of(text_of(form, "version")))
    return RedirectResponse(f"/counselor/cases/{case_id}/sheets/{referral_id}", status_code=303)


def sheet_of(form: FormData) -> Sheet:
    """The form as a sheet; checked by the rules of the sheet."""
    return Sheet(
        recipient=text_of(form, "recipient", 40),
        reply_by=day_of(text_of(form, "reply_by", 10), "返事の期日"),
        consent=text_of(form, "consent", 40),
        blocks=frozenset(str(block) for block in form.getlist("blocks")),
        worries=tuple(str(worry) for worry in form.getlist("worries")),
        main_worry=text_of(form, "main_worry", 40),
        fields={name: _lines(form, name) for name in rules.LIMITS if text_of(form, name)},
    )


def _lines(form: FormData, name: str) -> str:
    """Browsers send a line break as two characters; on the sheet it counts as one."""
    return text_of(form, name).replace("\r\n", "\n")


def prefilled(file: CaseFile) -> dict[str, str]:
    """What the case already says, cut to what fits: reasons, the child's wish, the child's own words."""
    fields = dict.fromkeys(rules.LIMITS, "")
    fields["facts"] = _whole_lines((f"・{why.words}" for why in file.why), rules.LIMITS["facts"])
    fields["wish"] = "　".join(f"{said.short}: {said.answer}" for said in file.wish)
    fields["own_words"] = "\n".join(said.answer for said in file.texts)
    fields["contact_by"] = "other"
    fields["contact_detail"] = "学校(相談室)へ"
    return {name: text[: rules.LIMITS[name]] for name, text in fields.items()}


def _whole_lines(lines: Iterable[str], limit: int) -> str:
    """As many whole lines as fit: half a reason could say the opposite."""
    kept = ""
    for line in list(lines)[:FACTS_SHOWN]:
        longer = f"{kept}\n{line}" if kept else line
        if len(longer) > limit:
            break
        kept = longer
    return kept


def _choices() -> dict[str, Any]:
    return {
        "worries": rules.WORRIES,
        "recipients": rules.RECIPIENTS,
        "limits": rules.LIMITS,
        "free_blocks": {name: rules.FIELD_WORDS[name] for name in rules.TEXTS},
        "consents": {str(consent): words for consent, words in rules.CONSENT_WORDS.items()},
        "given": str(Consent.GIVEN),
    }
