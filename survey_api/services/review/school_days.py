"""School time: weekends and Japanese public holidays do not count."""

from datetime import date, timedelta

import jpholiday


def is_school_day(day: date) -> bool:
    return day.weekday() < 5 and not jpholiday.is_holiday(day)


def on_or_after(day: date) -> date:
    """The day itself when school is on, else the next school day."""
    while not is_school_day(day):
        day += timedelta(days=1)
    return day


def add_school_days(day: date, count: int) -> date:
    """`count` school days after the first school day on or after `day`."""
    current = on_or_after(day)
    for _ in range(count):
        current = on_or_after(current + timedelta(days=1))
    return current
