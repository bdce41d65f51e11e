"""Traits become answers: one response per pupil and item, cut so that the reference shares come out.

An item asked only of some (a follow-up) has shares among those who see it; its cuts therefore come from a
fixed reference population that is walked through the bank once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from scoring.lab.item_plans import ItemPlan, plans_of
from scoring.lab.traits import CORRELATION, TRAITS, Matrix

REFERENCE_PUPILS = 20_000
REFERENCE_SEED = 20_000
MULTI_KINDS = 3
"""At most this many unscored choices are ticked at once."""

Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class BankModel:
    """One bank made ready: screens in order, plans, and the cuts of each scored item."""

    bank: str
    grades: tuple[int, ...]
    screens: tuple[Mapping[str, Any], ...]
    plans: Mapping[str, ItemPlan]
    cuts: Mapping[str, Matrix]
    writes_text: float


def model_of(content: Mapping[str, Any]) -> BankModel:
    """Read one bank and find its cuts. `content` has `bank`, `scoring` and perhaps `reference`."""
    plans = plans_of(content)
    screens = tuple(content["bank"]["screens"])
    return BankModel(
        bank=str(content["bank"]["bank"]),
        grades=tuple(int(grade) for grade in content["bank"]["grades"]),
        screens=screens,
        plans=plans,
        cuts=_reference_cuts(screens, plans),
        writes_text=float((content.get("reference") or {}).get("writes_text", 0.1)),
    )


def respond(plan: ItemPlan, traits: Matrix, noise: Matrix) -> Matrix:
    """(pupils,) standard normal responses to one item, higher = worse; `noise` is what no trait explains."""
    return np.asarray(plan.pull * (traits @ plan.weights) + np.sqrt(1 - plan.pull**2) * noise)


def places_of(cuts: Matrix, responses: Matrix) -> Places:
    """Which place (0 = best) each response falls on."""
    return np.searchsorted(cuts, responses, side="right").astype(np.int64)


def _reference_cuts(screens: Sequence[Mapping[str, Any]], plans: Mapping[str, ItemPlan]) -> dict[str, Matrix]:
    """Cuts of every scored item among the pupils of the reference population who are shown it."""
    rng = np.random.default_rng(REFERENCE_SEED)
    traits = rng.standard_normal((REFERENCE_PUPILS, len(TRAITS))) @ np.linalg.cholesky(CORRELATION).T
    cuts: dict[str, Matrix] = {}
    places: dict[str, Places] = {}
    for screen in screens:
        plan = plans.get(str(screen.get("item")))
        if plan is None or not plan.scored:
            continue
        responses = respond(plan, traits, rng.standard_normal(len(traits)))
        shown = _shown(screen, plans, places)
        among = responses[shown] if shown.any() else responses
        cuts[plan.id] = np.quantile(among, np.clip(np.cumsum(plan.shares)[:-1], 0, 1))
        places[plan.id] = places_of(cuts[plan.id], responses)
    return cuts


def _shown(screen: Mapping[str, Any], plans: Mapping[str, ItemPlan], places: Mapping[str, Places]) -> Mask:
    """Who of the reference population is shown a screen's main item."""
    when = screen.get("when", {})
    everyone = np.ones(REFERENCE_PUPILS, dtype=bool)
    if when.get("item") not in places:
        return everyone
    plan, place = plans[when["item"]], places[when["item"]]
    if plan.counts:
        return place > 0
    codes = set(map(str, when.get("answered", ()))) or set(plan.codes) - set(
        map(str, when.get("answered_other_than", ()))
    )
    return np.isin(place, [number for number, code in enumerate(plan.codes) if code in codes])


def answer_of(plan: ItemPlan, place: int | None, rng: np.random.Generator) -> str | list[str]:
    """The codes a pupil taps for a place; an item nobody scores is answered evenly."""
    if plan.kind == "single":
        return plan.codes[place] if plan.codes and place is not None else str(rng.choice(plan.options))
    if place is None or not plan.counts:
        return _some(plan, [code for code in plan.options if code not in plan.exclusive], rng)
    low, high = plan.counts[place]
    count = min(int(rng.integers(low, high + 1)), len(plan.of))
    if count:
        return _in_order(plan, rng.choice(plan.of, size=count, replace=False, p=_popularity(plan.of)))
    none = [code for code in plan.exclusive if code not in plan.of]
    if none:
        return none[:1]
    return _some(plan, [code for code in plan.options if code not in plan.of], rng)


def _some(plan: ItemPlan, codes: Sequence[str], rng: np.random.Generator) -> list[str]:
    count = int(rng.integers(1, min(MULTI_KINDS, len(codes)) + 1))
    return _in_order(plan, rng.choice(codes, size=count, replace=False))


def _in_order(plan: ItemPlan, chosen: Sequence[str] | npt.NDArray[Any]) -> list[str]:
    """Codes as they are stored: sorted."""
    return sorted(str(code) for code in chosen)


def _popularity(codes: Sequence[str]) -> Matrix:
    """Earlier choices are tapped more often than later ones (assumed)."""
    weights = 1 / np.sqrt(np.arange(1, len(codes) + 1))
    return np.asarray(weights / weights.sum())
