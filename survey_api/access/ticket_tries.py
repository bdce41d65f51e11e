"""Wrong ticket numbers slow down the tablet they come from and the corner of the code space they aim at.

Never an address: a school is one address, and a class that types badly must not lock out the next one. A QR code
is never slowed down (its secret cannot be guessed), so a child with a ticket always has a way in. Kept in a table,
so that every worker counts the same tries. Rows say nothing about a pupil and are dropped after a day.
"""

from datetime import datetime, timedelta
from functools import partial

from sqlmodel import Session

from survey_api.access import tries
from survey_api.access.tickets import code_selector
from survey_api.kit.crypto import Keyring
from survey_api.kit.work import Work

DEVICE_FREE, SPACE_FREE = 5, 20
DEVICE_WAIT, DEVICE_LONGEST = timedelta(seconds=60), timedelta(minutes=15)
SPACE_WAIT = timedelta(seconds=30)


def cooldown(wrong: int, *, device: bool) -> timedelta:
    """How long after the last of `wrong` tries the next one must wait."""
    if not device:
        return SPACE_WAIT if wrong > SPACE_FREE else timedelta(0)
    over = wrong - DEVICE_FREE
    return min(DEVICE_WAIT * 2 ** min(over - 1, 8), DEVICE_LONGEST) if over > 0 else timedelta(0)


def wait_seconds(db: Session, keys: Keyring, now: datetime, device: str, code: str) -> int:
    """Seconds until this tablet may try this code; 0 when it may now."""
    waits = [
        tries.left(db, now, place, partial(cooldown, device=of_device))
        for place, of_device in _places(keys, device, code)
    ]
    return max(0, round(max(waits).total_seconds()))


def note_wrong(work: Work, device: str, code: str) -> None:
    """One more wrong number from this tablet, in this corner of the code space."""
    tries.note(work, *(place for place, _ in _places(work.keys, device, code)))


def forgive(work: Work, device: str) -> None:
    """A right number: this tablet starts anew."""
    tries.forget(work, _device_place(work.keys, device))


def _places(keys: Keyring, device: str, code: str) -> tuple[tuple[str, bool], tuple[str, bool]]:
    return (_device_place(keys, device), True), (f"space-{code_selector(keys, code)}", False)


def _device_place(keys: Keyring, device: str) -> str:
    return f"device-{keys.mac('tickets', 'device', device).hex()[:24]}"
