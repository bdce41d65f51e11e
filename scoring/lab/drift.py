"""Has the world moved away from the numbers? Answers item by item, how often rules fire, whether shares hold."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from scoring.lab.cohort import REFUSED, Cohort, LabMistake, Levels, Mask, Numbers
from scoring.lab.measures import Estimate, wilson

MOVED, MOVED_MUCH = 0.1, 0.25
"""Population stability index: below the first nothing to see, above the second look before the next wave."""
FLOOR = 0.5
"""People added to each cell, so that an empty one does not make the index infinite."""


@dataclass(frozen=True)
class Shift:
    """How differently one item is answered, refusals counted as an answer of their own."""

    item: str
    psi: float

    @property
    def verdict(self) -> str:
        if self.psi >= MOVED_MUCH:
            return "moved much"
        return "moved" if self.psi >= MOVED else "steady"


@dataclass(frozen=True)
class FireRate:
    """How often a rule fired, beside what its owner expects."""

    rule: str
    rate: Estimate
    expected: tuple[float, float]

    @property
    def alarm(self) -> bool:
        return self.rate.high < self.expected[0] or self.rate.low > self.expected[1]


def shifts(before: Cohort, now: Cohort) -> list[Shift]:
    """Every item that both waves asked, most moved first. LabMistake when its levels differ."""
    found = []
    for item, worst in now.worst.items():
        if item not in before.worst:
            continue
        if before.worst[item] != worst:
            raise LabMistake(f"items.{item}: 二つの回で選択肢の段がちがいます")
        then = _shares(before.levels[:, before.items.index(item)], worst)
        later = _shares(now.levels[:, now.items.index(item)], worst)
        found.append(Shift(item, float(((later - then) * np.log(later / then)).sum())))
    if not found:
        raise LabMistake("drift: 二つの回に同じ質問がありません")
    return sorted(found, key=lambda shift: -shift.psi)


def fire_rates(fired: Mapping[str, Mask], expected: Mapping[str, tuple[float, float]]) -> list[FireRate]:
    """Each rule's rate with Wilson's interval. LabMistake for a rule nobody declared."""
    found = []
    for rule, hits in fired.items():
        if rule not in expected:
            raise LabMistake(f"rules.{rule}: 想定の割合が書かれていません")
        found.append(FireRate(rule, wilson(int(hits.sum()), len(hits)), expected[rule]))
    return found


def in_the_large(label: Mask, shares: Numbers) -> Estimate:
    """Observed ÷ expected over everybody, exact interval of the count."""
    expected, observed = float(shares.sum()), int(label.sum())
    if not expected:
        raise LabMistake("drift: 結果の見込まれる人がいないので、くらべられません")
    low = float(chi2.ppf(0.025, 2 * observed)) / 2 if observed else 0.0
    high = float(chi2.ppf(0.975, 2 * (observed + 1))) / 2
    return Estimate(observed / expected, low / expected, high / expected)


def _shares(levels: Levels, worst: int) -> Numbers:
    asked = levels[levels >= REFUSED]
    counts = np.array([(asked == level).sum() for level in range(int(REFUSED), worst + 1)]) + FLOOR
    shares: Numbers = counts / counts.sum()
    return shares
