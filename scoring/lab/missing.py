"""Skipping that is not at random: those who are worse off skip more, and those in need skip more again.

Only for testing a table against it. A table that reads a skip as “fine” then ranks the children at risk below
the rest; this is how one sees it before a wave does.
"""

import numpy as np

from scoring.lab.cohort import REFUSED, Cohort

LEVEL_FREE, LEVEL_FULL, IN_NEED = 0.4, 1.6, 1.5
"""Chance ∝ LEVEL_FREE + LEVEL_FULL · (level ÷ worst level), × IN_NEED for people with the outcome."""


def skip_not_at_random(cohort: Cohort, share: float, rng: np.random.Generator) -> Cohort:
    """The cohort with about `share` of its given answers refused. What was missing stays as it was."""
    worst = np.array(list(cohort.worst.values()), dtype=np.float64)
    answered = cohort.levels >= 0
    severity = np.maximum(cohort.levels, 0) / worst
    chance = (LEVEL_FREE + LEVEL_FULL * severity) * np.where(cohort.label, IN_NEED, 1.0)[:, None]
    chance *= share / chance[answered].mean()
    skipped = answered & (rng.random(chance.shape) < chance)
    return _with(cohort, skipped)


def skip_at_random(cohort: Cohort, share: float, rng: np.random.Generator) -> Cohort:
    """The cohort with `share` of its given answers refused, whoever gave them."""
    return _with(cohort, (cohort.levels >= 0) & (rng.random(cohort.levels.shape) < share))


def _with(cohort: Cohort, skipped: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Cohort:
    levels = np.where(skipped, REFUSED, cohort.levels).astype(np.int8)
    return Cohort(cohort.worst, levels, cohort.label, cohort.cluster, cohort.groups, cohort.name)
