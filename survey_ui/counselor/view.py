"""From what was read to what the page says. Pure: no database, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from survey_api.journeys.read_queue import Waiting
from survey_api.services.referrals.rules import CONSENT_WORDS, RECIPIENTS
from survey_api.services.review.queries import CaseView, Event
from survey_api.services.review.rules import MOVES, STATE_WORDS
from survey_api.vocabulary import CaseState, Consent, ContactResult, Outcome, Urgency
from survey_ui.counselor import words
from survey_ui.shell.templating import day

SHOWN_REASONS = 3
_STAGES = ((6, "小", 0), (9, "中", 6), (12, "高", 9))


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


def time_left(due_on: date, today: date) -> str:
    """How long there is, or how long it has been over."""
    days = (due_on - today).days
    if days < 0:
        return f"期限を{-days}日過ぎています"
    return "今日まで" if days == 0 else f"あと{days}日"


def group_words(grade: int, class_name: str) -> str:
    """小3 1組, 中1 2組, 高2 A組"""
    stage, first = next((name, before) for last, name, before in _STAGES if grade <= last)
    group = class_name if class_name.endswith("組") or not class_name else f"{class_name}組"
    return f"{stage}{grade - first} {group}".strip()


def open_moves(case: CaseView) -> list[tuple[str, str]]:
    """(code, words) of the moves that are a button: closing and handing over have their own forms."""
    own_form = {CaseState.CLOSED, CaseState.REFERRED, CaseState.ACKNOWLEDGED}
    return [
        (str(state), STATE_WORDS[state])
        for state in CaseState
        if state in MOVES[case.state] and state not in own_form
    ]


@dataclass(frozen=True)
class Told:
    """One line of the timeline in words."""

    event: Event
    title: str
    words: str


def timeline(events: Sequence[Event]) -> list[Told]:
    return [Told(event, *_told(event.kind, event.details)) for event in events]


def _told(kind: str, details: Mapping[str, Any]) -> tuple[str, str]:
    title, said = words.EVENT.get(kind, kind), str(details.get("words") or "")
    if kind == "reveal":
        return f"{title}: {words.REVEALED_FOR.get(details['reason'], '')}", said
    if kind == "contact":
        return f"{title}: {words.CONTACT[ContactResult(details['result'])]}", said
    if kind == "hand_over":
        number = details["copy_number"]
        consent = CONSENT_WORDS[Consent(details["consent"])]
        return f"{title}: {RECIPIENTS[details['recipient']]}(写し{number})", consent
    if kind == "move":
        change = f"{STATE_WORDS[CaseState(details['from'])]} → {STATE_WORDS[CaseState(details['to'])]}"
        outcome = details.get("outcome")
        ending = f"(結果: {words.OUTCOME[Outcome(outcome)]})" if outcome else ""
        return f"{title}: {change}{ending}", said
    return title, said
