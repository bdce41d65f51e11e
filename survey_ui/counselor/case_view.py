"""From a case to what its page says: the moves that are open, and the timeline in words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey_api.services.referrals.words import CONSENT_WORDS
from survey_api.services.review.queries import CaseView, Event
from survey_api.services.review.rules import MOVES, STATE_WORDS
from survey_api.vocabulary import CaseState, Consent, ContactResult, Outcome
from survey_ui.counselor import words


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
        return f"{title}: {details['recipient']}(写し{number})", consent
    if kind == "move":
        change = f"{STATE_WORDS[CaseState(details['from'])]} → {STATE_WORDS[CaseState(details['to'])]}"
        outcome = details.get("outcome")
        ending = f"(結果: {words.OUTCOME[Outcome(outcome)]})" if outcome else ""
        return f"{title}: {change}{ending}", said
    return title, said
