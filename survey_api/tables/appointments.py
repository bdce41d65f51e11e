"""オンライン相談: hours that a desk of the head office keeps free, and which branch office took one. No child in it."""

from datetime import date, datetime

from sqlmodel import Field

from survey_api.tables.base import SurveyTable


class Appointment(SurveyTable, table=True):
    __tablename__ = "appointments"

    id: str = Field(primary_key=True)
    agency_id: str = Field(foreign_key="agencies.id", index=True)
    """The desk at head office, as the directory names it."""
    on_day: date = Field(index=True)
    starts: str
    """14:30, at school."""
    minutes: int
    host_id: str = Field(foreign_key="staff.id")
    """Who offers the hour."""
    how: str
    """How the two sides meet: a room, a line. Never a person."""
    state: str
    branch: str = ""
    """The office that took it, as the city calls it."""
    guest_id: str | None = Field(default=None, foreign_key="staff.id")
    topic: str = ""
    """One of a few words; nothing about anybody."""
    made_at: datetime
    version: int = 1
