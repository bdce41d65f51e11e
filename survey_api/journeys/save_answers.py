"""A child taps answers: keep them in the draft, durably; the later tap of an item stands."""

from dataclasses import dataclass
from typing import Any

from survey_api.kit.problems import TicketUnknown
from survey_api.kit.work import Work
from survey_api.services.banks import queries as banks_queries
from survey_api.services.submissions import actions as submissions_actions
from survey_api.services.submissions import queries as submissions_queries
from survey_api.services.submissions.queries import OpenTicket
from survey_api.services.submissions.rules import Answers, check_answer
from survey_api.services.submissions.taps import FORM, SKIPPED, Batch, Tap, forgotten, merge, read_batch


@dataclass(frozen=True)
class Standing:
    """The draft as it stands: what a tablet compares its own with. `version` grows with every change."""

    version: int
    answers: Answers


def save_answer(work: Work, ticket_id: str, item: str, value: Any, seconds: float = 0.0) -> None:
    """Keep one answer (or, with SKIPPED, take it out) of this ticket's draft, from a plain form.

    AnswersRefused for an item or code the bank does not have; TicketSpent when the go is over.
    """
    ticket = _ticket_still_open(work, ticket_id)
    bank = banks_queries.published(work.db, ticket.bank_sha256)
    now = _milliseconds(work)
    checked = SKIPPED if value in (SKIPPED, "") else check_answer(item, value, bank.shape)
    _keep(work, ticket, Batch(FORM, now, (Tap(item, checked, now, round(seconds, 1)),)))


def save_taps(work: Work, ticket_id: str, body: Any) -> Standing:
    """Keep a batch of taps from a tablet that has script; see services/submissions/taps.py for its form."""
    ticket = _ticket_still_open(work, ticket_id)
    bank = banks_queries.published(work.db, ticket.bank_sha256)
    return _keep(work, ticket, read_batch(body, bank.shape))


def note_support(work: Work, ticket_id: str, supported: bool) -> None:
    """Whether this child reads in plain Japanese or another language: beside its answers, sealed and erased with
    them, for one number of the whole city. Which language is not kept."""
    ticket = _ticket_still_open(work, ticket_id)
    draft = submissions_queries.draft_of(work.db, work.keys, ticket)
    if bool(draft.get("supported")) != supported:
        submissions_actions.save_draft(work, ticket, {**draft, "supported": supported})


def forget_draft(work: Work, ticket_id: str) -> None:
    """「けして やめる」: every answer is deleted; the ticket can be used again, a late tap comes to nothing."""
    ticket = _ticket_still_open(work, ticket_id)
    draft = submissions_queries.draft_of(work.db, work.keys, ticket)
    submissions_actions.save_draft(work, ticket, forgotten(draft, _milliseconds(work)))


def _keep(work: Work, ticket: OpenTicket, batch: Batch) -> Standing:
    draft = submissions_queries.draft_of(work.db, work.keys, ticket)
    if merge(draft, batch, _milliseconds(work)):
        submissions_actions.save_draft(work, ticket, draft)
    return Standing(draft.get("version", 0), draft.get("answers", {}))


def _milliseconds(work: Work) -> float:
    return work.now.timestamp() * 1000


def _ticket_still_open(work: Work, ticket_id: str) -> OpenTicket:
    ticket = submissions_queries.held_ticket(work.db, ticket_id)
    if ticket is None:
        raise TicketUnknown
    ticket.require_answerable(work.now)
    return ticket
