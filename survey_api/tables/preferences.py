"""How one member of staff wants to work: how pages look, when no mail should come, who stands in."""

from datetime import date

from sqlmodel import Field

from survey_api.tables.base import SurveyTable


class StaffPreference(SurveyTable, table=True):
    __tablename__ = "staff_preferences"

    staff_id: str = Field(foreign_key="staff.id", primary_key=True)
    dense: bool = False
    text_size: int = 0
    """0 usual, 1 large, 2 larger."""
    shortcuts: bool = True
    quiet_from: str | None = None
    """18:00; None: mail may come at any hour. The most urgent always may."""
    quiet_until: str | None = None
    cover_id: str | None = Field(default=None, foreign_key="staff.id")
    """Who is told in this person's place."""
    cover_from: date | None = None
    cover_until: date | None = None
