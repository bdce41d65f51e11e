"""What a member of staff has set, and for whom somebody stands in."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from survey_api.services.preferences.rules import PLAIN, Look
from survey_api.tables.preferences import StaffPreference
from survey_api.tables.staff import Staff


def preference_of(db: Session, staff_id: str) -> StaffPreference:
    """The row of one person; the usual one when nothing was ever set."""
    return db.get(StaffPreference, staff_id) or StaffPreference(staff_id=staff_id)


def look_of(db: Session, staff_id: str) -> Look:
    """How pages look for this person."""
    row = db.get(StaffPreference, staff_id)
    return Look(row.dense, row.text_size, row.shortcuts) if row else PLAIN


@dataclass(frozen=True)
class StandIn:
    """For whom this person stands in, until when."""

    staff_id: str
    who: str
    until: date


def stands_in_for(db: Session, staff_id: str, today: date) -> list[StandIn]:
    """The colleagues whose place this person takes today, by name."""
    rows = db.exec(
        select(StaffPreference, Staff.name)
        .join(Staff, col(Staff.id) == col(StaffPreference.staff_id))
        .where(
            StaffPreference.cover_id == staff_id,
            col(StaffPreference.cover_from) <= today,
            col(StaffPreference.cover_until) >= today,
        )
        .order_by(col(Staff.name))
    ).all()
    return [StandIn(row.staff_id, who, row.cover_until) for row, who in rows if row.cover_until]
