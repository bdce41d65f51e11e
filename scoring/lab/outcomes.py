"""What counselors found, and how it may be learned from when only some children were looked at.

Those the service flagged are all looked at; of the others a small random part, drawn blind to every score, goes
through the same light conversation. Learning from the flagged alone makes every share too high. Each review
carries the chance with which it came about; weighing by its inverse (stabilised and clipped) puts that right.
"""

from dataclasses import dataclass

import numpy as np

from scoring.lab.calibrate import Calibration, calibrate
from scoring.lab.cohort import Cohort, LabMistake, Levels, Mask, Numbers
from scoring.lab.fit import Points, PointsTable, fit_table
from scoring.lab.measures import Estimate, wilson

CLIP = 40.0
"""No review speaks for more than this many times the people of the most certain one."""
SEEN_WHEN_NEEDED, SEEN_WHEN_NOT = 0.85, 0.03
"""Assumed for simulated staff: share of children in need whose need is recorded after a conversation, and share
of the others for whom one is recorded by mistake."""
AUDIT_DAYS, FLAGGED_DAYS = 25.0, 8.0
"""Assumed: mean days until an outcome is written down (exponential)."""


@dataclass(frozen=True)
class Outcomes:
    """One row per child: looked at or not, with which chance, what was recorded, after how many days."""

    reviewed: Mask
    propensity: Numbers
    """Chance of having been reviewed by now, over 0 wherever `reviewed`."""
    found: Mask
    """What the counselor recorded; says nothing where nobody looked."""
    audit: Mask
    """Drawn blind, not flagged."""
    days: Numbers


def draw_audit(flagged: Mask, share: float, rng: np.random.Generator) -> Mask:
    """A random `share` of the children nobody flagged. It looks at no score."""
    if not 0 < share <= 1:
        raise LabMistake("audit: 割合は0より大きく1以下にしてください")
    drawn: Mask = ~flagged & (rng.random(len(flagged)) < share)
    return drawn


def simulate_outcomes(
    in_need: Mask,
    flagged: Mask,
    rng: np.random.Generator,
    audit_share: float = 0.05,
    after_days: float = 60.0,
) -> Outcomes:
    """Simulated staff: everybody flagged and the blind part are seen, later or sooner, with errors."""
    audit = draw_audit(flagged, audit_share, rng)
    days = rng.exponential(np.where(flagged, FLAGGED_DAYS, AUDIT_DAYS))
    reviewed = (flagged | audit) & (days <= after_days)
    written = 1 - np.exp(-after_days / np.where(flagged, FLAGGED_DAYS, AUDIT_DAYS))
    propensity = np.where(flagged, 1.0, audit_share) * written
    chance = np.where(in_need, SEEN_WHEN_NEEDED, SEEN_WHEN_NOT)
    return Outcomes(reviewed, propensity, rng.random(len(in_need)) < chance, audit, days)


def review_weights(outcomes: Outcomes) -> Numbers:
    """Stabilised inverse-propensity weights of the reviewed, mean 1, clipped at CLIP times the smallest."""
    propensity = outcomes.propensity[outcomes.reviewed]
    if not len(propensity):
        raise LabMistake("outcomes: 見た人が一人もいません")
    if not np.isfinite(propensity).all() or (propensity <= 0).any() or (propensity > 1).any():
        raise LabMistake("propensity: 見る見込みは、どの人も0より大きく1以下にしてください")
    weights = 1 / propensity
    weights = np.minimum(weights, CLIP * weights.min())
    scaled: Numbers = weights / weights.mean()
    return scaled


@dataclass(frozen=True)
class Learned:
    """A table and the line from its scores to shares, and the mean share it announces for everybody."""

    name: str
    table: PointsTable
    calibration: Calibration
    mean_share: float


def learn_from_flagged(cohort: Cohort, outcomes: Outcomes, prior: Points | None = None) -> Learned:
    """What one gets without an audit: shown to be compared with, never to be used."""
    seen = outcomes.reviewed & ~outcomes.audit
    known = cohort.labelled(outcomes.found).take(seen)
    return _learned("flagged only", cohort, known, fit_table(known, prior), None)


def learn_with_audit(cohort: Cohort, outcomes: Outcomes, prior: Points | None = None) -> Learned:
    """Points from the plain union (weights would be unstable while the audit is small), shares from weights."""
    known = cohort.labelled(outcomes.found).take(outcomes.reviewed)
    return _learned("with audit", cohort, known, fit_table(known, prior), review_weights(outcomes))


def missed_share(outcomes: Outcomes) -> tuple[int, int]:
    """(found, looked at) among children nobody flagged: what the service misses, for an interval."""
    seen = outcomes.audit & outcomes.reviewed
    return int(outcomes.found[seen].sum()), int(seen.sum())


@dataclass(frozen=True)
class Reviews:
    """What selection does to one concern: the share in need of all children, announced in three ways."""

    reviewed: int
    audited: int
    """Of them, drawn blind among those nobody flagged."""
    flagged_only: float
    """Learned from the flagged alone: too high, shown as a warning."""
    union: float
    """Learned from everybody reviewed, each counted once."""
    weighted: float
    """The same, each weighed by the inverse of the chance of having been reviewed (stabilised, clipped)."""
    missed: Estimate
    """Of the blind reviews, the share in which something was found: what the service misses."""
    speaks_for: float
    """How many equal reviews the weighted ones are worth."""


def reviews_of(
    table: PointsTable, everybody: Levels, known: Cohort, flagged: Mask, propensity: Numbers
) -> Reviews | None:
    """None when nobody was reviewed by chance alone. `flagged` and `propensity`: of the people in `known`."""
    blind = ~flagged & (propensity < propensity.max())
    if not blind.any() or not flagged.any():
        return None
    nothing = np.zeros(len(known))
    weights = review_weights(
        Outcomes(np.ones(len(known), dtype=bool), propensity, known.label, blind, nothing)
    )
    scores, everyone = table.scores(known.levels), table.scores(everybody)

    def announced(rows: Mask, given: Numbers | None) -> float:
        label = known.label[rows]
        if label.all() or not label.any():
            return float(np.average(label, weights=given))
        return float(calibrate(scores[rows], label, given).shares(everyone).mean())

    all_ = np.ones(len(known), dtype=bool)
    return Reviews(
        reviewed=len(known),
        audited=int(blind.sum()),
        flagged_only=announced(flagged, None),
        union=announced(all_, None),
        weighted=announced(all_, weights),
        missed=wilson(int(known.label[blind].sum()), int(blind.sum())),
        speaks_for=float(weights.sum() ** 2 / (weights**2).sum()),
    )


def _learned(
    name: str, cohort: Cohort, known: Cohort, table: PointsTable, weights: Numbers | None
) -> Learned:
    calibration = calibrate(table.scores(known.levels), known.label, weights)
    mean = float(calibration.shares(table.scores(cohort.levels)).mean())
    return Learned(name, table, calibration, mean)
