"""Time comes in through a clock, so that a test or the practice city can set the day."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

SCHOOL_ZONE = ZoneInfo("Asia/Tokyo")


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class SetClock:
    """A clock that stands where it was put, until it is moved."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def move(self, by: timedelta) -> None:
        self.at += by


class ShiftedClock:
    """A clock that began at a given moment and runs on from there (practice mode only)."""

    def __init__(self, start: datetime) -> None:
        self._ahead = start - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead


def school_day(moment: datetime) -> date:
    """The calendar day at school for a moment: nothing finer is kept of a child's go."""
    return moment.astimezone(SCHOOL_ZONE).date()


def quarter_hour(moment: datetime) -> datetime:
    """The quarter of an hour a moment lies in: as fine as anything that follows from a child's go may be."""
    return moment.replace(minute=moment.minute - moment.minute % 15, second=0, microsecond=0)
