"""相談をつなぐシート: draft it from a case, see it exactly as it will be printed, hand it over.

The name goes onto a sheet only when the counselor asks for it; each time it is shown leaves a trail line
that is committed before the page leaves. What is handed over is the sealed draft that was seen.
"""

from dataclasses import dataclass, replace

from survey_api.access import queries as access_queries
from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.access.scope import Scope
from survey_api.kit.work import Work
from survey_api.services.notifications import actions as notifications_actions
from survey_api.services.referrals import actions as referrals_actions
from survey_api.services.referrals import queries as referrals_queries
from survey_api.services.referrals.queries import OpenReferral
from survey_api.services.referrals.rules import Sheet, minimal
from survey_api.services.review import actions as review_actions
from survey_api.services.review import queries as review_queries
from survey_api.services.review.queries import CaseView
from survey_api.vault.door import Vault
from survey_api.vocabulary import NotificationKind, RevealReason


@dataclass(frozen=True)
class SeenSheet:
    """A sheet on the screen, with the case it belongs to."""

    case: CaseView
    referral: OpenReferral


def draft_sheet(work: Work, vault: Vault, case_id: str, sheet: Sheet) -> str:
    """Keep a sheet as a draft; the name is added from the vault when its block is on. Returns the id."""
    scope = _scope(work)
    case = review_queries.case_by_id(work.db, scope, case_id)
    kept = replace(minimal(sheet), prepared_by=_own_name(work))
    if "name" in kept.blocks:
        review_actions.note_reveal(work, case, RevealReason.HAND_OVER, "相談をつなぐシートの作成")
        person = vault.name_of(case.pseudonym)
        kept = replace(kept, name=person.full, kana=person.kana)
    return referrals_actions.draft(work, case_id=case.id, school_id=case.school_id, sheet=kept)


def see_sheet(work: Work, case_id: str, referral_id: str) -> SeenSheet:
    """The sheet exactly as it is or will be printed."""
    scope = _scope(work)
    case = review_queries.case_by_id(work.db, scope, case_id)
    referral = referrals_queries.referral_by_id(work.db, work.keys, scope, case_id, referral_id)
    review_actions.note_view(work, case)
    if referral.sheet.name:
        review_actions.note_reveal(work, case, RevealReason.HAND_OVER, "相談をつなぐシートの表示")
    return SeenSheet(review_queries.view_of(work.db, scope, case_id), referral)


def hand_over(work: Work, case_id: str, referral_id: str, version: int) -> int:
    """Hand over the draft that was seen; the case becomes つないだ. Returns the copy number."""
    scope = _scope(work)
    case = review_queries.case_by_id(work.db, scope, case_id)
    referral = referrals_queries.referral_by_id(work.db, work.keys, scope, case_id, referral_id)
    number = referrals_actions.hand_over(work, referral)
    sheet = referral.sheet
    details = {
        "referral_id": referral_id,
        "recipient": sheet.recipient,
        "consent": sheet.consent,
        "reply_by": sheet.reply_by.isoformat() if sheet.reply_by else None,
        "copy_number": number,
    }
    review_actions.hand_over(work, case, version, details)
    notifications_actions.queue(
        work,
        NotificationKind.REFERRAL_WAITING,
        school_id=case.school_id,
        subject_id=case.id,
        event_key=f"referral|{referral_id}",
    )
    return number


def _scope(work: Work) -> Scope:
    require(work.actor, Permission.HAND_OVER)
    return Scope.of(work.actor, Permission.HAND_OVER)


def _own_name(work: Work) -> str:
    staff = access_queries.staff_by_id(work.db, work.actor.id)
    return staff.name if staff else ""
