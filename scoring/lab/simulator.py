"""Simulated children: correlated hidden burdens, graded answers, refusals that are not at random.

Everything that comes out is invented and must be labelled as simulated wherever it is shown. The shape follows
the published marginals that were read in retrieved text (carers: 小6 6.5 %, 中2 5.7 %, 高2 4.1 %); every other
share below is an assumption, stated where it stands. Works for any bank, from its content alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray
from scipy.stats import norm

TRAITS = ("care", "neglect", "safety", "mood", "bullying", "fatigue")
CORRELATION = 0.35
"""Assumption: burdens go together (published correlations of adversities lie between .1 and .6)."""
PERSISTENCE = 0.75
"""Assumption: share of a burden that carries over to the next wave."""
LOADING = 0.75
"""Assumption: how much of an answer is the burden, the rest is the day."""

TRAIT_OF: Mapping[str, str] = {
    "meals": "neglect", "hygiene": "neglect", "health": "neglect", "money": "neglect", "night": "neglect",
    "safety": "safety", "violence": "safety", "care": "care", "mood": "mood", "confide": "mood",
    "belonging": "bullying", "bullying": "bullying", "sleep": "fatigue", "wish": "mood",
}  # fmt: skip
ORDINARY = (0.26, 0.07, 0.02, 0.006, 0.002)
"""Assumption: share of children at or above each worse level of an ordinary item."""
SENSITIVE = (0.06, 0.012, 0.004, 0.002, 0.001)
ACUTE = (0.014, 0.003, 0.0015, 0.0007, 0.0003)
WISH = (0.05, 0.008, 0.004, 0.002, 0.001)
CARERS: Mapping[int, float] = {6: 0.065, 8: 0.057, 11: 0.041}
"""小6, 中2, 高2 as published; other grades are interpolated."""
CARELESS = 0.02
CONCEALERS = 0.15
REFUSAL = 0.012
TEXT_SHARE = 0.05
TEXT_HIT_AMONG_BURDENED = 0.4

HARMLESS = (
    "きゅうしょくが おいしいです",
    "部活が楽しいです",
    "とくにありません",
    "来週の遠足が楽しみ",
    "ねむいです",
    "犬をかいたい",
)
TROUBLED = (
    "いえに かえりたくない",
    "もう消えたいと思うことがある",
    "お母さんにたたかれた",
    "ごはんがないときがある",
)


@dataclass(frozen=True)
class SimulatedSheet:
    """One simulated child's answers, and what is true of it (never stored by the product)."""

    answers: dict[str, Any]
    seconds: dict[str, float]
    burden: dict[str, float]


def burdens(count: int, rng: Generator, previous: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """Hidden burdens, one row per child, one column per trait; AR(1) when there is a previous wave."""
    shared = rng.standard_normal((count, 1))
    own = rng.standard_normal((count, len(TRAITS)))
    fresh: NDArray[np.float64] = np.sqrt(CORRELATION) * shared + np.sqrt(1 - CORRELATION) * own
    if previous is None:
        return fresh
    later: NDArray[np.float64] = PERSISTENCE * previous + np.sqrt(1 - PERSISTENCE**2) * fresh
    return later


def carer_share(grade: int) -> float:
    """Share of children who care for somebody, by grade 1..12."""
    return float(np.interp(grade, sorted(CARERS), [CARERS[known] for known in sorted(CARERS)]))


def simulate_child(
    bank: Any, content: Mapping[str, Any], grade: int, burden: NDArray[np.float64], rng: Generator
) -> SimulatedSheet:
    """One child of this grade walks through the bank. `bank` decides the path (its `path(answers)`)."""
    hidden = dict(zip(TRAITS, burden, strict=True))
    careless, conceals = rng.random() < CARELESS, rng.random() < CONCEALERS
    carer = bool(norm.cdf(hidden["care"]) > 1 - carer_share(grade))
    answers: dict[str, Any] = {}
    seconds: dict[str, float] = {}
    items, scoring = content["bank"]["items"], content["scoring"]["items"]
    for place in range(len(bank.screens)):
        item_id = bank.path(answers)[place].item
        if item_id is None:
            continue
        item = items[item_id]
        value = _answer(item_id, item, scoring.get(item_id), hidden, carer, conceals, careless, rng)
        if value not in (None, ""):
            answers[item_id] = value
        seconds[item_id] = round(float(rng.lognormal(0.2 if careless else 1.9, 0.4)), 1)
    return SimulatedSheet(answers, seconds, {name: float(value) for name, value in hidden.items()})


def _answer(
    item_id: str,
    item: Mapping[str, Any],
    scored: Mapping[str, Any] | None,
    hidden: Mapping[str, float],
    carer: bool,
    conceals: bool,
    careless: bool,
    rng: Generator,
) -> Any:
    if item["kind"] == "text":
        return _text(hidden, rng)
    options: Sequence[str] = item["options"]
    if item["kind"] == "multi":
        return _several(item, options, carer and not conceals, rng)
    load = hidden.get(TRAIT_OF.get(item["construct"], ""), 0.0)
    delicate = item["sensitivity"] != "ordinary"
    if rng.random() < REFUSAL * (3 if delicate else 1) * (1 + max(0.0, load)):
        return "declined" if rng.random() < 0.5 else "dont_know"
    if careless and rng.random() < 0.7:
        return options[int(rng.integers(len(options)))]
    if scored is None or "levels" not in scored:
        return options[int(rng.integers(len(options)))]
    return _graded(item, scored["levels"], load, conceals, rng)


def _graded(
    item: Mapping[str, Any], levels: Mapping[str, int], load: float, conceals: bool, rng: Generator
) -> str:
    """Graded response: burden plus the day, cut at the shares of the item's kind."""
    shares = {"ordinary": ORDINARY, "sensitive": SENSITIVE, "acute": ACUTE}[item["sensitivity"]]
    if item["construct"] == "wish":
        shares = WISH
    felt = LOADING * load + np.sqrt(1 - LOADING**2) * rng.standard_normal()
    if conceals and item["sensitivity"] != "ordinary":
        felt -= 0.8
    worst = max(levels.values())
    level = int(sum(felt > cut for cut in norm.ppf(1 - np.array(shares[:worst]))))
    fitting = [code for code, value in levels.items() if value == level]
    return fitting[int(rng.integers(len(fitting)))]


def _several(item: Mapping[str, Any], options: Sequence[str], active: bool, rng: Generator) -> list[str]:
    alone = item.get("exclusive", [])
    real = [code for code in options if code not in alone]
    if alone and not active:
        return [alone[0]]
    count = 1 + int(rng.poisson(1.0 if active else 0.3))
    return sorted(rng.choice(real, size=min(count, len(real)), replace=False).tolist())


def _text(hidden: Mapping[str, float], rng: Generator) -> str:
    if rng.random() >= TEXT_SHARE:
        return ""
    burdened = max(hidden["safety"], hidden["mood"], hidden["neglect"]) > norm.ppf(0.97)
    if burdened and rng.random() < TEXT_HIT_AMONG_BURDENED:
        return str(rng.choice(TROUBLED))
    return str(rng.choice(HARMLESS))


def generator(seed: int, *parts: int) -> Generator:
    """A generator of its own for each part of a simulation: the same seed, the same children."""
    return default_rng([seed, *parts])
