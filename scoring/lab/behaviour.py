"""What comes between a pupil and an honest answer: concealing, refusing, not reading, language, haste, leaving."""

from statistics import NormalDist

import numpy as np

from scoring.lab import marginals
from scoring.lab.item_plans import ItemPlan
from scoring.lab.responses import Mask, answer_of
from scoring.lab.traits import Matrix

DONT_KNOW, DECLINED, SKIP = "dont_know", "declined", "skip"
SEVERE_FROM = 0.9
"""Refusals grow for the worst-off tenth of responses."""
DIF_EVERY = 4


def draw_careless(pupils: int, rng: np.random.Generator) -> list[str]:
    """For each pupil "" or the way of not reading."""
    kinds = ["", *marginals.CARELESS]
    shares = [1 - sum(marginals.CARELESS.values()), *marginals.CARELESS.values()]
    return [str(kind) for kind in rng.choice(kinds, size=pupils, p=shares)]


def bend(responses: Matrix, plan: ItemPlan, position: int, conceals: Mask, newcomers: Mask) -> Matrix:
    """Responses after concealing and language: direct items lower, every fourth item shifted by language."""
    bent = responses.copy()
    if plan.direct:
        bent[conceals] -= marginals.CONCEALED_SD
    if plan.pull and position % DIF_EVERY == DIF_EVERY - 1:
        bent[newcomers] += marginals.LANGUAGE_DIF
    return bent


def draw_refusals(responses: Matrix, plan: ItemPlan, conceals: Mask, rng: np.random.Generator) -> list[str]:
    """For each pupil "" or the reserved code: more on sensitive items, when badly off, and by concealers."""
    chance = np.full(len(responses), marginals.REFUSAL)
    if plan.sensitivity != "ordinary":
        chance *= marginals.REFUSAL_SENSITIVE / 1.5  # the base rate is an average over both kinds
        normal = NormalDist()
        place = np.array([normal.cdf(float(response)) for response in responses])
        severity = np.clip((place - SEVERE_FROM) / (1 - SEVERE_FROM), 0, 1)
        chance *= 1 + (marginals.REFUSAL_SEVERE - 1) * severity
        chance[conceals] *= marginals.REFUSAL_CONCEALER
    refused = rng.random(len(responses)) < chance
    unsure = rng.random(len(responses)) < marginals.DONT_KNOW_SHARE
    return [
        ((DONT_KNOW if not_sure else DECLINED) if no else "")
        for no, not_sure in zip(refused, unsure, strict=True)
    ]


def careless_answer(plan: ItemPlan, column: float | None, rng: np.random.Generator) -> str | list[str]:
    """An answer without reading: the same place on every page (`column` 0..1), or any place."""
    if plan.kind == "multi" and column is None:
        return answer_of(plan, None, rng) if not plan.counts else _any_of(plan, rng)
    place = (
        round(column * (len(plan.options) - 1))
        if column is not None
        else int(rng.integers(len(plan.options)))
    )
    code = plan.options[place]
    return [code] if plan.kind == "multi" else code


def _any_of(plan: ItemPlan, rng: np.random.Generator) -> list[str]:
    """One tap somewhere, now and then a second one where the item allows it."""
    first = str(rng.choice(plan.options))
    second = str(rng.choice(plan.options))
    if first in plan.exclusive or second in plan.exclusive or rng.random() < 0.5:
        return [first]
    return sorted({first, second})


def seconds_of(plan: ItemPlan, grade: int, careless: bool, rng: np.random.Generator) -> float:
    """How long one answer took, to the tenth of a second."""
    stage = "elementary" if grade <= 6 else "junior_high" if grade <= 9 else "high"
    median = marginals.SECONDS_PER_ITEM[stage]
    if plan.kind == "multi":
        median *= 1.4
    if plan.kind == "text":
        median *= 4.0
    if careless:
        median *= 0.25
    return round(float(median * np.exp(rng.normal(0.0, 0.45))), 1)
