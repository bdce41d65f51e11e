"""A child shows a ticket: find it, see whether the wave is open, and let the child in."""

from dataclasses import dataclass

from sqlmodel import Session

from survey_api.access.tickets import read_code
from survey_api.kit.clock import school_day
from survey_api.kit.crypto import Keyring
from survey_api.kit.problems import TicketUnknown
from survey_api.kit.work import Work
from survey_api.services.submissions import actions as submissions_actions
from survey_api.services.submissions import queries as submissions_queries
from survey_api.services.submissions.queries import OpenTicket
from survey_api.vocabulary import TicketState


@dataclass(frozen=True)
class Shown:
    """What was shown at the door: the QR's secret, or the code as it was typed."""

    secret: str = ""
    typed: str = ""


def start_submission(work: Work, shown: Shown) -> str:
    """Let a child in; returns the ticket's id. TicketUnknown, TicketSpent or WaveNotOpen otherwise."""
    ticket = _find(work.db, work.keys, shown)
    if ticket is None:
        raise TicketUnknown
    ticket.require_answerable(school_day(work.now))
    if submissions_queries.wave_key(work.db, ticket.wave_id) is None:
        submissions_actions.add_wave_key(work, ticket.wave_id)
    if ticket.state == TicketState.UNUSED:
        submissions_actions.mark_opened(work, ticket)
    return ticket.id


def _find(db: Session, keys: Keyring, shown: Shown) -> OpenTicket | None:
    if shown.secret:
        return submissions_queries.ticket_by_secret(db, keys, shown.secret)
    code = read_code(shown.typed)
    return submissions_queries.ticket_by_code(db, keys, code) if code else None
