"""Invented studies with a known truth: which items matter, how much, and in which direction."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from scoring.lab.cohort import ABSENT, REFUSED, Cohort

WORST = {"fed": 3, "slept": 4, "hurt": 2, "seen": 1, "noise": 3}
STEPS = {
    "fed": (0.0, 0.7, 1.4, 2.1),
    "slept": (0.0, 0.2, 0.4, 0.6, 0.8),
    "hurt": (0.0, 1.0, 2.0),
    "seen": (0.0, 0.5),
    "noise": (0.0,) * 4,
}
"""True log-odds per level."""


def planted(people: int = 4000, seed: int = 1, base: float = -4.0, missing: float = 0.0) -> Cohort:
    """`people` in schools of about forty; the outcome follows STEPS, and nothing else."""
    rng = np.random.default_rng(seed)
    illness = rng.standard_normal(people)
    columns = []
    for worst in WORST.values():
        place = 0.6 * illness + 0.8 * rng.standard_normal(people)
        columns.append(np.clip(np.floor(place + 1.0), 0, worst))
    levels = np.column_stack(columns).astype(np.int8)
    risk = base + sum(np.asarray(STEPS[item])[levels[:, place]] for place, item in enumerate(WORST))
    label = rng.random(people) < 1 / (1 + np.exp(-risk))
    gone = rng.random(levels.shape)
    levels[gone < missing] = REFUSED
    levels[gone > 1 - missing / 2] = ABSENT
    groups = {
        "sex": np.where(rng.random(people) < 0.5, "f", "m").astype(object),
        "language": np.where(rng.random(people) < 0.1, "other", "ja").astype(object),
        "stage": np.where(rng.random(people) < 0.5, "chu", "kou").astype(object),
    }
    return Cohort(dict(WORST), levels, label, rng.integers(0, people // 40, people), groups, "planted")


def survey_file(people: int, items: Sequence[str], seed: int = 3) -> pd.DataFrame:
    """A table shaped like the public study data: numbered items, blanks, school clusters, outcomes."""
    rng = np.random.default_rng(seed)
    school = rng.integers(0, 30, people)
    illness = rng.standard_normal(people)
    frame = pd.DataFrame({"psu": school, "w": 1.0, "sex": rng.integers(1, 3, people)})
    frame["grade"], frame["lang"], frame["race"] = rng.integers(9, 13, people), 1.0, 5.0
    for place, item in enumerate(items):
        answers = np.clip(np.floor(0.5 * illness + rng.standard_normal(people) + 0.5), 0, 3)
        answers[rng.random(people) < 0.03] = np.nan
        answers[school == place % 30] = np.nan
        frame[item] = answers
    for label in ("label_neglect_clean", "label_home_harm", "label_attempt"):
        risk = 1 / (1 + np.exp(2.5 - 1.6 * illness))
        frame[label] = (rng.random(people) < risk).astype(float)
        frame.loc[rng.random(people) < 0.1, label] = np.nan
    return frame
