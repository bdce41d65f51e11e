"""A school of the small house locks itself: three people with passphrases and one paper, over the real journeys."""

from dataclasses import dataclass, field

import pytest

from survey_api.access import queries, sessions, unlockers
from survey_api.access.passwords import Cost
from survey_api.journeys.lock_school import seal_whole_school
from survey_api.kit.actor import Actor
from survey_api.kit.opened import Opened
from survey_api.runtime import Runtime
from survey_ui.shell.unlocking import unlock
from tests.house import PASSWORD, House

PHRASES = {
    "aoki": "みどりの山に雪がふる冬の朝でした",
    "sato": "とけいの針はいつも右にまわります",
    "ono": "あかいりんごをきのう三つ買いました",
}
QUICK = Cost(memory_kib=64, time_cost=1)
"""For tests: the cost of a real passphrase is looked at by one of them."""


def make_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passphrases and the look whether one is the password of the sign-in cost a test next to nothing."""
    monkeypatch.setattr(unlockers, "COST", QUICK)
    monkeypatch.setattr(unlockers, "verify_password", lambda _stored, given: given == PASSWORD)


@dataclass
class Session:
    """One signed-in member of staff."""

    runtime: Runtime
    actor: Actor
    token: str = field(repr=False)

    @property
    def opened(self) -> Opened:
        return self.runtime.opened_by(self.token)

    def unlock(self, school_id: str, phrase: str) -> None:
        unlock(self.runtime, self.token, school_id, phrase)


def session(house: House, login: str) -> Session:
    """Signed in, past the password."""
    with house.runtime.work(Actor.job("signin")) as work:
        staff = queries.staff_by_login(work.db, login)
        assert staff is not None
        token = sessions.open_session(work, staff, "test").token
        actor = sessions.actor_of(work.db, house.clock, token)
        assert actor is not None
    return Session(house.runtime, actor, token)


def gather(house: House, school: str = "north") -> tuple[Session, str]:
    """Everybody has a passphrase, two have tried it, the paper is in its envelope: (who has it open, the code)."""
    school_id = house.schools[school]
    first = session(house, "aoki")
    with house.runtime.work(first.actor) as work:
        unlockers.begin(work, school_id, unlockers.prepare(work.db, first.actor.id, PHRASES["aoki"]))
    first.unlock(school_id, PHRASES["aoki"])
    for login in ("sato", "ono"):
        other = session(house, login)
        with house.runtime.work(other.actor) as work:
            prepared = unlockers.prepare(work.db, other.actor.id, PHRASES[login])
            unlockers.ask(work, school_id, prepared)
        with house.runtime.work(first.actor, opened=first.opened) as work:
            unlockers.let_in(work, school_id, prepared.id)
    session(house, "sato").unlock(school_id, PHRASES["sato"])
    code, paper = unlockers.prepare_paper()
    with house.runtime.work(first.actor, opened=first.opened) as work:
        unlockers.new_paper(work, school_id, paper)
    return first, code


def lock(house: House, school: str = "north") -> tuple[Session, str]:
    """The school is locked: (somebody who has it open, the code on the paper)."""
    first, code = gather(house, school)
    school_id = house.schools[school]
    with house.runtime.work(first.actor, opened=first.opened) as work:
        unlockers.seal_from_now(work, school_id)
    seal_whole_school(house.runtime, first.actor, first.opened, school_id)
    return first, code
