"""A school locks itself: its names and its children's words are sealed to a key that only its people can open.

Sealing anew runs in steps, a transaction each, so that children go on answering meanwhile; it can be interrupted
anywhere and is finished by pressing the same button again. What is written meanwhile is sealed to the new key at once.
Only when nothing is left under another key is that key destroyed. Changing the key of a locked school is the same work.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Protocol

from survey_api.access import school_locks, unlockers
from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.access.scope import Scope
from survey_api.kit.actor import Actor, ActorKind
from survey_api.kit.db import Store
from survey_api.kit.opened import Opened
from survey_api.kit.problems import NotFound
from survey_api.kit.work import Work
from survey_api.services.banks import queries as banks_queries
from survey_api.services.referrals import actions as referrals_actions
from survey_api.services.reports import actions as reports_actions
from survey_api.services.submissions import actions as submissions_actions
from survey_api.services.submissions import queries as submissions_queries
from survey_api.vault import door

STEP = 200
"""How many rows of a kind one transaction seals: a fraction of a second."""


class House(Protocol):
    """What running through many transactions needs of the opened house."""

    @property
    def survey(self) -> Store: ...
    @property
    def vault_store(self) -> Store: ...
    def work(
        self, actor: Actor, request_id: str = "", opened: Opened | None = None
    ) -> AbstractContextManager[Work]: ...
    def vault_work(self, actor: Actor, opened: Opened | None = None) -> AbstractContextManager[Work]: ...


def seal_whole_school(house: House, actor: Actor, opened: Opened, school_id: str) -> int:
    """Step by step until nothing of the school is left under another key; returns how many rows were sealed.

    Each step is committed by itself: children go on answering between two of them, and an interruption loses nothing.
    """
    count, settled = 0, False
    while not settled:
        with house.work(actor, opened=opened) as work, house.vault_work(actor, opened) as vault_work:
            done = seal_a_step(work, vault_work, school_id)
            settled = not done and settle(work, vault_work, school_id)
        count += done
    for store in (house.vault_store, house.survey):
        store.forget_freed()
    return count


def seal_a_step(work: Work, vault_work: Work, school_id: str, step: int = STEP) -> int:
    """Seal some of what is not yet under the key that seals; returns how many. 0: nothing is left.

    The caller lets `vault_work` commit first, and calls again until nothing is left.
    """
    _require(work, school_id)
    public = school_locks.public_of(work.db, school_id)
    if public is None:
        raise NotFound
    texts = _texts(work, submissions_queries.banks_of(work.db, school_id))
    done = door.seal_anew(vault_work, school_id, public, step)
    done += submissions_actions.seal_anew(work, school_id, public, texts, step)
    done += referrals_actions.seal_anew(work, school_id, public, step)
    return done + reports_actions.seal_anew(work, school_id, public, step)


def settle(work: Work, vault_work: Work, school_id: str) -> bool:
    """Nothing is left under another key: destroy the one with which the server could read, and a former one.

    False when something came in meanwhile: seal another step first.
    """
    _require(work, school_id)
    if door.under_server_key(vault_work.db, school_id):
        return False
    door.destroy_server_key(vault_work, school_id)
    unlockers.settle(work, school_id)
    return True


def forget_lock(work: Work, vault_work: Work, school_id: str) -> int:
    """Nobody can open it any more, no paper either: throw it away, so that the roster can bring the names back.

    Returns how many names were behind it. What children had written under it stays closed for ever.
    """
    names = door.lose_names(vault_work, school_id)
    unlockers.forget(work, school_id, names)
    return names


def _require(work: Work, school_id: str) -> None:
    """People of the school; and the clock's job, which seals what slipped in and can open nothing."""
    if work.actor.kind is ActorKind.JOB:
        return
    require(work.actor, Permission.OPEN_LOCK)
    Scope.of(work.actor, Permission.OPEN_LOCK).require(school_id)


def _texts(work: Work, banks: Iterable[str]) -> dict[str, frozenset[str]]:
    """Bank → its items that a child writes itself."""
    return {
        sha256: frozenset(
            item
            for item, shape in banks_queries.published(work.db, sha256).shape.items()
            if shape.kind == "text"
        )
        for sha256 in banks
    }
