"""From a score to a share that means what it says: Platt's line with few cases, isotonic steps with many.

The raw score keeps ranking (steps make ties); the calibrated share is for cut-offs and for people who plan.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression

from scoring import calibration as declared
from scoring.calibration import ISOTONIC_FROM
from scoring.lab.cohort import LabMistake, Mask, Numbers
from scoring.lab.folds import Split

KNOTS = 12
"""At most so many knots are declared: a person must be able to read them."""


@dataclass(frozen=True)
class Calibration:
    """Knots of a rising line from score to share; outside the first and last knot it stays level."""

    kind: str
    """"platt" or "isotonic"."""
    score: Numbers
    share: Numbers

    def shares(self, scores: Numbers) -> Numbers:
        """Expected share of people with the outcome at each score."""
        if self.kind == "platt":
            base, slope = self.share
            return np.asarray(expit(base + slope * scores), dtype=np.float64)
        return np.asarray(np.interp(scores, self.score, self.share), dtype=np.float64)


def to_declare(found: Calibration, cases: int) -> declared.Calibration:
    """What is fitted, in the few digits that a person signs."""
    if found.kind == "platt":
        base, slope = (float(f"{value:.5g}") for value in found.share)
        return declared.Calibration("platt", cases, base, max(slope, 1e-5))
    kept = np.unique(np.linspace(0, len(found.score) - 1, KNOTS).round().astype(int))
    knots: dict[float, float] = {}
    for place in kept:
        knots[round(float(found.score[place]), 2)] = round(float(found.share[place]), 4)
    return declared.Calibration("isotonic", cases, knots=tuple(sorted(knots.items())))


def calibrate(scores: Numbers, label: Mask, weights: Numbers | None = None) -> Calibration:
    """Fit on people whose outcome is known; `weights` correct unequal chances of having been reviewed."""
    if not len(scores):
        raise LabMistake("calibration: 結果の分かっている人がいません")
    if label.all() or not label.any():
        raise LabMistake("calibration: 結果が一種類しかありません")
    if not np.isfinite(scores).all():
        raise LabMistake("calibration: 点に、有限の数でないものがあります")
    given = np.ones(len(scores)) if weights is None else weights
    if label.sum() < ISOTONIC_FROM:
        base, slope = _platt(scores, label, given)
        return Calibration("platt", np.zeros(0), np.array([base, slope]))
    steps = IsotonicRegression(out_of_bounds="clip").fit(
        scores, label.astype(np.float64), sample_weight=given
    )
    return Calibration("isotonic", np.asarray(steps.X_thresholds_), np.asarray(steps.y_thresholds_))


def cross_calibrated(scores: Numbers, label: Mask, splits: list[Split]) -> Numbers:
    """Shares for everybody, each from a calibration that has not seen that person's cluster."""
    found = np.empty(len(scores))
    for train, test in splits:
        found[test] = calibrate(scores[train], label[train]).shares(scores[test])
    return found


def in_the_large(label: Mask, shares: Numbers, weights: Numbers | None = None) -> float:
    """Observed ÷ expected: 1 when as many were found as announced."""
    expected = float(np.average(shares, weights=weights))
    return float(np.average(label, weights=weights)) / expected if expected else float("nan")


def _platt(scores: Numbers, label: Mask, weights: Numbers) -> tuple[float, float]:
    """Base and slope (never falling) of log-odds on the score, by weighted likelihood."""
    middle, spread = float(scores.mean()), float(scores.std()) or 1.0
    place = (scores - middle) / spread
    target = label.astype(np.float64)
    rate = float(np.average(target, weights=weights))

    def loss(values: Numbers) -> tuple[float, Numbers]:
        line = values[0] + values[1] * place
        residual = weights * (expit(line) - target)
        value = float(weights @ (np.logaddexp(0.0, line) - target * line))
        return value, np.array([residual.sum(), residual @ place])

    start = np.array([np.log(rate / (1 - rate)), 1.0])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(None, None), (0.0, None)]).x
    slope = float(found[1]) / spread
    return float(found[0]) - slope * middle, slope
