"""The day by which somebody comes to a child who wishes to talk: the city's own clock, on days when somebody is there."""

from datetime import date

from sqlmodel import Session

from survey_api.access.scope import Scope
from survey_api.services.review.clocks import queries as clocks_queries
from survey_api.vocabulary import Urgency

LONGEST_SEARCH = 10
"""School days: where nobody has entered when they are at school, the clock alone decides."""


def talk_by(db: Session, school_id: str, today: date) -> date:
    """The day named to every child of a school, whatever it answered.

    The clock of a wish for one of the next days, in school days of this school; when the calendar of who is on site
    shows nobody there between now and then, the first day on which somebody is.
    """
    rules = clocks_queries.city_rules(db)
    calendar = clocks_queries.calendar_of(db, rules, school_id)
    last = calendar.add_days(today, rules.clocks[Urgency.THIS_WEEK].act)
    there = {presence.weekday for presence in clocks_queries.on_site(db, Scope(frozenset({school_id})))}
    if not there:
        return last
    day = calendar.on_or_after(today)
    for _ in range(LONGEST_SEARCH):
        if day.weekday() in there:
            return max(day, last)
        day = calendar.add_days(day, 1)
    return last
