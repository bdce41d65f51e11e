"""People who work with Kizuki: who they are, what they may, their open sessions."""

from datetime import date, datetime

from sqlmodel import Field

from survey_api.tables.base import SurveyTable


class Staff(SurveyTable, table=True):
    __tablename__ = "staff"

    id: str = Field(primary_key=True)
    login: str = Field(unique=True)
    name: str
    """The member of staff's own name and role as shown to colleagues."""
    password_hash: str
    active: bool = True
    failed_tries: int = 0
    wait_until: datetime | None = None
    totp_sealed: bytes | None = None
    """Secret of the one-time codes, sealed to this person; None: none enrolled."""
    totp_step: int = 0
    """The 30-second step of the last code used: a code works once."""
    sso_email: str | None = Field(default=None, unique=True)
    """Address under which the city's sign-in service knows this person the first time."""
    signed_in_on: date | None = None


class Grant(SurveyTable, table=True):
    __tablename__ = "grants"

    id: str = Field(primary_key=True)
    staff_id: str = Field(foreign_key="staff.id", index=True)
    role: str
    school_id: str | None = Field(default=None, foreign_key="schools.id")
    """None: the whole city."""


class StaffSession(SurveyTable, table=True):
    __tablename__ = "staff_sessions"

    token_hash: str = Field(primary_key=True)
    staff_id: str = Field(foreign_key="staff.id", index=True)
    started_at: datetime
    seen_at: datetime
