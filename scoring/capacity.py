"""How many conversations a school can hold, and who stands on the list then.

Rules stand outside the count: a hard reason or a combination never falls off. Patterns of the points table fill what
is left, strongest first; ties stay together, so a list may be longer than the capacity, never arbitrary.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from scoring.assessment import Assessment
from scoring.key import ScoringKey
from scoring.vocabulary import Level


@dataclass(frozen=True)
class Waiting:
    """One sheet that asks for a person. `points`: its strongest concern, in hundredths; orders, is never shown."""

    key: str
    by_rule: bool
    points: int


def waiting(name: str, key: ScoringKey, assessment: Assessment) -> Waiting | None:
    """None when nothing asks for a person."""
    if not assessment.needs_a_person:
        return None
    levels = {rule.id: rule.level for rule in key.rules if rule.active}
    by_rule = any(levels.get(rule) in (Level.A, Level.B) for rule in assessment.fired)
    called = [part["points"] for part in assessment.content["concerns"] if part["urgency"]]
    return Waiting(name, by_rule, max(called, default=0))


def listed(those: Iterable[Waiting], capacity: int) -> frozenset[str]:
    """Everybody named by a rule, then the strongest patterns while there is room; ties are kept together."""
    everyone = list(those)
    ruled = {one.key for one in everyone if one.by_rule}
    room = capacity - len(ruled)
    rest = sorted((one.points for one in everyone if not one.by_rule), reverse=True)
    if room <= 0 or not rest:
        return frozenset(ruled)
    line = rest[min(room, len(rest)) - 1]
    return frozenset(ruled | {one.key for one in everyone if not one.by_rule and one.points >= line})
