"""The day by which somebody comes to a child who wishes to talk: the city's own clock, on days when somebody is there."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from survey_api.access.scope import Scope
from survey_api.services.review.clocks import queries as clocks_queries
from survey_api.services.review.school_days import Calendar
from survey_api.vocabulary import TalksAs, Urgency

LONGEST_SEARCH = 10
"""School days: where nobody has entered when they are at school, the clock alone decides."""


@dataclass(frozen=True)
class TalkDays:
    """The days named to every child of a school, whatever it answered."""

    anyone: date
    whom: Mapping[str, date]
    """Whom a child may choose at this school, and by when that person comes."""

    def of(self, whom: str) -> date:
        """The day for one choice; what is no person of this school falls to whoever is there."""
        return self.whom.get(whom, self.anyone)


def talk_by(db: Session, school_id: str, today: date) -> date:
    """The day by which somebody comes, whoever it is."""
    return talk_days(db, school_id, today).anyone


def talk_days(db: Session, school_id: str, today: date) -> TalkDays:
    """Whom a child of this school may ask for, and when that person is there at the latest.

    The clock of a wish for one of the next days, in school days of this school; when the calendar of who is on site
    shows the person not there between now and then, the first day on which the person is. Only who stands in that
    calendar is offered; a school that has entered nobody yet offers everybody, by the clock alone.
    """
    rules = clocks_queries.city_rules(db)
    calendar = clocks_queries.calendar_of(db, rules, school_id)
    last = calendar.add_days(today, rules.clocks[Urgency.THIS_WEEK].act)
    presence = clocks_queries.on_site(db, Scope(frozenset({school_id})))
    there = {one.weekday for one in presence}
    anyone = _first_there(calendar, today, last, there)
    whom = {}
    for person in TalksAs:
        weekdays = {one.weekday for one in presence if one.talks_as == person}
        if weekdays or not presence:
            whom[str(person)] = _first_there(calendar, today, last, weekdays)
    return TalkDays(anyone, {**whom, "homeroom": anyone, "anyone": anyone})


def _first_there(calendar: Calendar, today: date, last: date, weekdays: Collection[int]) -> date:
    if not weekdays:
        return last
    day = calendar.on_or_after(today)
    for _ in range(LONGEST_SEARCH):
        if day.weekday() in weekdays:
            return max(day, last)
        day = calendar.add_days(day, 1)
    return last
