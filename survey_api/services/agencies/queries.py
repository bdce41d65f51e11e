"""The directory, read."""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session, col, select

from survey_api.kit.problems import NotFound
from survey_api.services.agencies.rules import CHILDRENS_KINDS, Wanted, is_stale
from survey_api.tables.agencies import Agency
from survey_api.vocabulary import AgencyKind

_ORDER = {str(kind): place for place, kind in enumerate(AgencyKind)}


def directory(db: Session, wanted: Wanted | None = None, *, also_closed: bool = False) -> Sequence[Agency]:
    """Entries by kind and name; those no longer in use only when asked for."""
    asked = wanted or Wanted()
    rows = db.exec(select(Agency).order_by(col(Agency.name))).all()
    found = [
        row
        for row in rows
        if (row.active or also_closed)
        and asked.suits(row.kind, row.area, (row.age_from, row.age_to), row.alone)
    ]
    return sorted(found, key=lambda row: _ORDER.get(row.kind, len(_ORDER)))


def recipients(db: Session) -> Sequence[Agency]:
    """Who may be handed a sheet."""
    return [row for row in directory(db) if row.takes_sheets]


def for_children(db: Session, ages: tuple[int, int], today: date) -> Sequence[Agency]:
    """Where every child of these ages may go alone: checked within half a year, with words for children."""
    youngest, oldest = ages
    return [
        row
        for row in directory(db, Wanted(alone_only=True))
        if row.kind in CHILDRENS_KINDS
        and row.for_children
        and row.age_from <= youngest
        and oldest <= row.age_to
        and not is_stale(row.verified_on, today)
    ]


def agency_by_id(db: Session, agency_id: str) -> Agency:
    """One entry; NotFound when there is none."""
    agency = db.get(Agency, agency_id)
    if agency is None:
        raise NotFound("この一覧にはありません。一覧を開き直してください。")
    return agency
