"""Hand-over sheets of the actor's own schools, opened."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, func, select

from survey_api.access import sealing
from survey_api.access.scope import Scope
from survey_api.kit.crypto import Keyring
from survey_api.kit.problems import NotFound
from survey_api.services.referrals.rules import Sheet, late_words
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


def referral_by_id(db: Session, keys: Keyring, scope: Scope, case_id: str, referral_id: str) -> OpenReferral:
    """One sheet of one case; NotFound outside the actor's schools."""
    row = db.get(Referral, referral_id)
    if row is None or row.case_id != case_id or not scope.covers(row.school_id):
        raise NotFound
    return _opened(db, keys, row)


def handed_over(db: Session, keys: Keyring, scope: Scope, case_id: str | None = None) -> list[OpenReferral]:
    """The sheets that left, of one case or of all the actor's schools, oldest first."""
    asked = select(Referral).where(Referral.state != ReferralState.DRAFT)
    if case_id is not None:
        asked = asked.where(Referral.case_id == case_id)
    if scope.schools is not None:
        asked = asked.where(col(Referral.school_id).in_(sorted(scope.schools)))
    rows = db.exec(asked.order_by(col(Referral.handed_over_at), col(Referral.copy_number))).all()
    return [_opened(db, keys, row) for row in rows]


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


def _opened(db: Session, keys: Keyring, row: Referral) -> OpenReferral:
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
        Sheet.from_dict(content),
    )
