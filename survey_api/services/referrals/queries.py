"""Hand-over sheets of the actor's own schools, opened."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from survey_api.access import sealing
from survey_api.access.scope import Scope
from survey_api.kit.crypto import Keyring
from survey_api.kit.problems import NotFound
from survey_api.services.referrals.rules import Sheet
from survey_api.tables.cases import Referral
from survey_api.vocabulary import ReferralState


@dataclass(frozen=True)
class OpenReferral:
    """One sheet with its state. `copy_number` is 0 while it is a draft."""

    id: str
    case_id: str
    school_id: str
    state: ReferralState
    handed_over_at: datetime | None
    copy_number: int
    sheet: Sheet


def referral_by_id(db: Session, keys: Keyring, scope: Scope, case_id: str, referral_id: str) -> OpenReferral:
    """One sheet of one case; NotFound outside the actor's schools."""
    row = db.get(Referral, referral_id)
    if row is None or row.case_id != case_id or not scope.covers(row.school_id):
        raise NotFound
    content = sealing.open_for_school(db, keys, row.school_id, f"referral|{row.id}", row.sealed)
    state = ReferralState(row.state)
    sheet = Sheet.from_dict(content)
    return OpenReferral(row.id, row.case_id, row.school_id, state, row.handed_over_at, row.copy_number, sheet)


def handed_over(db: Session, scope: Scope, case_id: str) -> list[tuple[str, int]]:
    """(id, copy number) of the sheets of a case that were handed over, oldest first."""
    rows = db.exec(
        select(Referral.id, Referral.copy_number, Referral.school_id)
        .where(Referral.case_id == case_id, Referral.state != ReferralState.DRAFT)
        .order_by(col(Referral.copy_number))
    ).all()
    return [(row_id, number) for row_id, number, school in rows if scope.covers(school)]


def next_copy_number(db: Session, case_id: str) -> int:
    """Copies of one case are counted from 1."""
    newest = db.exec(select(func.max(Referral.copy_number)).where(Referral.case_id == case_id)).one()
    return int(newest or 0) + 1
