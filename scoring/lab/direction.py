"""Does each item point the way it was declared? The sign of its association with the outcome, with an interval.

A wrong direction costs more than any choice of method, and a table that can only add cannot repair it. Items
whose interval excludes the declared sign are named; a person turns them or takes them out.
"""

from dataclasses import dataclass

import numpy as np

from scoring.lab.cohort import Cohort, Numbers, require_usable

RESAMPLES = 400
AS_DECLARED, UNCLEAR, AGAINST = "as declared", "unclear", "against"


@dataclass(frozen=True)
class Direction:
    """Correlation of an item's level with the outcome among those who answered it, 95 % interval."""

    item: str
    correlation: float
    low: float
    high: float
    answered: int

    @property
    def verdict(self) -> str:
        if self.high < 0:
            return AGAINST
        return AS_DECLARED if self.low > 0 else UNCLEAR


def directions(cohort: Cohort, resamples: int = RESAMPLES, seed: int = 0) -> list[Direction]:
    """Every item, in order; intervals from drawing whole clusters again."""
    require_usable(cohort)
    _, cluster = np.unique(cohort.cluster, return_inverse=True)
    sums = _sums_by_cluster(cohort, cluster)
    rng = np.random.default_rng(seed)
    size = sums.shape[0]
    draws = rng.multinomial(size, np.full(size, 1 / size), size=resamples).astype(np.float64)
    whole = _correlations(sums.sum(axis=0))
    again = _correlations(np.einsum("rc,cis->ris", draws, sums))
    again[:, ~np.isfinite(whole)] = 0  # left out below
    low, high = np.nanpercentile(again, [2.5, 97.5], axis=0)
    answered = (cohort.levels >= 0).sum(axis=0)
    return [
        Direction(item, float(whole[place]), float(low[place]), float(high[place]), int(answered[place]))
        for place, item in enumerate(cohort.items)
        if np.isfinite(whole[place])
    ]


def against(cohort: Cohort, seed: int = 0) -> list[str]:
    """Items that the data reliably contradict."""
    return [each.item for each in directions(cohort, seed=seed) if each.verdict == AGAINST]


def _sums_by_cluster(cohort: Cohort, cluster: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Numbers:
    """(clusters × items × 5): people, Σx, Σx², Σy, Σxy over those who answered."""
    answered = cohort.levels >= 0
    level = np.where(answered, cohort.levels, 0).astype(np.float64)
    case = cohort.label[:, None].astype(np.float64)
    parts = (answered.astype(np.float64), level, level**2, answered * case, level * case)
    sums = np.zeros((int(cluster.max()) + 1, len(cohort.items), len(parts)))
    for place, part in enumerate(parts):
        np.add.at(sums[:, :, place], cluster, part)
    return sums


def _correlations(sums: Numbers) -> Numbers:
    """Pearson's r from the five sums in the last axis; nan where nothing varies."""
    people, x, xx, y, xy = (sums[..., place] for place in range(5))
    with np.errstate(divide="ignore", invalid="ignore"):
        together = xy - x * y / people
        spread = (xx - x**2 / people) * (y - y**2 / people)
        found: Numbers = np.where(spread > 0, together / np.sqrt(spread), np.nan)
    return found
