"""The only place that sees true counts: it turns them into a signed release and lets nothing else out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from survey_api.access.scope import Scope
from survey_api.kit.crypto import Keyring
from survey_api.services.insights import casework, outcomes, queries
from survey_api.services.insights.attack import refuse_if_pinned
from survey_api.services.insights.bundle import bundle_bytes
from survey_api.services.insights.disclosure import protect
from survey_api.services.insights.keys import ReleaseKey, release_key
from survey_api.services.insights.noise import coin
from survey_api.services.insights.planning import RESPONSE, declared
from survey_api.services.insights.safe import SafeTable
from survey_api.tables.waves import Wave
from survey_api.vocabulary import Sex


@dataclass(frozen=True)
class SignedRelease:
    """A protected table and the bytes that will stand for it for ever."""

    table: SafeTable
    bundle: bytes


def key_of(keys: Keyring) -> ReleaseKey:
    """The release key out of the key file; refuses a missing or careless one."""
    return release_key(keys.keys.get("rounding"), keys.keys.get("release"))


def coin_of(keys: Keyring) -> Callable[[str], Sex]:
    """Under which sex a child counts of whom the roster does not say it: drawn once by the key, for ever."""
    noise = key_of(keys).noise
    return lambda pseudonym: coin(noise, pseudonym)


def protected_release(
    db: Session,
    keys: Keyring,
    scope: Scope,
    wave: Wave,
    earlier: Sequence[SafeTable],
    tell: Callable[[int], None],
    promised_by: Callable[[date], date],
) -> SignedRelease:
    """Count in memory, protect, attack, sign. ReleaseRefused when anything could be pinned.

    `tell` hears how many percent of the work are done: counting is most of it. `promised_by`: the day by
    which a child who asked to talk is met, from the day it sent.
    """
    key = key_of(keys)
    plan = queries.release_plan(db, wave)
    planned = {partition.grades for partition in plan.partitions}
    asked = [one for one in declared() if one.grades in planned]
    raw = queries.count_cells(
        db, keys, scope, wave_id=wave.id, plan=plan, indicators=asked, coin=coin_of(keys), tell=tell
    )
    became = outcomes.tallies(
        casework.cases_of_wave(db, wave, raw.wished),
        casework.endings(db, keys),
        casework.helped_before(db, wave),
        promised_by=promised_by,
    )
    table = protect(plan, [RESPONSE, *asked], raw.counts, key=key, grades=raw.grades, tallies=became)
    tell(80)
    refuse_if_pinned(table, plan, raw.sizes, earlier=earlier)
    return SignedRelease(table, bundle_bytes(plan, table, key=key))
