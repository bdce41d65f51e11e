"""Wrong tries, counted per place in a table that every worker sees. A place is a keyed hash: it tells nothing.

Rows are dropped after a day.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from survey_api.kit.work import Work
from survey_api.tables.waves import TicketTries

FORGOTTEN_AFTER = timedelta(hours=1)
DROPPED_AFTER = timedelta(days=1)

Cooldown = Callable[[int], timedelta]
"""How long after the last of so many wrong tries the next one must wait."""


def left(db: Session, now: datetime, place: str, cooldown: Cooldown) -> timedelta:
    """How long a place still has to wait; nothing or less: not at all."""
    row = db.get(TicketTries, place)
    if row is None or now - row.last_at >= FORGOTTEN_AFTER:
        return timedelta(0)
    return row.last_at + cooldown(row.wrong) - now


def note(work: Work, *places: str) -> None:
    """One more wrong try at each of these places."""
    connection = work.db.connection()
    connection.execute(delete(TicketTries).where(col(TicketTries.last_at) < work.now - DROPPED_AFTER))
    for place in places:
        _count(work, place)


def forget(work: Work, *places: str) -> None:
    """A right one: these places start anew."""
    work.db.connection().execute(delete(TicketTries).where(col(TicketTries.place).in_(places)))


def _count(work: Work, place: str) -> None:
    fresh = work.now - FORGOTTEN_AFTER
    here = col(TicketTries.place) == place
    more = update(TicketTries).where(here, col(TicketTries.last_at) >= fresh)
    anew = update(TicketTries).where(here, col(TicketTries.last_at) < fresh)
    connection = work.db.connection()
    if connection.execute(more.values(wrong=TicketTries.wrong + 1, last_at=work.now)).rowcount:
        return
    if connection.execute(anew.values(wrong=1, last_at=work.now)).rowcount:
        return
    try:
        with work.db.begin_nested():
            work.db.add(TicketTries(place=place, wrong=1, last_at=work.now))
    except IntegrityError:  # another worker was first
        connection.execute(more.values(wrong=TicketTries.wrong + 1, last_at=work.now))
