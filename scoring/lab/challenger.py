"""What more opaque methods reach on the same split: the price of a table that can be added up by hand.

`monotone` is boosted trees without interactions, exactly additive; `free` may do what it likes. Neither is ever
used to score a child; a free one breaks “a worse answer never lowers the risk”.
"""

from collections.abc import Callable, Mapping

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from scoring.lab.cohort import Cohort, Levels, Numbers
from scoring.lab.direction import against
from scoring.lab.fit import Points, PointsTable, fit_table, whole_points
from scoring.lab.folds import Split

Learner = Callable[[Cohort], Callable[[Levels], Numbers]]
"""Learns from one cohort and returns what scores others."""


def as_numbers(levels: Levels) -> Numbers:
    """Levels for trees, which have their own way with what is missing."""
    return np.where(levels >= 0, levels.astype(np.float64), np.nan)


def free_trees(leaves: int, rounds: int) -> Learner:
    """Boosted trees that may combine and bend as they like."""

    def learn(cohort: Cohort) -> Callable[[Levels], Numbers]:
        trees = HistGradientBoostingClassifier(
            max_iter=rounds,
            learning_rate=0.06,
            max_leaf_nodes=leaves,
            min_samples_leaf=40,
            l2_regularization=5.0,
            random_state=0,
        ).fit(as_numbers(cohort.levels), cohort.label)
        return lambda levels: np.asarray(trees.decision_function(as_numbers(levels)))

    return learn


def monotone_trees(cohort: Cohort) -> Callable[[Levels], Numbers]:
    """Boosted trees, monotone and without interactions: additive like the table, with freer shapes."""

    trees = HistGradientBoostingClassifier(
        max_iter=150,
        learning_rate=0.06,
        max_leaf_nodes=6,
        min_samples_leaf=40,
        l2_regularization=5.0,
        monotonic_cst=[1] * len(cohort.items),
        interaction_cst="no_interactions",
        random_state=0,
    ).fit(as_numbers(cohort.levels), cohort.label)
    return lambda levels: np.asarray(trees.decision_function(as_numbers(levels)))


def table(prior: Points | None = None) -> Learner:
    """The points table with real points. Items that the training part contradicts are turned, as a person would."""
    return lambda cohort: _turning(cohort, lambda straight: fit_table(straight, prior))


def whole_table(prior: Points | None = None) -> Learner:
    """The same with whole points."""
    return lambda cohort: _turning(
        cohort, lambda straight: whole_points(fit_table(straight, prior), straight.levels)
    )


FREE: Mapping[str, Learner] = {
    "free trees, small": free_trees(4, 250),
    "free trees, large": free_trees(15, 150),
}


def out_of_fold(cohort: Cohort, splits: list[Split], learner: Learner) -> Numbers:
    """A score for everybody from a fit that has not seen that person's cluster."""
    found = np.empty(len(cohort))
    with threadpool_limits(1):  # on shared cores more threads wait for each other, many times longer
        for train, test in splits:
            found[test] = learner(cohort.take(train))(cohort.levels[test])
    return found


def _turning(cohort: Cohort, fit: Callable[[Cohort], PointsTable]) -> Callable[[Levels], Numbers]:
    wrong = against(cohort)
    fitted = fit(cohort.turned(wrong))
    return lambda levels: fitted.scores(_turned(cohort, levels, wrong)) / fitted.unit


def _turned(cohort: Cohort, levels: Levels, items: list[str]) -> Levels:
    blank = np.zeros(len(levels), dtype=bool)
    return Cohort(cohort.worst, levels, blank, np.arange(len(levels))).turned(items).levels
