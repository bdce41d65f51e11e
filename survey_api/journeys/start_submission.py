"""A child shows a ticket: find it, see whether the wave is open, and let the child in.

Finding a typed number costs a slow hash, so it happens before the writer is asked and only a few at a time: a
school at one bell must not wait behind it.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from survey_api.access import ticket_tries
from survey_api.access.tickets import read_code
from survey_api.kit.crypto import Keyring
from survey_api.kit.problems import Busy, TicketMistyped, TicketUnknown, TooManyTries
from survey_api.kit.work import Work
from survey_api.services.submissions import actions as submissions_actions
from survey_api.services.submissions import queries as submissions_queries
from survey_api.vocabulary import TicketState

HASHES_AT_ONCE = 4
PATIENCE_SECONDS = 10.0
_HASHING = threading.BoundedSemaphore(HASHES_AT_ONCE)


@dataclass(frozen=True)
class Shown:
    """What was shown at the door: the QR's secret, or the code as it was typed, and on which tablet."""

    secret: str = ""
    typed: str = ""
    device: str = ""


def find_ticket(db: Session, keys: Keyring, now: datetime, shown: Shown) -> str | None:
    """The id of the ticket that was shown; None when no ticket fits.

    TicketMistyped for what cannot be a number, TooManyTries (with seconds) while this tablet has to wait, Busy when
    too many numbers are being looked at.
    """
    if shown.secret:
        found = submissions_queries.ticket_by_secret(db, keys, shown.secret)
        return found.id if found else None
    code = read_code(shown.typed)
    if code is None:
        raise TicketMistyped
    if wait := seconds_to_wait(db, keys, now, shown):
        raise TooManyTries(seconds=wait)
    with _one_hash():
        found = submissions_queries.ticket_by_code(db, keys, code)
    return found.id if found else None


def seconds_to_wait(db: Session, keys: Keyring, now: datetime, shown: Shown) -> int:
    """How long this tablet has to wait before its next number; a QR code never waits."""
    code = None if shown.secret else read_code(shown.typed)
    return 0 if code is None else ticket_tries.wait_seconds(db, keys, now, shown.device, code)


def start_submission(work: Work, shown: Shown, ticket_id: str | None) -> str | None:
    """Let the child of this ticket in; returns its id, or None after a wrong number was counted.

    TicketRevoked, TicketSpent, WaveClosed or WaveNotOpen otherwise.
    """
    if ticket_id is None:
        code = read_code(shown.typed)
        if code is not None and not shown.secret:
            ticket_tries.note_wrong(work, shown.device, code)
        return None
    ticket = submissions_queries.ticket_by_id(work.db, ticket_id)
    if ticket is None:
        raise TicketUnknown
    ticket.require_answerable(work.now)
    if submissions_queries.wave_key(work.db, ticket.wave_id) is None:
        submissions_actions.add_wave_key(work, ticket.wave_id)
    if not shown.secret:
        ticket_tries.forgive(work, shown.device)
    if ticket.state == TicketState.UNUSED:
        submissions_actions.mark_opened(work, ticket)
    return ticket.id


@contextmanager
def _one_hash() -> Iterator[None]:
    if not _HASHING.acquire(timeout=PATIENCE_SECONDS):
        raise Busy
    try:
        yield
    finally:
        _HASHING.release()
