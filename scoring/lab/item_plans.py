"""How each item of any bank is answered on average: its traits, its places from best to worst, its shares.

Read from plain bank data (bank.yaml, scoring.yaml, reference.yaml as dicts); no item is known by name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from scoring.lab.traits import CORRELATION, TRAITS, Matrix
from scoring.parse_condition import condition_of, conditions_in

LOADINGS: Mapping[str, Mapping[str, float]] = {
    "meals": {"neglect": 0.8, "poverty": 0.4},
    "sleep": {"fatigue": 0.9, "mood": 0.3},
    "hygiene": {"neglect": 0.8, "poverty": 0.4},
    "health": {"neglect": 0.7, "poverty": 0.5},
    "night": {"neglect": 0.9, "poverty": 0.1},
    "money": {"poverty": 0.9, "neglect": 0.2},
    "safety": {"safety": 1.0},
    "violence": {"safety": 1.0},
    "care": {"care": 1.0},
    "mood": {"mood": 1.0},
    "belonging": {"belonging": 0.9, "mood": 0.4},
    "bullying": {"bullying": 1.0},
    "confide": {"belonging": 0.8, "mood": 0.3},
    "wish": {"mood": 0.5, "safety": 0.4, "bullying": 0.4},
    "positive": {"mood": 0.8},
}
"""Construct → traits (assumed). Constructs not named here (warm-up, neutral, text) follow no trait."""

PULL = {"ordinary": 0.65, "sensitive": 0.8, "acute": 0.85}
"""Correlation of a response with its trait by sensitivity: discriminations of about 1.5 to 2.7 (assumed)."""

EVEN_SHARES = {"ordinary": 0.55, "sensitive": 0.22, "acute": 0.12}
"""Without reference shares: each worse level is this share of the one before it (assumed)."""


@dataclass(frozen=True)
class ItemPlan:
    """One item as the simulator answers it.

    Single: `places` are option codes from best to worst. Multi: `places` are ranges of how many of `of` are
    chosen. `shares` sum to 1 and belong to `places`. An item nobody scores has no trait: even shares.
    """

    id: str
    kind: str
    options: tuple[str, ...]
    exclusive: tuple[str, ...]
    sensitivity: str
    direct: bool
    """A hard rule looks at it: asked straight out, so that its answer alone has consequences."""
    weights: Matrix
    pull: float
    shares: tuple[float, ...]
    codes: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    counts: tuple[tuple[int, int], ...] = ()

    @property
    def scored(self) -> bool:
        return bool(self.codes or self.counts)


def plans_of(content: Mapping[str, Any]) -> dict[str, ItemPlan]:
    """A plan for every item of a bank: `content` has `bank`, `scoring` and perhaps `reference`."""
    scoring = content["scoring"]["items"]
    direct = direct_items(content["scoring"]["rules"])
    reference = content.get("reference") or {}
    asked_more = {
        screen["when"]["item"]
        for screen in content["bank"]["screens"]
        if "item" in screen.get("when", {}) and screen["when"]["item"] != screen["item"]
    }
    zero_shares = {
        item: 1 - float(reference["follow_up_share"])
        for item in asked_more
        if "follow_up_share" in reference and content["bank"]["items"][item]["construct"] == "care"
    }
    return {
        item_id: _plan(
            item_id,
            item,
            scoring.get(item_id),
            reference.get("items", {}).get(item_id),
            zero_shares,
            item_id in direct and item["sensitivity"] != "ordinary",
        )
        for item_id, item in content["bank"]["items"].items()
    }


def direct_items(rules: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """Items that an active hard rule looks at. The wish to talk is not among them: there is nothing to conceal."""
    hard = [rule for rule in rules if rule["level"] == "A" and rule.get("mode", "active") == "active"]
    return frozenset(
        part.item
        for rule in hard
        if rule["concern"] != "wish"
        for part in conditions_in(condition_of(rule["when"]))
        if part.form in ("answered", "other_than")
    )


def _plan(
    item_id: str,
    item: Mapping[str, Any],
    scored: Mapping[str, Any] | None,
    shares: Mapping[str, float] | None,
    zero_shares: Mapping[str, float],
    direct: bool,
) -> ItemPlan:
    sensitivity = str(item["sensitivity"])
    common: dict[str, Any] = {
        "id": item_id,
        "kind": str(item["kind"]),
        "options": tuple(map(str, item.get("options", ()))),
        "exclusive": tuple(map(str, item.get("exclusive", ()))),
        "sensitivity": sensitivity,
        "direct": direct,
        "weights": _weights(str(item["construct"])),
        "pull": PULL[sensitivity] if str(item["construct"]) in LOADINGS else 0.0,
    }
    if scored is None or item["kind"] == "text":
        return ItemPlan(**common, shares=())
    if "levels" in scored:
        level_of = {str(code): int(level) for code, level in scored["levels"].items()}
        codes = tuple(sorted(level_of, key=lambda code: level_of[code]))
        given = [float((shares or {}).get(code, 0)) for code in codes]
        return ItemPlan(**common, codes=codes, shares=_shares(given, sensitivity))
    of = tuple(map(str, scored["count"]["of"]))
    counts, spread = _counts([int(cut) for cut in scored["count"]["cuts"]], len(of))
    given = [float((shares or {}).get(str(level), 0)) for level in range(len(scored["count"]["cuts"]) + 1)]
    by_level = _shares(given, sensitivity)
    none = zero_shares.get(item_id, 0.6 * by_level[0])
    return ItemPlan(**common, of=of, counts=counts, shares=_split_zero(by_level, spread, none))


def _weights(construct: str) -> Matrix:
    """Trait weights scaled so that the weighted sum has variance 1."""
    weights = np.array([LOADINGS.get(construct, {}).get(trait, 0.0) for trait in TRAITS])
    variance = float(weights @ CORRELATION @ weights)
    return weights / np.sqrt(variance) if variance else weights


def _shares(given: Sequence[float], sensitivity: str) -> tuple[float, ...]:
    """The reference shares, or falling ones when the bank has none."""
    found = (
        list(given) if sum(given) > 0 else [EVEN_SHARES[sensitivity] ** level for level in range(len(given))]
    )
    return tuple(share / sum(found) for share in found)


def _counts(cuts: Sequence[int], most: int) -> tuple[tuple[tuple[int, int], ...], bool]:
    """How many are chosen per place, best first; True when level 0 spans more than “none”."""
    borders = [0, *cuts, most + 1]
    ranges = [(low, max(low, high - 1)) for low, high in pairwise(borders)]
    if cuts[0] > 1:
        return ((0, 0), (1, cuts[0] - 1), *ranges[1:]), True
    return tuple(ranges), False


def _split_zero(by_level: tuple[float, ...], spread: bool, none: float) -> tuple[float, ...]:
    if not spread:
        return by_level
    none = min(none, by_level[0])
    return (none, by_level[0] - none, *by_level[1:])
