"""Begin a report of suspicion, and write down that it was told."""

from sqlmodel import col, update

from survey_api.access import sealing
from survey_api.audit import trail
from survey_api.kit.ids import new_id
from survey_api.kit.problems import StaleForm
from survey_api.kit.work import Work
from survey_api.services.reports.queries import OpenReport
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
            sealed=_sealed(work, report.school_id, report.id, content),
        )
    )
    if changed.rowcount != 1:
        raise StaleForm("この通告はもう記録してあります。")
    trail.record(
        work, AuditKind.REPORT_MADE, "report", report.id, case_id=report.case_id, recipient=recipient
    )


def _sealed(work: Work, school_id: str, report_id: str, content: Content) -> bytes:
    return sealing.seal_for_school(work.db, work.keys, school_id, f"report|{report_id}", content.as_dict())
