"""A child's tablet asks for the draft so far, and for what it needs to keep answering without network."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from survey_api.access.tablet_seal import go_mark, go_token
from survey_api.kit.crypto import Keyring
from survey_api.kit.problems import TicketUnknown
from survey_api.services.submissions import queries as submissions_queries
from survey_api.services.submissions.rules import Answers


@dataclass(frozen=True)
class OpenDraft:
    """The draft, which bank it belongs to, and what the tablet seals with."""

    version: int
    answers: Answers
    bank_sha256: str
    go: str
    mark: str
    """Tells a tablet that it has this go before, and nothing else."""
    key: tuple[str, bytes] | None
    """Id and public half of the wave's key; a ticket that was shown at the door has made one."""


def read_draft(db: Session, keys: Keyring, now: datetime, ticket_id: str) -> OpenDraft:
    """TicketSpent, TicketUnknown or WaveNotOpen when this ticket takes no answers."""
    ticket = submissions_queries.ticket_by_id(db, ticket_id)
    if ticket is None:
        raise TicketUnknown
    ticket.require_answerable(now)
    pair = submissions_queries.wave_key(db, ticket.wave_id)
    draft = submissions_queries.draft_of(db, keys, ticket)
    return OpenDraft(
        version=draft.get("version", 0),
        answers=draft.get("answers", {}),
        bank_sha256=ticket.bank_sha256,
        go=go_token(keys, ticket.id),
        mark=go_mark(keys, ticket.id),
        key=(pair.id, pair.public) if pair else None,
    )
