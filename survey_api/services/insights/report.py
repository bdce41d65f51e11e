"""The only place that sees true counts: it turns them into a signed release and lets nothing else out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session

from survey_api.access.scope import Scope
from survey_api.kit.crypto import Keyring
from survey_api.services.insights import casework, outcomes, queries
from survey_api.services.insights.attack import refuse_if_pinned
from survey_api.services.insights.blocks import level_of
from survey_api.services.insights.bundle import bundle_bytes
from survey_api.services.insights.disclosure import protect
from survey_api.services.insights.keys import ReleaseKey, release_keys
from survey_api.services.insights.noise import coin
from survey_api.services.insights.plan import ALL_GRADES, ReleasePlan
from survey_api.services.insights.plan_words import unit_title
from survey_api.services.insights.planning import RESPONSE, declared
from survey_api.services.insights.safe import SafeTable
from survey_api.tables.waves import Wave
from survey_api.vocabulary import Label, Sex


@dataclass(frozen=True)
class SignedRelease:
    """A protected table and the bytes that will stand for it for ever."""

    table: SafeTable
    bundle: bytes


@dataclass(frozen=True)
class HouseWords:
    """What other rooms know and counting needs.

    `promised_by`: the day by which a child who asked to talk is met, from the day it sent. `called_for`: labels
    of a random check that say somebody should have been called. `missing`: for a bank's hash and one child's
    answers, why each question without an answer has none. `questions`: bank's hash → (bank, question → words).
    `wordings`: indicator → a mark of the words its questions had in this wave. `waited`: school days from one day to
    another, by the calendar of a school. `goals`: urgency (as outcomes.GOAL_DAYS) → school days until somebody has looked.
    """

    promised_by: Callable[[date], date]
    called_for: frozenset[Label]
    missing: Callable[[str, Mapping[str, Any]], Mapping[str, str]]
    questions: Mapping[str, tuple[str, Mapping[str, str]]]
    wordings: Mapping[str, str]
    waited: Callable[[str, date, date], int]
    goals: Mapping[str, int]


def key_of(keys: Keyring) -> ReleaseKey:
    """The release key out of the key file; refuses a missing or careless one."""
    return release_keys(keys)[0]


def coin_of(keys: Keyring) -> Callable[[str], Sex]:
    """Under which sex a child counts of whom the roster does not say it: drawn once, for ever.

    Always by the first key: after a renewal a child would else change sides between two waves, or between the plan
    of a wave and its release, and the difference would tell who it is.
    """
    noise = release_keys(keys)[-1].noise
    return lambda pseudonym: coin(noise, pseudonym)


def protected_release(
    db: Session,
    keys: Keyring,
    scope: Scope,
    wave: Wave,
    earlier: Sequence[SafeTable],
    tell: Callable[[int], None],
    house: HouseWords,
) -> SignedRelease:
    """Count in memory, protect, attack, sign. ReleaseRefused when anything could be pinned.

    `tell` hears how many percent of the work are done: counting is most of it.
    """
    key = key_of(keys)
    plan = queries.release_plan(db, wave)
    planned = {partition.grades for partition in plan.partitions}
    asked = [one for one in declared() if one.grades in planned]
    raw = queries.count_cells(
        db,
        keys,
        scope,
        wave_id=wave.id,
        plan=plan,
        indicators=asked,
        coin=coin_of(keys),
        missing=house.missing,
        tell=tell,
    )
    cases = casework.cases_of_wave(db, wave, raw.wished, queries.planned_schools(db), house.waited)
    became = (
        *outcomes.tallies(
            cases,
            casework.endings(db, keys),
            casework.helped_before(db, wave),
            promised_by=house.promised_by,
            goals=house.goals,
            checks=casework.checks_read(db, house.called_for),
            silent=casework.invited(db, wave),
            supported=raw.supported,
        ),
        *outcomes.waiting(cases, _units(plan), house.goals),
        *(
            tally
            for sha256, found in sorted(raw.skipped.items(), key=lambda one: house.questions[one[0]][0])
            for tally in outcomes.skips(*house.questions[sha256], found)
        ),
    )
    table = protect(
        plan,
        [RESPONSE, *asked],
        raw.counts,
        key=key,
        grades=raw.grades,
        tallies=became,
        wordings=house.wordings,
    )
    tell(80)
    refuse_if_pinned(table, plan, raw.sizes, earlier=earlier)
    return SignedRelease(table, bundle_bytes(plan, table, key=key))


def _units(plan: ReleasePlan) -> list[tuple[str, str, frozenset[tuple[str, int]]]]:
    """The rows of the school tables: id, title, and the (school, grade)s in each."""
    widest = max(plan.partitions, key=lambda partition: len(partition.grades))
    return [
        (
            unit.id,
            unit_title(plan, unit),
            frozenset(
                (school, grade)
                for school, level in unit.members
                for grade in ALL_GRADES
                if level_of(grade) is level
            ),
        )
        for unit in widest.units
    ]
