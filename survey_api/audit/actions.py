"""Lines about the house itself: when it was backed up, when a backup was last proved."""

from survey_api.audit import trail
from survey_api.kit.work import Work
from survey_api.vocabulary import AuditKind


def note_backup(work: Work, rows: int) -> None:
    trail.record(work, AuditKind.BACKUP_MADE, "backup", "all", count=rows)


def note_drill(work: Work, rows: int, backup: str) -> None:
    """A backup was put back somewhere else and held: chain, counts, and that the keys open it."""
    trail.record(work, AuditKind.DRILL_PASSED, "backup", backup, count=rows)
