"""Who took which file of released numbers."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from survey_api.tables.releases import DataExport


def taken(db: Session, newest: int) -> Sequence[DataExport]:
    """The files that were taken, newest first."""
    return db.exec(select(DataExport).order_by(col(DataExport.made_at).desc()).limit(newest)).all()
