"""Declared rules → flags, each with the answers that fired it."""

from dataclasses import dataclass

from scoring.conditions import Facts, evidence_items, holds
from scoring.key import Condition, Rule, ScoringKey


@dataclass(frozen=True)
class Flag:
    """A rule that fired, and the items whose answers fired it."""

    rule: Rule
    evidence: tuple[str, ...]


def flags_of(key: ScoringKey, facts: Facts) -> tuple[tuple[Flag, ...], tuple[str, ...]]:
    """Fired rules in declared order, and the ids of the rules that could not be evaluated."""
    fired, unknown = [], []
    for rule in key.rules:
        value = holds(rule.when, facts)
        if value is None:
            unknown.append(rule.id)
        elif value:
            fired.append(Flag(rule, tuple(_evidence(key, rule.when, facts))))
    return tuple(fired), tuple(unknown)


def _evidence(key: ScoringKey, condition: Condition, facts: Facts) -> list[str]:
    """Items named by the rule; a rule about a subscale names that subscale's answered items."""
    named = evidence_items(condition, facts)
    for subscale in key.subscales:
        if subscale.id in _subscales_in(condition):
            named += [item for item in subscale.items if facts.sheet.levels.get(item, 0) > 0]
    return list(dict.fromkeys(named))


def _subscales_in(condition: Condition) -> set[str]:
    if condition.form in ("band", "worse"):
        return {condition.item}
    return {item for part in condition.parts for item in _subscales_in(part)}
