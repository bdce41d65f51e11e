"""School time: weekends, Japanese public holidays and a school's own closures do not count; nor do nights."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import jpholiday

from survey_api.kit.clock import SCHOOL_ZONE

LONGEST_SEARCH = 400
"""Days: a calendar without any school day for more than a year is treated as having one again."""


@dataclass(frozen=True)
class Calendar:
    """When school is on, and from when to when somebody is there."""

    opens: time = time(8, 0)
    ends: time = time(17, 0)
    closures: tuple[tuple[date, date], ...] = ()
    there: frozenset[int] = frozenset()
    """Days of the week on which somebody of the desk is there; empty while nobody has said."""

    def is_school_day(self, day: date) -> bool:
        closed = any(first <= day <= last for first, last in self.closures)
        return day.weekday() < 5 and not closed and not _is_holiday(day)

    def on_or_after(self, day: date) -> date:
        """The day itself when school is on, else the next school day."""
        for ahead in range(LONGEST_SEARCH):
            if self.is_school_day(day + timedelta(days=ahead)):
                return day + timedelta(days=ahead)
        return day

    def add_days(self, day: date, count: int) -> date:
        """`count` school days after the first school day on or after `day`."""
        current = self.on_or_after(day)
        for _ in range(count):
            current = self.on_or_after(current + timedelta(days=1))
        return current

    def days_until(self, first: date, last: date) -> int:
        """How many school days after the first school day on or after `first` it takes to reach `last`: the
        smallest count with last <= add_days(first, count). A look on a Saturday counts for the Monday."""
        current, count = self.on_or_after(first), 0
        while current < last and count < LONGEST_SEARCH:
            current, count = self.on_or_after(current + timedelta(days=1)), count + 1
        return count

    def attended_by(self, first: date, last: date) -> date:
        """The last school day up to `last` on which somebody is there; `last` when there is none, or nobody has said."""
        day = last
        while self.there and day >= first:
            if self.is_school_day(day) and day.weekday() in self.there:
                return day
            day -= timedelta(days=1)
        return last

    def start_of(self, day: date) -> datetime:
        return datetime.combine(day, self.opens, SCHOOL_ZONE)

    def end_of(self, day: date) -> datetime:
        return datetime.combine(day, self.ends, SCHOOL_ZONE)

    def is_on(self, moment: datetime) -> bool:
        """Whether school is on at this moment."""
        local = moment.astimezone(SCHOOL_ZONE)
        return self.is_school_day(local.date()) and self.opens <= local.time() < self.ends

    def next_on(self, moment: datetime) -> datetime:
        """The moment itself when school is on, else when it next begins."""
        local = moment.astimezone(SCHOOL_ZONE)
        if self.is_on(local):
            return local
        later = local.date() if local.time() < self.opens else local.date() + timedelta(days=1)
        return self.start_of(self.on_or_after(later))

    def add_minutes(self, moment: datetime, minutes: int) -> datetime:
        """So many minutes of school time later: the clock stands while nobody is there."""
        current, left = self.next_on(moment), timedelta(minutes=minutes)
        while current + left > self.end_of(current.date()):
            left -= self.end_of(current.date()) - current
            current = self.next_on(self.end_of(current.date()))
        return current + left


@lru_cache(maxsize=4096)
def _is_holiday(day: date) -> bool:
    return bool(jpholiday.is_holiday(day))


PLAIN = Calendar()


def add_school_days(day: date, count: int) -> date:
    """`count` school days on, by weekends and public holidays alone."""
    return PLAIN.add_days(day, count)
