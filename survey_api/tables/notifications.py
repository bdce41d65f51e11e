"""The outbox: something waits for somebody. No personal content."""

from datetime import datetime

from sqlmodel import Field

from survey_api.tables.base import SurveyTable


class Notification(SurveyTable, table=True):
    __tablename__ = "notifications"
    __table_args__ = ({"sqlite_with_rowid": False},)  # the row order must not tell who came first

    id: str = Field(primary_key=True)
    kind: str
    school_id: str = Field(foreign_key="schools.id", index=True)
    subject_id: str
    event_key: str = Field(unique=True)
    """One event, one notification, however often it is queued."""
    state: str
    created_at: datetime
