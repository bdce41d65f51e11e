"""Rules' conditions, three-valued: true, false, or unknown because what they need was not answered.

A skip neither fires nor blocks; what could not be evaluated is shown as that. A follow-up that the child's own
answer ruled out is false, and so is a look back when there was no earlier wave: nothing is missing there.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from scoring.change import Previous
from scoring.key import Condition
from scoring.sheet import AnswerSheet
from scoring.vocabulary import Missing


@dataclass(frozen=True)
class Facts:
    """Everything a condition may look at."""

    sheet: AnswerSheet
    bands: Mapping[str, str | None]
    worse: Mapping[str, bool | None]
    quality: frozenset[str]
    text_hits: Mapping[str, bool]
    previous: Previous | None


def holds(condition: Condition, facts: Facts) -> bool | None:
    """True, False, or None for “could not be evaluated”."""
    if condition.parts:
        return _combined(condition, [holds(part, facts) for part in condition.parts])
    form, item = condition.form, condition.item
    if form in ("answered", "other_than"):
        return _chosen(condition, facts.sheet)
    if form == "is":
        return facts.sheet.missing.get(item) in tuple(Missing(code) for code in condition.codes)
    if form == "band":
        band = facts.bands.get(item)
        return None if band is None else band in condition.codes
    if form == "worse":
        return False if facts.previous is None else facts.worse.get(item)
    if form == "quality":
        return item in facts.quality
    if form == "text_hit":
        return facts.text_hits.get(item, False)
    if form == "text_written":
        return bool(facts.sheet.texts.get(item, "").strip())
    if form == "previous":
        return facts.previous is not None and item in facts.previous.rules
    raise ValueError(f"unknown form {form}")


def _chosen(condition: Condition, sheet: AnswerSheet) -> bool | None:
    item = condition.item
    if item not in sheet.levels:
        return False if item in sheet.ruled_out else None
    value = sheet.chosen[item]
    if isinstance(value, str):
        return (value in condition.codes) is (condition.form == "answered")
    if condition.form == "answered":
        return not condition.codes.isdisjoint(value)
    return not condition.codes.issuperset(value)


def _combined(condition: Condition, values: list[bool | None]) -> bool | None:
    if condition.form == "not":
        return None if values[0] is None else not values[0]
    true, unknown = values.count(True), values.count(None)
    need = {"all": len(values), "any": 1}.get(condition.form, condition.at_least)
    if true >= need:
        return True
    return None if true + unknown >= need else False


def evidence_items(condition: Condition, facts: Facts) -> list[str]:
    """The items whose answers made a condition true, in the order in which the rule names them."""
    if condition.form == "not":
        return []
    if condition.parts:
        fired = [part for part in condition.parts if holds(part, facts)]
        return list(dict.fromkeys(item for part in fired for item in evidence_items(part, facts)))
    return (
        [condition.item]
        if condition.form in ("answered", "other_than", "is", "text_hit", "text_written")
        else []
    )
