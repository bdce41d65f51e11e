"""Reports of suspicion of the actor's own schools, opened."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from survey_api.access import sealing
from survey_api.access.scope import Scope
from survey_api.kit.crypto import Keyring
from survey_api.kit.opened import Opened
from survey_api.kit.problems import NotFound
from survey_api.services.reports.rules import Content
from survey_api.tables.reports import Report
from survey_api.vocabulary import ReportState


@dataclass(frozen=True)
class OpenReport:
    """One report with its two clocks: when somebody suspected, when it was told."""

    id: str
    case_id: str
    school_id: str
    state: ReportState
    suspected_at: datetime
    reported_at: datetime | None
    content: Content
    closed: str | None = None
    """Name and the child's own words in a box to the school's key, while they could not be opened."""


def report_by_id(
    db: Session,
    keys: Keyring,
    scope: Scope,
    case_id: str,
    report_id: str,
    opened: Opened | None = None,
) -> OpenReport:
    """One report of one case; NotFound outside the actor's schools.

    A report can be read and told without the school's key: only the name and the child's own words are then missing.
    """
    row = db.get(Report, report_id)
    if row is None or row.case_id != case_id or not scope.covers(row.school_id):
        raise NotFound
    content = sealing.open_for_school(db, keys, row.school_id, f"report|{row.id}", row.sealed)
    content, closed = content_from(content, row.id, row.school_id, opened)
    return OpenReport(
        row.id,
        row.case_id,
        row.school_id,
        ReportState(row.state),
        row.suspected_at,
        row.reported_at,
        Content.from_dict(content),
        closed,
    )


def words_place(report_id: str) -> str:
    """What the box of a report is bound to."""
    return f"report words|{report_id}"


def content_from(
    stored: dict[str, Any], report_id: str, school_id: str, opened: Opened | None
) -> tuple[dict[str, Any], str | None]:
    """(content as it was before it was closed as far as `opened` opens it, the box when it does not)."""
    plain = {name: value for name, value in stored.items() if name != "closed"}
    closed = stored.get("closed")
    if closed is None:
        return plain, None
    if opened is None or not sealing.opens_words(opened, closed):
        return plain, closed
    words = sealing.open_words(opened, school_id, words_place(report_id), closed)
    plain |= {"name": words["name"], "kana": words["kana"]}
    plain["fields"] = {**plain["fields"], "own_words": words["own_words"]}
    return plain, None


def waiting_draft(db: Session, scope: Scope, case_id: str) -> str | None:
    """The id of a case's report that was begun and not told yet."""
    rows = db.exec(
        select(Report.id, Report.school_id)
        .where(Report.case_id == case_id, Report.state == ReportState.DRAFT)
        .order_by(col(Report.suspected_at))
    ).all()
    return next((report_id for report_id, school_id in rows if scope.covers(school_id)), None)
