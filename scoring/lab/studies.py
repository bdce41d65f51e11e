"""Public survey data on which the lab's methods are measured: which items may speak for which outcome.

The files are brought by whoever measures (see `make bench-scoring`). They hold American teenagers of another
decade: good for testing that a method works, never a norm for a child here.
"""

from dataclasses import dataclass
from pathlib import Path

from scoring.lab.cohort import Cohort, LabMistake
from scoring.lab.tables import read_table, study

YRBS = "yrbs2023_dev.csv.gz"
"""Youth Risk Behavior Survey 2023 (CDC, public-use file), items coded 0 … k, higher = worse."""
NOT_ITEMS = ("psu", "w", "sex", "grade", "lang", "race")
HOUSEHOLD = (
    *("abuse_sexual", "home_insult", "home_hurt", "home_dv", "needs"),
    *("parent_sub", "parent_mental", "parent_jail", "housing", "monitoring"),
)


@dataclass(frozen=True)
class Task:
    """One outcome, the items that would give it away, and the bars it has to reach."""

    name: str
    label: str
    hidden: tuple[str, ...]
    auroc: float
    recall: float
    skipped: float
    calibration: float


TASKS = (
    Task("neglect", "label_neglect_clean", ("needs",), 0.765, 0.37, 0.72, 0.015),
    Task("home harm", "label_home_harm", HOUSEHOLD, 0.798, 0.30, 0.77, 0.020),
    Task("attempt", "label_attempt", ("sad", "ideation", "plan", "attempt"), 0.842, 0.42, 0.79, 0.015),
)
GAP = 0.015
"""How far the table may stay behind the best free challenger on the same split, in AUROC."""


def load_study(folder: Path, task: Task) -> Cohort:
    """The cohort of one task. LabMistake when the folder does not hold the file, or a column is missing."""
    if not folder.is_dir():
        raise LabMistake(f"{folder.name}: 研究データのフォルダがありません")
    frame = read_table(folder / YRBS)
    labels = [name for name in frame.columns if name.startswith("label_")]
    items = [name for name in frame.columns if name not in (*NOT_ITEMS, *labels, *task.hidden)]
    return study(frame, task.label, items, "psu", ("sex", "grade", "lang"), task.name)
