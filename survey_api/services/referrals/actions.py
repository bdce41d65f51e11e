"""Keep a hand-over sheet as a draft, and hand over exactly that draft."""

from sqlmodel import col, update

from survey_api.access import sealing
from survey_api.audit import trail
from survey_api.kit.ids import new_id
from survey_api.kit.problems import StaleForm
from survey_api.kit.work import Work
from survey_api.services.referrals.queries import OpenReferral, next_copy_number
from survey_api.services.referrals.rules import Sheet, require_complete
from survey_api.tables.cases import Referral
from survey_api.vocabulary import AuditKind, ReferralState


def draft(work: Work, *, case_id: str, school_id: str, sheet: Sheet) -> str:
    """Seal a sheet as it will be printed; returns its id. It may still lack what handing over needs."""
    referral_id = new_id()
    sealed = sealing.seal_for_school(
        work.db, work.keys, school_id, f"referral|{referral_id}", sheet.as_dict()
    )
    work.db.add(
        Referral(
            id=referral_id,
            case_id=case_id,
            school_id=school_id,
            state=ReferralState.DRAFT,
            consent=sheet.consent,
            recipient=sheet.recipient,
            reply_by=sheet.reply_by,
            handed_over_at=None,
            created_at=work.now,
            copy_number=0,
            sealed=sealed,
        )
    )
    work.db.flush()
    trail.record(work, AuditKind.REFERRAL_DRAFTED, "referral", referral_id, case_id=case_id)
    return referral_id


def hand_over(work: Work, referral: OpenReferral) -> int:
    """Give the draft its copy number and let it leave. BadInput while it lacks consent or recipient."""
    require_complete(referral.sheet)
    number = next_copy_number(work.db, referral.case_id)
    changed = work.db.connection().execute(
        update(Referral)
        .where(col(Referral.id) == referral.id, col(Referral.state) == ReferralState.DRAFT)
        .values(state=ReferralState.HANDED_OVER, handed_over_at=work.now, copy_number=number)
    )
    if changed.rowcount != 1:
        raise StaleForm("このシートはもう渡してあります。")
    trail.record(
        work,
        AuditKind.REFERRAL_HANDED_OVER,
        "referral",
        referral.id,
        case_id=referral.case_id,
        recipient=referral.sheet.recipient,
        consent=referral.sheet.consent,
        copy_number=number,
    )
    return number
