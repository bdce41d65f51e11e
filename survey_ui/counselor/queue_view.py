"""From the waiting cases to the rows of the queue, in words. Pure: no database, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from survey_api.journeys.read_queue import Waiting
from survey_api.services.review.rules import STATE_WORDS
from survey_api.vocabulary import Urgency
from survey_ui.counselor import words
from survey_ui.counselor.saying import group_words, time_left
from survey_ui.shell.templating import day

SHOWN_REASONS = 3


@dataclass(frozen=True)
class Row:
    """One row of the queue, in words."""

    case_id: str
    urgency: str
    shape: str
    urgency_words: str
    sign: str
    group: str
    school: str
    reasons: tuple[str, ...]
    more: int
    wish: str
    due: str
    left: str
    overdue: bool
    owner: str
    state: str


def queue_rows(waiting: Sequence[Waiting], today: date) -> list[Row]:
    return [_row(one, today) for one in waiting]


def _row(one: Waiting, today: date) -> Row:
    case = one.case
    shape, urgency = words.URGENCY[case.urgency]
    return Row(
        case_id=case.id,
        urgency=str(case.urgency),
        shape=shape,
        urgency_words=urgency,
        sign=case.sign,
        group=group_words(case.grade, case.class_name),
        school=case.school,
        reasons=one.reasons[:SHOWN_REASONS],
        more=max(0, len(one.reasons) - SHOWN_REASONS),
        wish=one.wish,
        due=day(case.due_on),
        left=time_left(case.due_on, today),
        overdue=case.due_on < today,
        owner=case.owner or "担当なし",
        state=STATE_WORDS[case.state],
    )


@dataclass(frozen=True)
class Strip:
    """The counts above the queue: one school's staff sees its own cases as they are."""

    today: int
    due_today: int
    overdue: int
    unowned: int


def strip_of(waiting: Sequence[Waiting], today: date) -> Strip:
    cases = [one.case for one in waiting]
    return Strip(
        today=sum(case.urgency is Urgency.TODAY for case in cases),
        due_today=sum(case.due_on == today for case in cases),
        overdue=sum(case.due_on < today for case in cases),
        unowned=sum(case.owner_id is None for case in cases),
    )
