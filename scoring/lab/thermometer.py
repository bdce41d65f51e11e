"""Thermometer codes: one column per item and level, 1 when the answer is at least that bad.

With codes of this kind a weight that is never negative means: a worse answer never lowers the score. A missing
answer takes the average code, moved the published share (`fill`) towards the worst when it was refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from scoring.lab.cohort import REFUSED, RULED_OUT, Levels, Numbers

FILL = 0.25
"""How far from the item's mean to its worst a refusal counts. A policy, not an estimate."""


@dataclass(frozen=True)
class Thermometer:
    """The code of a set of items: `means` holds, per item, the share of people at level ≥ 1, ≥ 2, …"""

    worst: Mapping[str, int]
    means: tuple[Numbers, ...]
    fill: float = FILL

    @property
    def width(self) -> int:
        return sum(self.worst.values())

    def places(self) -> tuple[slice, ...]:
        """Which columns belong to which item."""
        ends = np.cumsum([0, *self.worst.values()])
        return tuple(slice(int(low), int(high)) for low, high in pairwise(ends))

    def codes(self, levels: Levels) -> Numbers:
        """(people × width), between 0 and 1."""
        found = np.empty((len(levels), self.width))
        for column, (place, mean) in enumerate(zip(self.places(), self.means, strict=True)):
            answers = levels[:, column]
            steps = np.arange(1, len(mean) + 1)
            block = (answers[:, None] >= steps).astype(np.float64)
            block[answers < 0] = mean
            block[answers == REFUSED] = mean + self.fill * (1 - mean)
            found[:, place] = block
        return found

    def split(self, weights: Numbers) -> dict[str, Numbers]:
        """Weights per column → points per item and level, level 0 first."""
        return {
            item: np.concatenate([[0.0], np.cumsum(weights[place])])
            for item, place in zip(self.worst, self.places(), strict=True)
        }


def thermometer_of(worst: Mapping[str, int], levels: Levels, fill: float = FILL) -> Thermometer:
    """Averages taken from these people. A question that was ruled out counts there as its best answer."""
    means = []
    for column, top in enumerate(worst.values()):
        answers = levels[:, column]
        known = answers[(answers >= 0) | (answers == RULED_OUT)]
        steps = np.arange(1, top + 1)
        share = (known[:, None] >= steps).mean(axis=0) if len(known) else np.zeros(top)
        means.append(np.asarray(share, dtype=np.float64))
    return Thermometer(dict(worst), tuple(means), fill)


def steps_of(worst: Mapping[str, int], points: Mapping[str, Sequence[float]]) -> Numbers:
    """Points per item and level → one weight per column; an item without points gets none."""
    steps = [
        np.diff(np.asarray(points[item], dtype=np.float64)) if item in points else np.zeros(top)
        for item, top in worst.items()
    ]
    return np.concatenate(steps) if steps else np.zeros(0)
