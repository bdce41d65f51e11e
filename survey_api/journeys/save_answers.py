"""A child taps an answer: keep it in the draft, durably, before the next question is shown."""

from typing import Any

from survey_api.kit.clock import school_day
from survey_api.kit.problems import TicketSpent, TicketUnknown
from survey_api.kit.work import Work
from survey_api.services.banks import queries as banks_queries
from survey_api.services.submissions import actions as submissions_actions
from survey_api.services.submissions import queries as submissions_queries
from survey_api.services.submissions.queries import OpenTicket
from survey_api.services.submissions.rules import check_answer
from survey_api.vocabulary import TicketState

SKIPPED = None


def save_answer(work: Work, ticket_id: str, item: str, value: Any, seconds: float = 0.0) -> None:
    """Keep one answer (or, with SKIPPED, take it out) of this ticket's draft.

    AnswersRefused for an item or code the bank does not have; TicketSpent when the go is over.
    """
    ticket = _ticket_still_open(work, ticket_id)
    bank = banks_queries.published(work.db, ticket.bank_sha256)
    draft = submissions_queries.draft_of(work.db, work.keys, ticket)
    answers = draft.setdefault("answers", {})
    if value is SKIPPED or value == "":
        answers.pop(item, None)
    else:
        answers[item] = check_answer(item, value, bank.shape)
    if seconds:
        draft.setdefault("seconds", {})[item] = round(seconds, 1)
    submissions_actions.save_draft(work, ticket, draft)


def forget_draft(work: Work, ticket_id: str) -> None:
    """「けして やめる」: the draft is deleted; the ticket can be used again."""
    submissions_actions.discard_draft(work, _ticket_still_open(work, ticket_id))


def _ticket_still_open(work: Work, ticket_id: str) -> OpenTicket:
    ticket = submissions_queries.ticket_by_id(work.db, ticket_id)
    if ticket is None:
        raise TicketUnknown
    ticket.require_usable(school_day(work.now))
    if ticket.state == TicketState.SPENT:
        raise TicketSpent
    return ticket
