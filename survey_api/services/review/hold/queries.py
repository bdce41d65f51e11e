"""Who has a case in hand, and what a member of staff has typed or kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from survey_api.access import sealing
from survey_api.access.scope import Scope
from survey_api.kit.crypto import Keyring
from survey_api.kit.problems import NotFound
from survey_api.tables.cases import Case
from survey_api.tables.desk import CaseLease, NoteDraft, SavedFilter
from survey_api.tables.staff import Staff


@dataclass(frozen=True)
class Hold:
    """Somebody has this case in hand."""

    staff_id: str
    who: str
    until: datetime


def holds(db: Session, scope: Scope, now: datetime, case_ids: Iterable[str]) -> dict[str, Hold]:
    """Case → who has it in hand just now."""
    rows = db.exec(
        select(CaseLease, Staff.name, Case.school_id)
        .join(Staff, col(Staff.id) == col(CaseLease.staff_id))
        .join(Case, col(Case.id) == col(CaseLease.case_id))
        .where(col(CaseLease.until) > now, col(CaseLease.case_id).in_(list(case_ids)))
    ).all()
    return {
        row.case_id: Hold(row.staff_id, who, row.until) for row, who, school in rows if scope.covers(school)
    }


def hold_of(db: Session, scope: Scope, now: datetime, case_id: str) -> Hold | None:
    return holds(db, scope, now, [case_id]).get(case_id)


def drafts_of(db: Session, keys: Keyring, scope: Scope, case_id: str, staff_id: str) -> Mapping[str, str]:
    """Form → words that this person has typed about a case and not sent."""
    case, row = db.get(Case, case_id), db.get(NoteDraft, (case_id, staff_id))
    if case is None or not scope.covers(case.school_id):
        raise NotFound
    if row is None:
        return {}
    place = f"draft|{case_id}|{staff_id}"
    return dict(sealing.open_for_school(db, keys, case.school_id, place, row.sealed))


def filters_of(db: Session, staff_id: str) -> Sequence[SavedFilter]:
    """The views of the queue that this person keeps, by name."""
    return db.exec(
        select(SavedFilter).where(SavedFilter.staff_id == staff_id).order_by(col(SavedFilter.name))
    ).all()
