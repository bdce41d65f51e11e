"""Cut-offs from what people can do: so many conversations, so many expected to be found, so many expected missed.

A cut never stands in the middle of equal scores: whoever scores like the last one listed is listed too. Fewer
conversations always list a part of those listed with more.
"""

from dataclasses import dataclass

import numpy as np

from scoring.lab.cohort import LabMistake, Mask, Numbers


@dataclass(frozen=True)
class Capacity:
    """What a school may expect when it has room for `asked` conversations."""

    asked: int
    listed: int
    cut: float
    """The lowest score that is listed."""
    found: float
    missed: float

    @property
    def precision(self) -> float:
        """Expected share of those listed who need support."""
        return self.found / self.listed if self.listed else float("nan")


def listed_at(scores: Numbers, conversations: int) -> Mask:
    """The `conversations` highest scores and everybody who scores like the last of them."""
    if conversations < 0:
        raise LabMistake("capacity: 話を聞ける人数は0以上にしてください")
    if conversations == 0 or not len(scores):
        return np.zeros(len(scores), dtype=bool)
    place = min(conversations, len(scores)) - 1
    listed: Mask = scores >= np.sort(scores)[::-1][place]
    return listed


def at_capacity(scores: Numbers, shares: Numbers, conversations: int) -> Capacity:
    """`shares`: calibrated chance of each person, from which found and missed are summed."""
    if not np.isfinite(scores).all() or not np.isfinite(shares).all():
        raise LabMistake("capacity: 点か見込みに、有限の数でないものがあります")
    listed = listed_at(scores, conversations)
    cut = float(scores[listed].min()) if listed.any() else float("inf")
    found = float(shares[listed].sum())
    return Capacity(conversations, int(listed.sum()), cut, found, float(shares.sum()) - found)


def capacities(
    scores: Numbers, shares: Numbers, steps: tuple[float, ...] = (0.02, 0.05, 0.1, 0.15, 0.2)
) -> list[Capacity]:
    """The same for several shares of all people."""
    return [at_capacity(scores, shares, max(1, round(step * len(scores)))) for step in steps]
