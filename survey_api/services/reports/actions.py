"""Begin a report of suspicion, and write down that it was told."""

from sqlmodel import col, select, update

from survey_api.access import sealing
from survey_api.audit import trail
from survey_api.kit.ids import new_id
from survey_api.kit.problems import SchoolLocked, StaleForm
from survey_api.kit.work import Work
from survey_api.services.reports.queries import OpenReport, content_from, words_place
from survey_api.services.reports.rules import Content
from survey_api.tables.reports import Report
from survey_api.vocabulary import AuditKind, ReportState


def draft(work: Work, *, case_id: str, school_id: str, content: Content) -> str:
    """Keep a draft; its moment is the moment of suspicion. Returns its id."""
    report_id = new_id()
    work.db.add(
        Report(
            id=report_id,
            case_id=case_id,
            school_id=school_id,
            state=ReportState.DRAFT,
            suspected_at=work.now,
            reported_at=None,
            recipient="",
            sealed=_sealed(work, school_id, report_id, content),
        )
    )
    work.db.flush()
    trail.record(work, AuditKind.REPORT_DRAFTED, "report", report_id, case_id=case_id)
    return report_id


def tell(work: Work, report: OpenReport, content: Content, recipient: str) -> None:
    """It was told by telephone: to whom, when, what they said."""
    changed = work.db.connection().execute(
        update(Report)
        .where(col(Report.id) == report.id, col(Report.state) == ReportState.DRAFT)
        .values(
            state=ReportState.REPORTED,
            reported_at=work.now,
            recipient=recipient,
            sealed=_sealed(work, report.school_id, report.id, content, report.closed),
        )
    )
    if changed.rowcount != 1:
        raise StaleForm("この通告はもう記録してあります。")
    trail.record(
        work, AuditKind.REPORT_MADE, "report", report.id, case_id=report.case_id, recipient=recipient
    )


def seal_anew(work: Work, school_id: str, public: bytes, limit: int) -> int:
    """Put names and own words on reports under this key of the school, at most `limit`; returns how many.

    Part of locking a school, which has its line.
    """
    done = 0
    for row in work.db.exec(select(Report).where(Report.school_id == school_id)).all():
        stored = sealing.open_for_school(work.db, work.keys, school_id, f"report|{row.id}", row.sealed)
        closed = stored.get("closed")
        if sealing.is_current(public, closed) or (closed and sealing.is_lost(work.db, school_id, closed)):
            continue
        if done == limit:
            break
        content, unopened = content_from(stored, row.id, school_id, work.opened)
        if unopened is not None:
            raise SchoolLocked(school_id=school_id)
        row.sealed = _sealed(work, school_id, row.id, Content.from_dict(content))
        work.db.add(row)
        done += 1
    work.db.flush()
    return done


def _sealed(work: Work, school_id: str, report_id: str, content: Content, kept: str | None = None) -> bytes:
    """With a lock, name and own words go into a box to the school's own key; `kept`: the box that is there."""
    stored = content.as_dict()
    words = {"name": content.name, "kana": content.kana, "own_words": content.fields.get("own_words", "")}
    closed = kept or sealing.close_words(work.db, school_id, words_place(report_id), words)
    if closed is not None:
        fields = {**stored["fields"], "own_words": ""}
        stored = {**stored, "name": "", "kana": "", "fields": fields, "closed": closed}
    return sealing.seal_for_school(work.db, work.keys, school_id, f"report|{report_id}", stored)
