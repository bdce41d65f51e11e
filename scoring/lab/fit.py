"""The monotone additive points table: non-negative logistic weights on thermometer codes, pulled to a prior.

Penalised likelihood: Σ log-loss + λ/2 · |w − w₀|², w ≥ 0. The centre w₀ is the table the experts wrote, brought
to the scale of log-odds by one slope. With few cases λ is strong and the experts speak; it falls as outcomes of
audited children come in. λ → ∞ gives the experts' own order back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import spearmanr

from scoring.lab.cohort import REFUSED, Cohort, LabMistake, Levels, Numbers, require_usable
from scoring.lab.thermometer import FILL, Thermometer, steps_of, thermometer_of

STRONGEST, WEAKEST = 30.0, 2.0
FULL_UNTIL = 250
"""Cases up to which the prior keeps its full strength: below about that many, experts beat every fit."""

STRETCHES = (1.0, 1.5, 2.0, 3.0)

Points = Mapping[str, Sequence[float]]
"""item → points per level, best first"""


@dataclass(frozen=True)
class PointsTable:
    """score = base + Σ points of the answers; a refusal or an absent answer adds its declared share."""

    worst: Mapping[str, int]
    base: float
    points: Mapping[str, Numbers]
    mean: Mapping[str, float]
    fill: float = FILL
    unit: float = 1.0
    """Points for one unit of log-odds."""

    def contributions(self, levels: Levels) -> Numbers:
        """(people × items): what each answer adds. The rows add up to score − base, nothing else does."""
        found = np.empty(levels.shape)
        for column, item in enumerate(self.worst):
            points, mean = np.asarray(self.points[item]), self.mean[item]
            answers = levels[:, column]
            found[:, column] = np.where(answers >= 0, points[np.maximum(answers, 0)], mean)
            found[answers == REFUSED, column] = mean + self.fill * (points.max() - mean)
        return found

    def scores(self, levels: Levels) -> Numbers:
        total: Numbers = self.base + self.contributions(levels).sum(axis=1)
        return total

    def scaled(self, factor: float, digits: int | None = None) -> "PointsTable":
        """The same order in other units; rounded to `digits` when given, still monotone."""

        def worth(value: float) -> float:
            return value * factor if digits is None else round(value * factor, digits)

        points = {
            item: np.array([worth(float(each)) for each in values]) for item, values in self.points.items()
        }
        mean = {item: worth(value) for item, value in self.mean.items()}
        return replace(self, base=worth(self.base), points=points, mean=mean, unit=self.unit * factor)

    @property
    def largest(self) -> float:
        """The most that one item can add."""
        return max((float(values.max()) for values in self.points.values()), default=0.0)


def strength_for(cases: int) -> float:
    """λ for so many known cases: full up to FULL_UNTIL, then falling as 1/cases², never quite gone."""
    return float(np.clip(STRONGEST * (FULL_UNTIL / max(cases, 1)) ** 2, WEAKEST, STRONGEST))


def fit_table(
    cohort: Cohort,
    prior: Points | None = None,
    strength: float | None = None,
    weights: Numbers | None = None,
    fill: float = FILL,
) -> PointsTable:
    """The points table of a cohort, in log-odds.

    `prior`: points per item and level as the experts wrote them (None: no opinion, the centre is 0).
    `strength`: λ, default by the number of cases. `weights`: one per person, for unequal chances of review.
    LabMistake when nothing can be learned.
    """
    require_usable(cohort, clusters=1)
    given = _checked(cohort, weights)
    code = thermometer_of(cohort.worst, cohort.levels, fill)
    codes = code.codes(cohort.levels)
    centre = np.zeros(code.width) if prior is None else _centre(cohort, code, codes, prior, given)
    pull = strength_for(cohort.cases) if strength is None else strength
    base, steps = _minimise(codes, cohort.label.astype(np.float64), given, centre, pull)
    return _table(code, base, steps)


def expert_table(cohort: Cohort, prior: Points, fill: float = FILL) -> PointsTable:
    """The experts' points as they stand, with the means of this cohort."""
    code = thermometer_of(cohort.worst, cohort.levels, fill)
    return _table(code, 0.0, steps_of(cohort.worst, prior))


def whole_points(table: PointsTable, levels: Levels, largest: int = 12) -> PointsTable:
    """Whole numbers, at most `largest` for one answer: a card that can be added up in the head.

    Among a few units the one that keeps the order of these people best; an item that would go past `largest`
    stops there, so that one rare answer does not make all others too small to count.
    """
    top = table.largest
    if not top:
        return table
    exact = table.scores(levels)
    cards = [_card(table, largest * stretch / top, largest) for stretch in STRETCHES]
    return max(cards, key=lambda card: _agreement(exact, card.scores(levels)))


def _card(table: PointsTable, factor: float, largest: int) -> PointsTable:
    card = table.scaled(factor, digits=0)
    points = {item: np.minimum(values, largest) for item, values in card.points.items()}
    mean = {item: min(value * factor, float(points[item].max())) for item, value in table.mean.items()}
    return replace(card, points=points, mean=mean)


def _agreement(exact: Numbers, card: Numbers) -> float:
    """Rank correlation (Spearman): only the order of people counts."""
    return float(spearmanr(exact, card).statistic) if card.std() else -1.0


def _checked(cohort: Cohort, weights: Numbers | None) -> Numbers:
    if weights is None:
        return np.ones(len(cohort))
    if len(weights) != len(cohort) or not np.isfinite(weights).all() or (weights < 0).any():
        raise LabMistake("weights: 一人に1つ、0以上の有限の数が要ります")
    return np.asarray(weights, dtype=np.float64)


def _centre(cohort: Cohort, code: Thermometer, codes: Numbers, prior: Points, weights: Numbers) -> Numbers:
    """The experts' steps on the scale of log-odds: one slope, never negative, by weighted likelihood."""
    steps = steps_of(code.worst, prior)
    if (steps < 0).any():
        raise LabMistake("prior: 悪い答えの点が、よい答えの点より低くなっています")
    single = (codes @ steps)[:, None]
    spread = float(single.std())
    if not spread:
        return np.zeros(code.width)
    _, slope = _minimise(single / spread, cohort.label.astype(np.float64), weights, np.zeros(1), 1e-6)
    centre: Numbers = steps * (slope[0] / spread)
    return centre


def _minimise(
    codes: Numbers, label: Numbers, weights: Numbers, centre: Numbers, pull: float
) -> tuple[float, Numbers]:
    """(base, steps ≥ 0) that minimise the penalised weighted log-loss; L-BFGS-B with exact gradient."""
    rate = float(np.average(label, weights=weights))

    def loss(values: Numbers) -> tuple[float, Numbers]:
        base, steps = values[0], values[1:]
        score = base + codes @ steps
        away = steps - centre
        residual = weights * (expit(score) - label)
        value = weights @ (np.logaddexp(0.0, score) - label * score) + 0.5 * pull * (away @ away)
        return float(value), np.concatenate([[residual.sum()], codes.T @ residual + pull * away])

    start = np.concatenate([[np.log(rate / (1 - rate)) - codes.mean(axis=0) @ centre], centre])
    bounds = [(None, None), *[(0.0, None)] * codes.shape[1]]
    found = minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 2000, "ftol": 1e-10}
    )
    return float(found.x[0]), np.asarray(found.x[1:])


def _table(code: Thermometer, base: float, steps: Numbers) -> PointsTable:
    points = code.split(steps)
    mean = {
        item: float(share @ steps[place])
        for item, place, share in zip(code.worst, code.places(), code.means, strict=True)
    }
    return PointsTable(dict(code.worst), base, points, mean, code.fill)
