"""One split for every method that is compared: clusters stay whole, the outcome is spread evenly."""

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from scoring.lab.cohort import Cohort, Rows, require_usable

Split = tuple[Rows, Rows]
FOLDS = 5


def splits_of(cohort: Cohort, seed: int = 0, folds: int = FOLDS) -> list[Split]:
    """(train, test) row numbers, the same for the same seed. LabMistake with fewer clusters than folds."""
    require_usable(cohort, clusters=folds)
    keeper = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    blank = np.zeros((len(cohort), 1))
    return [(train, test) for train, test in keeper.split(blank, cohort.label, cohort.cluster)]
