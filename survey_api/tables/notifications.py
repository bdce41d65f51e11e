"""The outbox: something waits for somebody. No personal content of a child."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from survey_api.tables.base import SurveyTable


class Notification(SurveyTable, table=True):
    __tablename__ = "notifications"
    __table_args__ = ({"sqlite_with_rowid": False},)  # the row order must not tell who came first

    id: str = Field(primary_key=True)
    kind: str
    school_id: str | None = Field(default=None, foreign_key="schools.id", index=True)
    staff_id: str | None = Field(default=None, foreign_key="staff.id")
    """For this one person; None: for whoever of the school is to hear it."""
    subject_id: str
    event_key: str = Field(unique=True)
    """One event, one notification, however often it is queued."""
    urgent: bool = False
    state: str
    created_at: datetime


class Delivery(SurveyTable, table=True):
    """One notification on its way to one address, by one channel: it leaves at most once."""

    __tablename__ = "deliveries"
    __table_args__ = (UniqueConstraint("notification_id", "channel", "reaches"),)

    id: str = Field(primary_key=True)
    notification_id: str = Field(foreign_key="notifications.id", index=True)
    channel: str
    reaches: str
    """The member of staff, or the city's webhook."""
    state: str
    tries: int
    next_try_at: datetime
    said: str
    """Why the last try failed, as a code: never what an outside server wrote."""


class AlertAddress(SurveyTable, table=True):
    """Where a member of staff is told that something waits."""

    __tablename__ = "alert_addresses"

    staff_id: str = Field(foreign_key="staff.id", primary_key=True)
    email: str
    mute_usual: bool
    mute_urgent: bool


class AlertTest(SurveyTable, table=True):
    """A test alert of one school: when it left, and who of that school said that it arrived."""

    __tablename__ = "alert_tests"

    id: str = Field(primary_key=True)
    school_id: str = Field(foreign_key="schools.id", index=True)
    sent_at: datetime
    sent_by: str = Field(foreign_key="staff.id")
    heard_at: datetime | None = None
    heard_by: str | None = Field(default=None, foreign_key="staff.id")
