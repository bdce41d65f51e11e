"""From the waiting cases to the rows of the queue, in words. Pure: no database, no clock."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from survey_api.journeys.read_queue import Waiting
from survey_api.services.review.rules import STATE_WORDS
from survey_api.vocabulary import CaseState, Level, Urgency
from survey_ui.counselor import words
from survey_ui.counselor.filters import is_again
from survey_ui.counselor.saying import group_words, look_again_words, time_left
from survey_ui.shell.templating import day

CHANGE = {"first": "はじめて", "new": "▲理由が増えた", "gone": "▼前回あり→今回なし", "same": "＝前回と同じ"}
"""Against the wave before. Gone is no relief, and says so."""


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
    change: str
    owner: str
    state: str
    holder: str
    version: int
    ack: bool
    """Nobody has taken this most urgent one over: the row itself has the button."""
    reviewer: str
    met: str
    again: bool
    """Ended by people, and the day for another look has come: it stands behind what is not ended."""
    same_child: int
    """How many other rows of this list are about the same child."""


def queue_rows(waiting: Sequence[Waiting], today: date, people: Mapping[str, str]) -> list[Row]:
    """`people`: who works at these schools, by id."""
    rows_of = Counter(one.case.pseudonym for one in waiting)
    return [_row(one, today, people, rows_of[one.case.pseudonym] - 1) for one in waiting]


def _row(one: Waiting, today: date, people: Mapping[str, str], same_child: int) -> Row:
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
        reasons=one.reasons,
        more=one.more,
        wish=one.wish,
        due=day(case.due_on),
        left=look_again_words(case.due_on, today) if is_again(one) else time_left(case.due_on, today),
        overdue=case.due_on < today and not is_again(one),
        change=CHANGE[one.change],
        owner=case.owner or "担当なし",
        state=_state(one),
        holder=one.hold.who if one.hold else "",
        version=case.version,
        ack=case.urgency is Urgency.TODAY and (case.state is CaseState.NEW or case.new_signal),
        reviewer=people.get(case.reviewer_id or "", ""),
        met=day(case.first_contact_on),
        again=is_again(one),
        same_child=same_child,
    )


def _state(one: Waiting) -> str:
    """Where the case is, and what it is waiting for beyond that."""
    case = one.case
    if is_again(one):
        return "終了後の確認"
    if case.closing_by is not None:
        return "終了の確認待ち"
    if case.lowering_by is not None:
        return "急ぎを下げる確認待ち"
    raised = "" if case.level is Level.ONSITE else f"・{words.LEVEL_SHORT[case.level]}に上がった"
    late = f"・{one.late}" if one.late else ""
    new = "・新しい回答あり" if case.new_signal else ""
    return f"{STATE_WORDS[case.state]}{new}{raised}{late}"
