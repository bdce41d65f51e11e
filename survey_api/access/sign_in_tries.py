"""Wrong passwords slow down the name they are tried on, the browser and the address they come from.

The name, whether anybody has it or not: a stranger learns nothing from the wait. A browser in which this person has
signed in before counts for itself, so that whoever tries a counselor's name from elsewhere cannot keep the counselor
out. The address is slowed late and briefly, and never for such a browser: a whole school is one address.
"""

from dataclasses import dataclass
from datetime import timedelta

from survey_api.access import tries
from survey_api.kit.crypto import Keyring
from survey_api.kit.work import Work

NAME_FREE, BROWSER_FREE, ADDRESS_FREE = 5, 10, 50
LONGEST_WAIT = timedelta(minutes=5)  # never a hard lock: a counselor locked out is a child not seen
ADDRESS_WAIT = timedelta(seconds=30)


@dataclass(frozen=True)
class Where:
    """From where somebody tries: the browser's number, its address, and the person known to it (all may be empty)."""

    browser: str = ""
    address: str = ""
    known: str = ""
    """Id of the member of staff who signed in with this browser before."""


def _doubling(free: int) -> tries.Cooldown:
    def cooldown(wrong: int) -> timedelta:
        over = wrong - free
        return min(timedelta(seconds=2 ** min(over + 2, 12)), LONGEST_WAIT) if over >= 0 else timedelta(0)

    return cooldown


def _address(wrong: int) -> timedelta:
    return ADDRESS_WAIT if wrong >= ADDRESS_FREE else timedelta(0)


def _places(keys: Keyring, login: str, staff_id: str, where: Where) -> dict[str, tries.Cooldown]:
    def place(kind: str, *what: str) -> str:
        return f"{kind}-{keys.mac('cookies', 'tries', kind, *what).hex()[:24]}"

    if staff_id and where.known == staff_id:
        return {place("known", staff_id, where.browser): _doubling(NAME_FREE)}
    found = {place("name", login): _doubling(NAME_FREE)}
    if where.browser:
        found[place("browser", where.browser)] = _doubling(BROWSER_FREE)
    if where.address:
        found[place("address", where.address)] = _address
    return found


def seconds_to_wait(work: Work, login: str, staff_id: str, where: Where) -> int:
    """Seconds until this name may be tried from there; 0: now."""
    waits = [
        tries.left(work.db, work.now, place, cooldown)
        for place, cooldown in _places(work.keys, login, staff_id, where).items()
    ]
    longest = max(waits)
    return int(longest.total_seconds()) + 1 if longest > timedelta(0) else 0


def note_wrong(work: Work, login: str, staff_id: str, where: Where) -> None:
    tries.note(work, *_places(work.keys, login, staff_id, where))


def forgive(work: Work, login: str, staff_id: str, where: Where) -> None:
    """The right password: the name and the browser start anew; an address does not, others may try from there."""
    tries.forget(
        work, *(p for p in _places(work.keys, login, staff_id, where) if not p.startswith("address"))
    )
