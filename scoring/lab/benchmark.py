"""The figures a points table has to reach on data with known outcomes, with clusters kept apart.

Every score is out of fold: made by a fit that has not seen anybody of that person's school. What is compared
stands on the same split.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from scoring.lab.calibrate import cross_calibrated
from scoring.lab.challenger import FREE, monotone_trees, out_of_fold, table, whole_table
from scoring.lab.cohort import Cohort, Numbers
from scoring.lab.folds import Split, splits_of
from scoring.lab.measures import auroc, bootstrap, calibration_error, recall, top_share
from scoring.lab.missing import skip_not_at_random
from scoring.lab.studies import GAP, Task

BUDGET = 0.10
SKIPPED = 0.30


@dataclass(frozen=True)
class Figure:
    """One line of the table: what was reached, what was asked for. `bar` None: for information."""

    where: str
    what: str
    reached: float
    bar: float | None = None
    at_most: bool = False
    note: str = ""

    @property
    def met(self) -> bool:
        if self.bar is None:
            return True
        return self.reached <= self.bar if self.at_most else self.reached >= self.bar

    def line(self) -> str:
        """As printed: figure, bar, verdict."""
        sign = "≤" if self.at_most else "≥"
        bar = "" if self.bar is None else f"{sign} {self.bar:.3f}"
        word = "" if self.bar is None else ("met" if self.met else "MISSED")
        return (
            f"{self.where:<16} {self.what:<52} {self.reached:>6.3f}  {bar:<8} {word:<7} {self.note}".rstrip()
        )


def study_figures(task: Task, cohort: Cohort, seed: int = 0) -> Iterator[Figure]:
    """All figures of one task, the cheap ones first."""
    splits = splits_of(cohort, seed)
    label = cohort.label
    real = out_of_fold(cohort, splits, table())
    whole = out_of_fold(cohort, splits, whole_table())
    people = f"n {len(cohort):,}, {cohort.cases:,} cases, {len(cohort.items)} items"
    reached = auroc(label, real)
    interval = bootstrap(lambda rows: auroc(label[rows], real[rows]), cohort.cluster)
    yield Figure(task.name, "AUROC, real points", reached, task.auroc, note=f"{people}; {interval}")
    yield Figure(task.name, "AUROC, whole points 0–12", auroc(label, whole), task.auroc)
    found = bootstrap(lambda rows: recall(label[rows], top_share(real[rows], BUDGET)), cohort.cluster)
    share = recall(label, top_share(real, BUDGET))
    yield Figure(task.name, "recall in the top 10 %", share, task.recall, note=f"{found}")
    skipped = auroc(label, _under_skipping(cohort, splits, seed))
    yield Figure(task.name, "AUROC after 30 % not-at-random skipping", skipped, task.skipped)
    shares = cross_calibrated(real, label, splits)
    error = calibration_error(label, shares)
    yield Figure(task.name, "calibration error after calibration", error, task.calibration, at_most=True)
    yield Figure(
        task.name, "AUROC, monotone trees", auroc(label, out_of_fold(cohort, splits, monotone_trees))
    )
    free = {name: auroc(label, out_of_fold(cohort, splits, learner)) for name, learner in FREE.items()}
    best = max(free, key=lambda name: free[name])
    yield Figure(task.name, f"AUROC, best free challenger ({best})", free[best])
    yield Figure(task.name, "gap to the best free challenger", free[best] - reached, GAP, at_most=True)


def _under_skipping(cohort: Cohort, splits: list[Split], seed: int) -> Numbers:
    """Out-of-fold scores when only the people being scored skip; the fit saw ordinary answers."""
    rng = np.random.default_rng([seed, 30])
    skipping = skip_not_at_random(cohort, SKIPPED, rng)
    found = np.empty(len(cohort))
    for train, test in splits:
        found[test] = table()(cohort.take(train))(skipping.levels[test])
    return found
