"""Do the items of a subscale speak of one thing? Cronbach's α and McDonald's ω, with intervals, by group.

Of those who answered every item. ω comes from one common factor: (Σ loading)² over (Σ loading)² + Σ what is left.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scoring.lab.cohort import Cohort, LabMistake, Mask, Numbers
from scoring.lab.measures import Estimate

FEWEST = 60
"""People with a complete subscale below which no figure is given."""
RESAMPLES = 200
STEPS = 60
LOWEST_OMEGA = 0.70


@dataclass(frozen=True)
class Reliability:
    """One subscale in one group. `people` answered all of it."""

    subscale: str
    group: str
    value: str
    people: int
    alpha: Estimate
    omega: Estimate

    @property
    def too_low(self) -> bool:
        """The whole interval of ω lies below what a mean may rest on: merge or drop."""
        return self.omega.high < LOWEST_OMEGA


def alpha_of(covariance: Numbers) -> Numbers:
    """Cronbach's α of each covariance matrix in a stack (… × items × items)."""
    items = covariance.shape[-1]
    total = covariance.sum(axis=(-2, -1))
    own = np.trace(covariance, axis1=-2, axis2=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Numbers = np.where(total > 0, items / (items - 1) * (1 - own / total), np.nan)
    return found


def omega_of(covariance: Numbers) -> Numbers:
    """McDonald's ω of each covariance matrix in a stack: one factor by principal axes.

    Two items cannot carry a factor of their own: α is given for them.
    """
    if covariance.shape[-1] < 3:
        return alpha_of(covariance)
    own = np.diagonal(covariance, axis1=-2, axis2=-1)
    places = np.arange(covariance.shape[-1])
    reduced = covariance.copy()
    shared = 0.5 * own
    loading = np.zeros_like(own)
    for _ in range(STEPS):
        reduced[..., places, places] = shared
        values, vectors = np.linalg.eigh(reduced)
        loading = vectors[..., -1] * np.sqrt(np.maximum(values[..., -1:], 0))
        shared = np.clip(loading**2, 0, own)
    common = np.abs(loading.sum(axis=-1)) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Numbers = common / (common + (own - shared).sum(axis=-1))
    return found


def reliability(answers: Numbers, seed: int = 0, resamples: int = RESAMPLES) -> tuple[Estimate, Estimate]:
    """(α, ω) of (people × items) with bootstrap intervals over people. LabMistake below FEWEST people."""
    size, items = answers.shape
    if size < FEWEST:
        raise LabMistake(f"reliability: そろった回答が{size}人分です。{FEWEST}人分以上が要ります")
    if items < 2:
        raise LabMistake("reliability: 尺度には質問が2つ以上要ります")
    drawn = np.random.default_rng(seed).multinomial(size, np.full(size, 1 / size), size=resamples)
    weights = np.vstack([np.ones((1, size)), drawn]) / size
    mean = weights @ answers
    products = (answers[:, :, None] * answers[:, None, :]).reshape(size, -1)
    covariance = (weights @ products).reshape(-1, items, items) - mean[:, :, None] * mean[:, None, :]
    return _estimate(alpha_of(covariance)), _estimate(omega_of(covariance))


def by_group(cohort: Cohort, subscales: Mapping[str, Sequence[str]], seed: int = 0) -> list[Reliability]:
    """Every subscale over everybody and in each group with enough complete sheets."""
    found = []
    for name, items in subscales.items():
        places = [cohort.items.index(item) for item in items]
        answers = cohort.levels[:, places].astype(np.float64)
        complete: Mask = np.all(answers >= 0, axis=1, keepdims=True)[:, 0]
        for group, value, members in _groups(cohort):
            rows = complete & members
            if rows.sum() >= FEWEST:
                alpha, omega = reliability(answers[rows], seed)
                if not np.isfinite([alpha.value, omega.value]).all():
                    continue  # everybody of this group answered alike
                found.append(Reliability(name, group, value, int(rows.sum()), alpha, omega))
    return found


def _groups(cohort: Cohort) -> Iterator[tuple[str, str, Mask]]:
    yield "everybody", "", np.ones(len(cohort), dtype=bool)
    for group, values in cohort.groups.items():
        words = np.array([str(each) for each in values], dtype=object)
        for value in sorted(set(words)):
            yield group, value, words == value


def _estimate(drawn: Numbers) -> Estimate:
    """The first is the figure, the others were drawn again; nan where nothing varies."""
    again = drawn[1:][np.isfinite(drawn[1:])]
    low, high = np.percentile(again, [2.5, 97.5]) if len(again) else (np.nan, np.nan)
    return Estimate(float(drawn[0]), float(low), float(high))
