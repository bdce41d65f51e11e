"""Everything a person needs before signing a table, as plain data: page and model card are drawn from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from scoring.lab import direction, drift, fairness, reliability
from scoring.lab.calibrate import Calibration, calibrate, cross_calibrated
from scoring.lab.challenger import FREE, monotone_trees, out_of_fold
from scoring.lab.cohort import Cohort, Mask, Names, Numbers
from scoring.lab.cutoffs import Capacity, capacities, listed_at
from scoring.lab.fit import Points, PointsTable, expert_table, fit_table
from scoring.lab.folds import splits_of
from scoring.lab.measures import Estimate, auroc, bootstrap, calibration_error, recall, top_share, wilson
from scoring.lab.outcomes import Reviews, reviews_of

BUDGET = 0.10
BINS = 8


@dataclass(frozen=True)
class Bin:
    """One group of equal size in the calibration plot."""

    expected: float
    observed: Estimate
    people: int


@dataclass(frozen=True)
class ConcernReport:
    """One concern: the fitted table, what it reaches on schools it has not seen, and whom it serves."""

    concern: str
    people: int
    cases: int
    schools: int
    table: PointsTable
    calibration: Calibration
    auroc: Estimate
    recall: Estimate
    expert_auroc: float
    challengers: Mapping[str, float]
    error: float
    bins: tuple[Bin, ...]
    rooms: tuple[Capacity, ...]
    directions: tuple[direction.Direction, ...]
    groups: tuple[fairness.GroupFigures, ...]
    differences: tuple[fairness.ItemDifference, ...]
    reviews: Reviews | None
    """What the choice of whom to look at does to the figures; None when nobody was drawn blind."""
    large: Estimate
    """Observed ÷ expected over everybody (calibration in the large)."""

    @property
    def gap(self) -> float:
        """How far the best free challenger is ahead."""
        return max(self.challengers.values()) - self.auroc.value

    @property
    def warnings(self) -> tuple[str, ...]:
        """Keys of what a person must look at before signing."""
        found = [f"direction:{each.item}" for each in self.directions if each.verdict == direction.AGAINST]
        found += [f"group:{each.group}={each.value}:{alarm}" for each in self.groups for alarm in each.alarms]
        found += [f"item:{each.item}:{each.group}={each.value}" for each in self.differences if each.alarm]
        return tuple(found)


@dataclass(frozen=True)
class Seen:
    """How the outcomes of a cohort came about: everybody who answered, who of the known was flagged, which chance."""

    everybody: Cohort
    flagged: Mask
    propensity: Numbers


@dataclass(frozen=True)
class Drift:
    """Whether the world has moved: rules beside what their owners expect, items beside an earlier wave."""

    rates: tuple[drift.FireRate, ...]
    shifts: tuple[drift.Shift, ...]
    """Most moved first; empty without an earlier wave."""


@dataclass(frozen=True)
class Report:
    """All concerns of one bank on one set of answers."""

    bank: str
    version: int
    simulated: bool
    concerns: tuple[ConcernReport, ...]
    reliability: tuple[reliability.Reliability, ...]
    drift: Drift | None = None


def concern_report(
    concern: str,
    cohort: Cohort,
    prior: Points,
    weights: Numbers | None = None,
    seen: Seen | None = None,
    earlier: Cohort | None = None,
) -> ConcernReport:
    """Fit and judge one concern. The items are those the bank declares for it; scores are out of fold.

    `weights`: one per person, for unequal chances of having been reviewed; they serve the calibration. `earlier`: a
    cohort with the same outcome, whose calibration this one is held against; without it, schools not seen.
    """
    given = cohort.without(set(cohort.items) - set(prior))
    splits = splits_of(given)
    own = out_of_fold(given, splits, lambda part: fit_table(part, prior).scores)
    expert = expert_table(given, prior).scores(given.levels)
    names = {"monotone trees": monotone_trees, **FREE}
    challengers = {
        name: auroc(given.label, out_of_fold(given, splits, learner)) for name, learner in names.items()
    }
    shares = cross_calibrated(own, given.label, splits)
    table = fit_table(given, prior)
    label = given.label
    sized = fairness.with_school_size(given)
    return ConcernReport(
        concern=concern,
        people=len(given),
        cases=given.cases,
        schools=len(np.unique(given.cluster)),
        table=table,
        calibration=calibrate(table.scores(given.levels), label, weights),
        auroc=bootstrap(lambda rows: auroc(label[rows], own[rows]), given.cluster),
        recall=bootstrap(lambda rows: recall(label[rows], top_share(own[rows], BUDGET)), given.cluster),
        expert_auroc=auroc(label, expert),
        challengers=challengers,
        error=calibration_error(label, shares),
        bins=_bins(label, shares),
        rooms=tuple(capacities(own, shares)),
        directions=tuple(direction.directions(given)),
        groups=tuple(fairness.by_group(sized, listed_at(own, round(BUDGET * len(own))), shares)),
        differences=tuple(_differences(sized)),
        reviews=_reviews(table, given, seen),
        large=drift.in_the_large(label, shares if earlier is None else _announced(given, prior, earlier)),
    )


def _reviews(table: PointsTable, given: Cohort, seen: Seen | None) -> Reviews | None:
    if seen is None:
        return None
    everybody = seen.everybody.without(set(seen.everybody.items) - set(given.items))
    return reviews_of(table, everybody.levels, given, seen.flagged, seen.propensity)


def _announced(given: Cohort, prior: Points, earlier: Cohort) -> Numbers:
    """The shares that a table fitted and calibrated on the earlier wave announces for this one."""
    then = earlier.without(set(earlier.items) - set(prior))
    table = fit_table(then, prior)
    return calibrate(table.scores(then.levels), then.label).shares(table.scores(given.levels))


def bank_report(
    bank: str,
    version: int,
    cohort: Cohort,
    truths: Mapping[str, Mask],
    priors: Mapping[str, Points],
    subscales: Mapping[str, Sequence[str]],
    simulated: bool,
    weights: Numbers | None = None,
    seen: Seen | None = None,
    moved: Drift | None = None,
    earlier: Mapping[str, Cohort] | None = None,
) -> Report:
    """The report of one bank: each concern with an outcome, and the reliability of its subscales."""
    concerns = [
        concern_report(
            concern,
            cohort.labelled(truth, f"outcome_{concern}"),
            priors[concern],
            weights,
            seen,
            (earlier or {}).get(concern),
        )
        for concern, truth in truths.items()
    ]
    grouped = replace(cohort, groups=_kept(cohort.groups, ("language", "grade")))
    found = reliability.by_group(grouped, subscales)
    return Report(bank, version, simulated, tuple(concerns), tuple(found), moved)


def _kept(groups: Mapping[str, Names], names: Sequence[str]) -> dict[str, Names]:
    return {name: values for name, values in groups.items() if name in names}


def _bins(label: Mask, shares: Numbers) -> tuple[Bin, ...]:
    parts = np.array_split(np.argsort(shares, kind="stable"), BINS)
    return tuple(
        Bin(float(shares[part].mean()), wilson(int(label[part].sum()), len(part)), len(part))
        for part in parts
        if len(part)
    )


def _differences(cohort: Cohort) -> list[fairness.ItemDifference]:
    """Each value of sex and language against the others; of two values, one says it all."""
    found = []
    for group in ("sex", "language"):
        if group not in cohort.groups:
            continue
        values = sorted({str(each) for each in cohort.groups[group] if each is not None and each == each})
        for value in values[:1] if len(values) == 2 else values:
            found += fairness.item_differences(cohort, group, value)
    return found
