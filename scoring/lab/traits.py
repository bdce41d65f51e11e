"""What simulated pupils are like: eight correlated traits, who conceals, and what is true of each of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from scoring.lab import marginals

TRAITS = ("care", "neglect", "safety", "poverty", "mood", "bullying", "belonging", "fatigue")
"""Every trait is a standard normal where higher = worse; `belonging` is the lack of it."""

CORRELATION = np.array(
    [
        # care neglect safety poverty mood bullying belonging fatigue
        [1.0, 0.3, 0.2, 0.3, 0.25, 0.1, 0.15, 0.4],
        [0.3, 1.0, 0.5, 0.5, 0.3, 0.15, 0.3, 0.3],
        [0.2, 0.5, 1.0, 0.3, 0.45, 0.2, 0.3, 0.25],
        [0.3, 0.5, 0.3, 1.0, 0.2, 0.15, 0.2, 0.2],
        [0.25, 0.3, 0.45, 0.2, 1.0, 0.4, 0.6, 0.5],
        [0.1, 0.15, 0.2, 0.15, 0.4, 1.0, 0.5, 0.2],
        [0.15, 0.3, 0.3, 0.2, 0.6, 0.5, 1.0, 0.3],
        [0.4, 0.3, 0.25, 0.2, 0.5, 0.2, 0.3, 1.0],
    ]
)
"""Assumed, .1 to .6."""

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SimulatedPupil:
    """Who is asked: `key` is any name the caller uses for the pupil; it stays the same between waves."""

    key: str
    grade: int
    sex: str = ""
    home_language: str = "ja"


@dataclass(frozen=True, slots=True)
class Truth:
    """What is so, whatever was answered. Simulated: it is no finding about any child."""

    carer: bool
    heavy_carer: bool
    neglect: bool
    harm: bool
    acute_mood: bool
    conceals: bool
    careless: str
    """"", "straight", "random" or "late"."""

    @property
    def in_need(self) -> bool:
        """The label the lab learns from: heavy carer, neglect, harm or acute distress."""
        return self.heavy_carer or self.neglect or self.harm or self.acute_mood


@dataclass(frozen=True)
class State:
    """What a wave leaves for the next one: traits, who conceals, and each pupil's own way with each item."""

    wave_no: int
    traits: Mapping[str, tuple[float, ...]]
    conceals: Mapping[str, bool]
    habits: Mapping[str, Mapping[str, float]]
    """item → pupil's key → what no trait explained of that answer"""


def draw_traits(pupils: Sequence[SimulatedPupil], previous: State | None, rng: np.random.Generator) -> Matrix:
    """(pupils × 8) traits: new pupils fresh, known pupils carried on (AR(1), each trait its own persistence)."""
    fresh = rng.standard_normal((len(pupils), len(TRAITS))) @ np.linalg.cholesky(CORRELATION).T
    fresh[:, TRAITS.index("mood")] += [marginals.GIRLS_MOOD * (pupil.sex == "f") for pupil in pupils]
    fresh[:, TRAITS.index("poverty")] += [
        marginals.NEWCOMER_POVERTY * (pupil.home_language != "ja") for pupil in pupils
    ]
    if previous is None:
        return fresh
    rho = np.array([marginals.PERSISTENCE[trait] for trait in TRAITS])
    rows = [
        (row, previous.traits[pupil.key]) for row, pupil in enumerate(pupils) if pupil.key in previous.traits
    ]
    for row, before in rows:
        fresh[row] = rho * np.array(before) + np.sqrt(1 - rho**2) * fresh[row]
    return fresh


def draw_noise(
    item: str, pupils: Sequence[SimulatedPupil], previous: State | None, rng: np.random.Generator
) -> Matrix:
    """(pupils,) what no trait explains of one item: partly as at the wave before, for those who were asked it."""
    fresh = rng.standard_normal(len(pupils))
    before = previous.habits.get(item, {}) if previous else {}
    for row, pupil in enumerate(pupils):
        if pupil.key in before:
            kept = marginals.HABIT
            fresh[row] = kept * before[pupil.key] + np.sqrt(1 - kept**2) * fresh[row]
    return fresh


def draw_concealers(
    pupils: Sequence[SimulatedPupil], previous: State | None, rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """Who answers sensitive items lower than they live; a pupil keeps this from wave to wave."""
    drawn = rng.random(len(pupils)) < marginals.CONCEALERS
    known = previous.conceals if previous else {}
    return np.array([known.get(pupil.key, bool(fresh)) for pupil, fresh in zip(pupils, drawn, strict=True)])


def truths(
    pupils: Sequence[SimulatedPupil],
    traits: Matrix,
    conceals: npt.NDArray[np.bool_],
    careless: Sequence[str],
) -> list[Truth]:
    """Cut each trait where the declared share of pupils lies above."""
    care, neglect, safety, mood = (
        traits[:, TRAITS.index(name)] for name in ("care", "neglect", "safety", "mood")
    )
    found = []
    for row, pupil in enumerate(pupils):
        share = marginals.carer_share(pupil.grade)
        found.append(
            Truth(
                carer=bool(care[row] > _above(share)),
                heavy_carer=bool(care[row] > _above(share * marginals.HEAVY_AMONG_CARERS)),
                neglect=bool(neglect[row] > _above(marginals.NEGLECT)),
                harm=bool(safety[row] > _above(marginals.HARM)),
                acute_mood=bool(mood[row] > _above(marginals.ACUTE_MOOD) + marginals.GIRLS_MOOD / 2),
                conceals=bool(conceals[row]),
                careless=careless[row],
            )
        )
    return found


def _above(share: float) -> float:
    return NormalDist().inv_cdf(1 - share)
