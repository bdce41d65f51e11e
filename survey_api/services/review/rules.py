"""The life of a case as tables: clocks and moves."""

from collections.abc import Mapping
from datetime import date

from survey_api.services.review.school_days import add_school_days
from survey_api.vocabulary import Urgency

DUE_IN_SCHOOL_DAYS: Mapping[Urgency, int] = {
    Urgency.TODAY: 0,
    Urgency.THIS_WEEK: 3,
    Urgency.CHECK: 10,
    Urgency.WATCH: 20,
}
"""Proposals; the city sets its own (design of the hand-over sheets: no city document names deadlines)."""

RANK: Mapping[Urgency, int] = {Urgency.TODAY: 0, Urgency.THIS_WEEK: 1, Urgency.CHECK: 2, Urgency.WATCH: 3}


def due_on(urgency: Urgency, opened_on: date) -> date:
    """By when somebody has looked, in school days."""
    return add_school_days(opened_on, DUE_IN_SCHOOL_DAYS[urgency])
