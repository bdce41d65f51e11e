"""The directory of who helps: agencies that receive hand-overs, and places a child or family can go to."""

from datetime import date

from sqlmodel import Field

from survey_api.tables.base import SurveyTable


class Agency(SurveyTable, table=True):
    """One entry. Public knowledge only: offices and places, never a helper's private number."""

    __tablename__ = "agencies"

    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    kind: str
    area: str
    address: str
    hours: str
    age_from: int
    age_to: int
    """Ages in years, both included."""
    cost: str
    how_to_join: str
    alone: str
    transport: str
    """How to get there, in winter too."""
    languages: str
    phone: str
    staff_phone: str
    takes_sheets: bool
    """Receives 相談をつなぐシート."""
    reply_days: int
    """School days within which this agency has promised an answer."""
    for_children: str = ""
    """What a child reads about it on the last page, in kana; empty keeps it off that page."""
    verified_on: date | None
    active: bool
