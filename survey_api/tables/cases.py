"""Cases: what a counselor works on. In clear only what the queue and the clocks need."""

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlmodel import Field

from survey_api.tables.base import SurveyTable


class Case(SurveyTable, table=True):
    __tablename__ = "cases"
    __table_args__ = (
        Index(
            "uq_cases_pseudonym_wave_id_school_id",
            "pseudonym",
            "wave_id",
            "school_id",
            unique=True,
            sqlite_where=text("merged_into IS NULL"),
            postgresql_where=text("merged_into IS NULL"),
        ),
        {"sqlite_with_rowid": False},
    )

    id: str = Field(primary_key=True)
    school_id: str = Field(foreign_key="schools.id", index=True)
    wave_id: str = Field(foreign_key="waves.id")
    pseudonym: str = Field(foreign_key="students.pseudonym")
    result_id: str = Field(foreign_key="results.id")
    """The strongest signal it stands on; the others of the same pupil and wave are read beside it."""
    urgency: str
    state: str
    opened_on: date
    opened_at: datetime | None = None
    """When the clock of a most urgent case began, in quarters of an hour; for the others the day is enough."""
    due_on: date
    signal_on: date | None = None
    """The day of a new signal that woke or raised it, while nobody has looked at it since: its clock runs again."""
    merged_into: str | None = None
    """A second case of one pupil and wave, from the time when there could be two: the work goes on in the other."""
    level: str = "onsite"
    """Which role is asked to act just now: on site, head, duty."""
    owner_id: str | None = None
    first_contact_on: date | None = None
    outcome: str | None = None
    label: str | None = None
    """What a person found, as learning uses it: kept apart from how the case ended."""
    closing_by: str | None = None
    """Who asked to close it, while a second person has not looked yet."""
    reviewer_id: str | None = None
    """A second colleague who looks over what is done; never the owner."""
    lowering_by: str | None = None
    """Who asked to call it less urgent, while a second person has not looked yet."""
    lowering_to: str | None = None
    restricted: bool = False
    """Only its owner, its reviewer and who leads the school know of it."""
    follow_up_on: date | None = None
    version: int = 1
    """Raised by every change; a form made from an older one is refused."""


class CaseEvent(SurveyTable, table=True):
    """One line of a case's timeline: a move, a contact, a note, a hand-over."""

    __tablename__ = "case_events"

    id: str = Field(primary_key=True)
    case_id: str = Field(foreign_key="cases.id", index=True)
    at: datetime
    staff_id: str | None
    kind: str
    private: bool = False
    """A note for its writer alone."""
    sealed: bytes
    """Details as JSON, sealed with the school's data key: notes are a child's matter too."""


class Referral(SurveyTable, table=True):
    """相談をつなぐシート as handed over. The content, names included, is sealed."""

    __tablename__ = "referrals"

    id: str = Field(primary_key=True)
    case_id: str = Field(foreign_key="cases.id", index=True)
    school_id: str = Field(foreign_key="schools.id", index=True)
    state: str
    mode: str
    consent: str
    recipient: str
    """The agency of the directory; its name as it was then is on the sheet."""
    acknowledge_by: date | None
    reply_by: date | None
    replied_on: date | None
    handed_over_at: datetime | None
    created_at: datetime
    copy_number: int
    receipt_mac: str | None = Field(default=None, unique=True)
    """Keyed hash of the number on the paper with which its receiver answers."""
    sealed: bytes
