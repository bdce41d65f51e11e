"""通告: when somebody suspected, and when and to whom it was told. What was said is sealed."""

from datetime import datetime

from sqlmodel import Field

from survey_api.tables.base import SurveyTable


class Report(SurveyTable, table=True):
    __tablename__ = "reports"

    id: str = Field(primary_key=True)
    case_id: str = Field(foreign_key="cases.id", index=True)
    school_id: str = Field(foreign_key="schools.id", index=True)
    state: str
    suspected_at: datetime
    """When the draft was made: the clock of suspicion starts there."""
    reported_at: datetime | None
    recipient: str
    """The agency of the directory that was told; empty while it is a draft."""
    sealed: bytes
