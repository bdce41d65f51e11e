"""Waves: when which grades of which schools are asked which bank, and the tickets to get in."""

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from survey_api.tables.base import SurveyTable


class Wave(SurveyTable, table=True):
    __tablename__ = "waves"

    id: str = Field(primary_key=True)
    name: str
    opens_on: date
    closes_on: date
    state: str
    closed_at: datetime | None = None
    """When the office or the clock ended it: who has begun may still finish for half an hour."""
    draft_languages: str = ""
    """The translations this wave offers although nobody but their makers has read them; commas between."""
    plan: str = "{}"
    """The public release plan, fixed from roster counts when the wave opens (canonical JSON)."""


class WaveClass(SurveyTable, table=True):
    """One grade of one school in one wave."""

    __tablename__ = "wave_classes"

    wave_id: str = Field(foreign_key="waves.id", primary_key=True)
    school_id: str = Field(foreign_key="schools.id", primary_key=True)
    grade: int = Field(primary_key=True)
    bank_sha256: str = Field(foreign_key="bank_versions.sha256")
    invited: int
    """How many pupils were on the roster when the wave opened."""


class TicketTries(SurveyTable, table=True):
    """Wrong ticket numbers and wrong passwords, per place they come from or aim at. Nothing of a person."""

    __tablename__ = "ticket_tries"

    place: str = Field(primary_key=True)
    """Keyed hash of a browser's cookie, an address, a sign-in name, or the first four digits that were typed."""
    wrong: int
    last_at: datetime


class Ticket(SurveyTable, table=True):
    __tablename__ = "tickets"
    __table_args__ = ({"sqlite_with_rowid": False},)

    id: str = Field(primary_key=True)
    wave_id: str = Field(foreign_key="waves.id", index=True)
    school_id: str = Field(foreign_key="schools.id", index=True)
    pseudonym: str = Field(foreign_key="students.pseudonym", index=True)
    bank_sha256: str = Field(foreign_key="bank_versions.sha256")
    qr_mac: str = Field(unique=True)
    """Keyed hash of the 128-bit secret in the QR code."""
    code_selector: str = Field(index=True)
    """Keyed hash of the typed code's first four digits: finds the few candidates."""
    code_hash: str
    """argon2id over the keyed hash of the whole typed code."""
    state: str


class WaveKey(SurveyTable, table=True):
    """A key pair tablets seal answers to while they are offline; the newest of a wave is the one given out."""

    __tablename__ = "wave_keys"
    __table_args__ = (UniqueConstraint("wave_id", "number"),)

    id: str = Field(primary_key=True)
    wave_id: str = Field(foreign_key="waves.id")
    number: int
    """1, 2, 3 … in the order they were made."""
    public: bytes
    sealed_private: bytes
