"""Hand-over sheets of the actor's own schools, opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, func, select

from survey_api.access import sealing
from survey_api.access.scope import Scope
from survey_api.kit.crypto import Keyring
from survey_api.kit.opened import Opened
from survey_api.kit.problems import NotFound
from survey_api.services.referrals.rules import Sheet, late_words, typed_receipt
from survey_api.tables.cases import Referral
from survey_api.vocabulary import ReferralState


@dataclass(frozen=True)
class OpenReferral:
    """One sheet with its state. `copy_number` is 0 while it is a draft."""

    id: str
    case_id: str
    school_id: str
    state: ReferralState
    acknowledge_by: date | None
    replied_on: date | None
    handed_over_at: datetime | None
    copy_number: int
    sheet: Sheet

    def late(self, today: date) -> str | None:
        """Which answer is overdue, in words."""
        return late_words(self.state, self.acknowledge_by, self.sheet.reply_by, today)


CLOSED = ("name", "kana", "fields")
"""What of a sheet goes into a box to the school's own key, where the school has one."""


def referral_by_id(
    db: Session,
    keys: Keyring,
    scope: Scope,
    case_id: str,
    referral_id: str,
    opened: Opened | None = None,
) -> OpenReferral:
    """One sheet of one case; NotFound outside the actor's schools.

    Who it is about and what was written come with `opened` only; SchoolLocked when that does not open them.
    """
    row = db.get(Referral, referral_id)
    if row is None or row.case_id != case_id or not scope.covers(row.school_id):
        raise NotFound
    return _opened(db, keys, row, opened)


def receipt_mac(keys: Keyring, text: str) -> str:
    """How the number on a paper is stored."""
    return _receipt_macs(keys, text)[0]


def _receipt_macs(keys: Keyring, text: str) -> list[str]:
    return [mac.hex() for mac in keys.macs("tickets", "referral-receipt", typed_receipt(text))]


def by_receipt(db: Session, keys: Keyring, text: str) -> OpenReferral | None:
    """The sheet with this number, once it has left."""
    row = db.exec(select(Referral).where(col(Referral.receipt_mac).in_(_receipt_macs(keys, text)))).first()
    return _opened(db, keys, row) if row is not None and row.state != ReferralState.DRAFT else None


def handed_over(db: Session, keys: Keyring, scope: Scope, case_id: str | None = None) -> list[OpenReferral]:
    """The sheets that left, of one case or of all the actor's schools, oldest first."""
    asked = select(Referral).where(Referral.state != ReferralState.DRAFT)
    if case_id is not None:
        asked = asked.where(Referral.case_id == case_id)
    if scope.schools is not None:
        asked = asked.where(col(Referral.school_id).in_(sorted(scope.schools)))
    rows = db.exec(asked.order_by(col(Referral.handed_over_at), col(Referral.copy_number))).all()
    return [_opened(db, keys, row) for row in rows]


def waiting_draft(db: Session, scope: Scope, case_id: str) -> tuple[str, datetime] | None:
    """(id, when) of the newest draft of a case, unless a sheet has been handed over since."""
    newest = db.exec(
        select(Referral).where(Referral.case_id == case_id).order_by(col(Referral.created_at).desc())
    ).first()
    if newest is None or newest.state != ReferralState.DRAFT or not scope.covers(newest.school_id):
        return None
    return newest.id, newest.created_at


def late_cases(db: Session, scope: Scope, today: date) -> dict[str, str]:
    """Case → which answer of its recipients is overdue, in words."""
    waiting = (ReferralState.HANDED_OVER, ReferralState.ACKNOWLEDGED)
    found = {}
    for row in db.exec(select(Referral).where(col(Referral.state).in_(waiting))).all():
        words = late_words(ReferralState(row.state), row.acknowledge_by, row.reply_by, today)
        if words and scope.covers(row.school_id):
            found[row.case_id] = words
    return found


def next_copy_number(db: Session, case_id: str) -> int:
    """Copies of one case are counted from 1."""
    newest = db.exec(select(func.max(Referral.copy_number)).where(Referral.case_id == case_id)).one()
    return int(newest or 0) + 1


def words_place(referral_id: str) -> str:
    """What the box of a sheet is bound to."""
    return f"referral words|{referral_id}"


def sheet_from(content: Mapping[str, Any], referral_id: str, school_id: str, opened: Opened | None) -> Sheet:
    """A sheet as it was sealed, with what was closed when `opened` is there to open it."""
    plain = {name: value for name, value in content.items() if name != "closed"}
    if "closed" in content and opened is not None:
        plain |= sealing.open_words(opened, school_id, words_place(referral_id), content["closed"])
    return Sheet.from_dict(plain)


def _opened(db: Session, keys: Keyring, row: Referral, opened: Opened | None = None) -> OpenReferral:
    content = sealing.open_for_school(db, keys, row.school_id, f"referral|{row.id}", row.sealed)
    return OpenReferral(
        row.id,
        row.case_id,
        row.school_id,
        ReferralState(row.state),
        row.acknowledge_by,
        row.replied_on,
        row.handed_over_at,
        row.copy_number,
        sheet_from(content, row.id, row.school_id, opened),
    )
