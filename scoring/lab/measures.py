"""How well an order finds those it should find, and whether a probability means what it says, with intervals."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import roc_auc_score

from scoring.lab.cohort import Mask, Names, Numbers

RESAMPLES = 200
BINS = 10


@dataclass(frozen=True)
class Estimate:
    """A number with its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def auroc(label: Mask, score: Numbers) -> float:
    """Chance that a person with the outcome stands above one without; nan when one of them is missing."""
    return float(roc_auc_score(label, score)) if 0 < label.sum() < len(label) else float("nan")


def top_share(score: Numbers, share: float) -> Mask:
    """The highest `share` of people, exactly that many; ties are broken by position, as in a list."""
    listed = np.zeros(len(score), dtype=bool)
    listed[np.argsort(-score, kind="stable")[: round(share * len(score))]] = True
    return listed


def recall(label: Mask, listed: Mask) -> float:
    """Share of those with the outcome who are listed; nan without any."""
    return float(listed[label].mean()) if label.any() else float("nan")


def calibration_error(label: Mask, probability: Numbers, bins: int = BINS) -> float:
    """Expected calibration error: mean |predicted − observed| over groups of equal size."""
    parts = np.array_split(np.argsort(probability, kind="stable"), bins)
    gaps = [
        abs(float(probability[part].mean() - label[part].mean())) * len(part) for part in parts if len(part)
    ]
    return sum(gaps) / len(label)


def wilson(found: int, of: int) -> Estimate:
    """A share with Wilson's 95 % interval; nan when nobody could count."""
    if not of:
        return Estimate(float("nan"), 0.0, 1.0)
    z, share = 1.959964, found / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * np.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return Estimate(share, float(max(0.0, middle - half)), float(min(1.0, middle + half)))


def bootstrap(
    statistic: Callable[[np.ndarray[tuple[int], np.dtype[np.intp]]], float],
    cluster: Names,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Estimate:
    """`statistic` of row numbers, its interval from drawing whole clusters with replacement."""
    _, codes = np.unique(cluster, return_inverse=True)
    order = np.argsort(codes, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(codes))[:-1])
    rng = np.random.default_rng(seed)
    drawn = [
        statistic(np.concatenate([members[each] for each in rng.integers(len(members), size=len(members))]))
        for _ in range(resamples)
    ]
    low, high = np.nanpercentile(drawn, [2.5, 97.5]) if np.isfinite(drawn).any() else (np.nan, np.nan)
    return Estimate(statistic(np.arange(len(codes))), float(low), float(high))
