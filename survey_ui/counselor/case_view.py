"""From a case to what its page says: the moves that are open, and the timeline in words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from survey_api.services.referrals.words import CONSENT_WORDS
from survey_api.services.review.clocks.queries import Hop
from survey_api.services.review.queries import CaseView, Event
from survey_api.services.review.rules import MOVES, STATE_WORDS
from survey_api.vocabulary import CaseState, Consent, ContactResult, Label, Outcome, Urgency
from survey_ui.counselor import words
from survey_ui.shell.templating import day, day_time


def open_moves(case: CaseView) -> list[tuple[str, str]]:
    """(code, words) of the moves that are a button: closing and handing over have their own forms."""
    own_form = {CaseState.CLOSED, CaseState.REFERRED, CaseState.ACKNOWLEDGED}
    return [
        (str(state), STATE_WORDS[state])
        for state in CaseState
        if state in MOVES[case.state] and state not in own_form
    ]


def hop_words(hop: Hop) -> str:
    """11月24日(火) 10:05 管理職へ: 引き受けの期限を過ぎた"""
    taken = f"({hop.taken_by}が引き受け)" if hop.taken_by else ""
    return f"{day_time(hop.at)} {words.LEVEL[hop.level]}へ: {words.CAUSE[hop.cause]}{taken}"


@dataclass(frozen=True)
class Told:
    """One line of the timeline in words."""

    event: Event
    title: str
    words: str


def timeline(events: Sequence[Event]) -> list[Told]:
    return [Told(event, *_told(event)) for event in events]


def _label(details: Mapping[str, Any]) -> str:
    """What was found; cases closed before it was asked have none."""
    return words.LABEL[Label(details["label"])] if details.get("label") else "記録なし"


def _contact(details: Mapping[str, Any], said: str) -> str:
    """When and where it was, when to look again, and what was written."""
    facts = []
    if details.get("at"):
        facts.append(day_time(datetime.fromisoformat(details["at"])))
    if details.get("place"):
        facts.append(str(details["place"]))
    if details.get("next_on"):
        facts.append(f"次に確かめる日 {day(date.fromisoformat(details['next_on']))}")
    return "\n".join(part for part in ("・".join(facts), said) if part)


def _told(event: Event) -> tuple[str, str]:
    kind, details = event.kind, event.details
    title, said = words.EVENT.get(kind, kind), str(details.get("words") or "")
    if kind == "reveal":
        return f"{title}: {words.REVEALED_FOR.get(details['reason'], '')}", said
    if kind == "contact":
        return f"{title}: {words.CONTACT[ContactResult(details['result'])]}", _contact(details, said)
    if kind == "hand_over":
        number = details["copy_number"]
        consent = CONSENT_WORDS[Consent(details["consent"])]
        return f"{title}: {details['recipient']}(写し{number})", consent
    if kind in ("raise", "lower", "lower_asked"):
        before, after = (words.URGENCY[Urgency(details[end])][1] for end in ("from", "to"))
        return f"{title}: {before} → {after}", said
    if kind == "close_asked":
        return f"{title}(結果: {words.OUTCOME[Outcome(details['outcome'])]}・見立て: {_label(details)})", said
    if kind == "look_later":
        return f"{title}: {day(date.fromisoformat(details['next_on']))}", said
    if kind == "restrict":
        return (
            f"{title}: {'担当・確認する人・管理職だけ' if details['restricted'] else 'みんなに戻した'}",
            said,
        )
    if kind == "note" and event.private:
        return f"{title}(自分だけ)", said
    if kind == "move":
        change = f"{STATE_WORDS[CaseState(details['from'])]} → {STATE_WORDS[CaseState(details['to'])]}"
        outcome = details.get("outcome")
        if details.get("signal"):
            title = "新しい回答で再開"
            said = f"急ぎは「{words.URGENCY[Urgency(details['signal'])][1]}」。期限を数え直しました。"
        ending = (
            f"({'前の終了の' if details.get('signal') else ''}結果: {words.OUTCOME[Outcome(outcome)]}・見立て: {_label(details)})"
            if outcome
            else ""
        )
        return f"{title}: {change}{ending}", said
    return title, said
