"""The condition language as written in scoring.yaml → Condition nodes."""

from collections.abc import Iterator, Mapping
from typing import Any

from scoring.key import Condition


def condition_of(raw: Mapping[str, Any]) -> Condition:
    """One node. The schema has already refused unknown forms; ValueError is a programming error."""
    for form in ("all", "any"):
        if form in raw:
            return Condition(form, parts=tuple(condition_of(part) for part in raw[form]))
    if "not" in raw:
        return Condition("not", parts=(condition_of(raw["not"]),))
    if "count" in raw:
        parts = tuple(condition_of(part) for part in raw["count"]["of"])
        return Condition("count", parts=parts, at_least=int(raw["count"]["at_least"]))
    if "item" in raw:
        return _about_item(raw)
    if "subscale" in raw:
        return Condition("band", item=raw["subscale"], codes=frozenset(raw["band"]))
    if "previous" in raw:
        return Condition("previous", item=raw["previous"]["rule"])
    for form in ("text_hit", "text_written", "worse", "quality"):
        if form in raw:
            return Condition(form, item=str(raw[form]))
    raise ValueError(f"unknown condition {sorted(raw)}")


def _about_item(raw: Mapping[str, Any]) -> Condition:
    if "answered" in raw:
        return Condition("answered", item=raw["item"], codes=frozenset(raw["answered"]))
    if "answered_other_than" in raw:
        return Condition("other_than", item=raw["item"], codes=frozenset(raw["answered_other_than"]))
    codes = raw["is"] if isinstance(raw["is"], list) else [raw["is"]]
    return Condition("is", item=raw["item"], codes=frozenset(codes))


def conditions_in(condition: Condition) -> Iterator[Condition]:
    """A condition and everything inside it."""
    yield condition
    for part in condition.parts:
        yield from conditions_in(part)
