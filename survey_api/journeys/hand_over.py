"""相談をつなぐシート: draft it from a case, see it exactly as it will be printed, hand it over.

The name goes onto a sheet only when the counselor asks for it; each time it is shown leaves a trail line
that is committed before the page leaves. What is handed over is the sealed draft that was seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from survey_api.access import queries as access_queries
from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.access.scope import Scope
from survey_api.kit.clock import school_day
from survey_api.kit.problems import BadInput
from survey_api.kit.work import Work
from survey_api.services.agencies import queries as agencies_queries
from survey_api.services.notifications import actions as notifications_actions
from survey_api.services.referrals import actions as referrals_actions
from survey_api.services.referrals import queries as referrals_queries
from survey_api.services.referrals.queries import OpenReferral
from survey_api.services.referrals.rules import Sheet, minimal
from survey_api.services.referrals.words import WORRIES_OF_CONCERN
from survey_api.services.results import queries as results_queries
from survey_api.services.review import actions as review_actions
from survey_api.services.review import queries as review_queries
from survey_api.services.review.queries import CaseView
from survey_api.services.review.school_days import add_school_days
from survey_api.tables.agencies import Agency
from survey_api.vault.door import Vault
from survey_api.vocabulary import NotificationKind, ReferralMode, RevealReason

ACKNOWLEDGE_IN_SCHOOL_DAYS = 3
"""A proposal: within how many school days a recipient says that the sheet arrived."""


@dataclass(frozen=True)
class SeenSheet:
    """A sheet on the screen, with the case it belongs to."""

    case: CaseView
    referral: OpenReferral


@dataclass(frozen=True)
class Start:
    """What the form begins with, beside the case itself."""

    worries: tuple[str, ...]
    """Suggested by the reasons, strongest first."""
    recipients: Sequence[Agency]
    own_name: str


def start_sheet(work: Work, case_id: str) -> Start:
    """Recipients from the directory, and which of the fifteen worries the reasons of the case suggest."""
    scope = _scope(work)
    case = review_queries.case_by_id(work.db, scope, case_id)
    result = results_queries.result_by_id(work.db, work.keys, scope, case.result_id)
    concerns = [reason["concern"] for reason in result.assessment["reasons"]] if result else []
    worries = [worry for concern in concerns for worry in WORRIES_OF_CONCERN.get(concern, ())]
    return Start(tuple(dict.fromkeys(worries)), agencies_queries.recipients(work.db), _own_name(work))


def draft_sheet(work: Work, vault: Vault, case_id: str, sheet: Sheet) -> str:
    """Keep a sheet as a draft; the name is added from the vault when its block is on. Returns the id."""
    scope = _scope(work)
    case = review_queries.case_by_id(work.db, scope, case_id)
    name, phone = _recipient(work, sheet.recipient)
    kept = replace(minimal(sheet), prepared_by=_own_name(work), recipient_name=name, recipient_phone=phone)
    if "name" in kept.blocks:
        review_actions.note_reveal_again(work, case, RevealReason.HAND_OVER, "相談をつなぐシートの作成")
        person = vault.name_of(case.pseudonym)
        kept = replace(kept, name=person.full, kana=person.kana)
    return referrals_actions.draft(work, case_id=case.id, school_id=case.school_id, sheet=kept)


def see_sheet(work: Work, case_id: str, referral_id: str) -> SeenSheet:
    """The sheet exactly as it is or will be printed."""
    scope = _scope(work)
    case = review_queries.case_by_id(work.db, scope, case_id)
    referral = referrals_queries.referral_by_id(work.db, work.keys, scope, case_id, referral_id, work.opened)
    review_actions.note_view(work, case)
    if referral.sheet.name:
        review_actions.note_reveal_again(work, case, RevealReason.HAND_OVER, "相談をつなぐシートの表示")
    return SeenSheet(review_queries.view_of(work.db, scope, case_id), referral)


def take_file(work: Work, case_id: str, referral_id: str) -> SeenSheet:
    """A sheet that was handed over, to be written as a file. BadInput for a draft: nothing unseen leaves."""
    seen = see_sheet(work, case_id, referral_id)
    if not seen.referral.copy_number:
        raise BadInput(
            "まだ渡していないシートは、ファイルにできません。先に「確定して渡す」を押してください。"
        )
    referrals_actions.note_export(work, seen.referral)
    return seen


def hand_over(work: Work, case_id: str, referral_id: str, version: int, *, agreed: bool = False) -> int:
    """Hand over the draft that was seen; the case becomes つないだ. Returns the copy number.

    A transfer gives the lead away, so it asks again: BadInput unless `agreed`.
    """
    scope = _scope(work)
    case = review_queries.case_by_id(work.db, scope, case_id)
    referral = referrals_queries.referral_by_id(work.db, work.keys, scope, case_id, referral_id, work.opened)
    sheet = referral.sheet
    if sheet.mode == ReferralMode.TRANSFER and not agreed:
        raise BadInput("主担当を移すときは、つなぎ先と話し合ったことを確かめて、チェックをつけてください。")
    arrives_by = add_school_days(school_day(work.now), ACKNOWLEDGE_IN_SCHOOL_DAYS)
    number = referrals_actions.hand_over(work, referral, arrives_by)
    details = {
        "referral_id": referral_id,
        "recipient": sheet.recipient_name,
        "consent": sheet.consent,
        "mode": sheet.mode,
        "reply_by": sheet.reply_by.isoformat() if sheet.reply_by else None,
        "copy_number": number,
    }
    review_actions.hand_over(work, case, version, details, arrives_by)
    notifications_actions.queue(
        work,
        NotificationKind.REFERRAL_WAITING,
        school_id=case.school_id,
        subject_id=case.id,
        event_key=f"referral|{referral_id}",
    )
    return number


def _recipient(work: Work, agency_id: str) -> tuple[str, str]:
    """The recipient's name and its number for those who work with it; BadInput for one that takes no sheets."""
    if not agency_id:
        return "", ""
    for agency in agencies_queries.recipients(work.db):
        if agency.id == agency_id:
            return agency.name, agency.staff_phone
    raise BadInput("つなぎ先: 選べるものの中から選んでください。")


def _scope(work: Work) -> Scope:
    require(work.actor, Permission.HAND_OVER)
    return Scope.of(work.actor, Permission.HAND_OVER)


def _own_name(work: Work) -> str:
    staff = access_queries.staff_by_id(work.db, work.actor.id)
    return staff.name if staff else ""
