"""Keep a hand-over sheet as a draft, hand over exactly that draft, and write down what came back."""

from dataclasses import replace
from datetime import date

from sqlmodel import col, select, update

from survey_api.access import sealing
from survey_api.audit import trail
from survey_api.kit.clock import school_day
from survey_api.kit.ids import new_id
from survey_api.kit.problems import StaleForm
from survey_api.kit.work import Work
from survey_api.services.referrals.queries import (
    CLOSED,
    OpenReferral,
    next_copy_number,
    receipt_mac,
    sheet_from,
    words_place,
)
from survey_api.services.referrals.rules import Sheet, new_receipt, require_answer, require_complete
from survey_api.tables.cases import Referral
from survey_api.vocabulary import AuditKind, ReferralState


def draft(work: Work, *, case_id: str, school_id: str, sheet: Sheet) -> str:
    """Seal a sheet as it will be printed; returns its id. It may still lack what handing over needs."""
    referral_id = new_id()
    sheet = replace(sheet, receipt=new_receipt())
    sealed = _sealed(work, school_id, referral_id, sheet)
    work.db.add(
        Referral(
            id=referral_id,
            case_id=case_id,
            school_id=school_id,
            state=ReferralState.DRAFT,
            mode=sheet.mode,
            consent=sheet.consent,
            recipient=sheet.recipient,
            acknowledge_by=None,
            reply_by=sheet.reply_by,
            replied_on=None,
            handed_over_at=None,
            created_at=work.now,
            copy_number=0,
            receipt_mac=receipt_mac(work.keys, sheet.receipt),
            sealed=sealed,
        )
    )
    work.db.flush()
    trail.record(work, AuditKind.REFERRAL_DRAFTED, "referral", referral_id, case_id=case_id)
    return referral_id


def hand_over(work: Work, referral: OpenReferral, acknowledge_by: date) -> int:
    """Give the draft its copy number and let it leave. BadInput while it lacks consent or recipient."""
    if referral.state is not ReferralState.DRAFT:
        raise StaleForm("このシートはもう渡してあります。")
    require_complete(referral.sheet)
    number = next_copy_number(work.db, referral.case_id)
    _change(
        work,
        referral,
        state=ReferralState.HANDED_OVER,
        handed_over_at=work.now,
        copy_number=number,
        acknowledge_by=acknowledge_by,
    )
    trail.record(
        work,
        AuditKind.REFERRAL_HANDED_OVER,
        "referral",
        referral.id,
        case_id=referral.case_id,
        recipient=referral.sheet.recipient,
        consent=referral.sheet.consent,
        mode=referral.sheet.mode,
        copy_number=number,
    )
    return number


def hear(work: Work, referral: OpenReferral, answer: str, words: str) -> ReferralState:
    """The recipient answered. IllegalMove when this answer cannot come now."""
    state = require_answer(referral.state, answer, words)
    _change(work, referral, state=state, replied_on=school_day(work.now))
    trail.record(
        work,
        AuditKind.REFERRAL_REPLIED,
        "referral",
        referral.id,
        case_id=referral.case_id,
        state=str(state),
    )
    return state


def note_export(work: Work, referral: OpenReferral) -> None:
    """A copy left as a file."""
    trail.record(
        work,
        AuditKind.REFERRAL_EXPORTED,
        "referral",
        referral.id,
        case_id=referral.case_id,
        copy_number=referral.copy_number,
    )


def seal_anew(work: Work, school_id: str, public: bytes, limit: int) -> int:
    """Put what sheets say of a person under this key of the school, at most `limit`; returns how many.

    Part of locking a school, which has its line.
    """
    done = 0
    for row in work.db.exec(select(Referral).where(Referral.school_id == school_id)).all():
        content = sealing.open_for_school(work.db, work.keys, school_id, f"referral|{row.id}", row.sealed)
        closed = content.get("closed")
        if sealing.is_current(public, closed) or (closed and sealing.is_lost(work.db, school_id, closed)):
            continue
        if done == limit:
            break
        sheet = sheet_from(content, row.id, school_id, work.opened)
        row.sealed = _sealed(work, school_id, row.id, sheet)
        work.db.add(row)
        done += 1
    work.db.flush()
    return done


def _sealed(work: Work, school_id: str, referral_id: str, sheet: Sheet) -> bytes:
    """With a lock, what says who it is and what it is about goes into a box to the school's own key."""
    content = sheet.as_dict()
    closed = sealing.close_words(
        work.db, school_id, words_place(referral_id), {name: content[name] for name in CLOSED}
    )
    if closed is not None:
        content = {**content, "name": "", "kana": "", "fields": {}, "closed": closed}
    return sealing.seal_for_school(work.db, work.keys, school_id, f"referral|{referral_id}", content)


def _change(work: Work, referral: OpenReferral, **values: object) -> None:
    """Only from the state the person saw."""
    changed = work.db.connection().execute(
        update(Referral)
        .where(col(Referral.id) == referral.id, col(Referral.state) == referral.state)
        .values(**values)
    )
    if changed.rowcount != 1:
        raise StaleForm
