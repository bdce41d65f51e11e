"""Meetings about one case. In clear only what clocks and gates need; who said what is sealed."""

from datetime import date, datetime

from sqlmodel import Field

from survey_api.tables.base import SurveyTable


class Conference(SurveyTable, table=True):
    __tablename__ = "conferences"

    id: str = Field(primary_key=True)
    case_id: str = Field(foreign_key="cases.id", index=True)
    school_id: str = Field(foreign_key="schools.id", index=True)
    kind: str
    state: str
    held_on: date
    created_at: datetime
    version: int = 1
    sealed: bytes
