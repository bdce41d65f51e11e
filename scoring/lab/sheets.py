"""Answer sheets of one bank → a cohort: the very levels and missing states that the living code scores."""

from collections.abc import Mapping, Sequence

import numpy as np

from scoring.key import ScoringKey
from scoring.lab.cohort import ABSENT, REFUSED, RULED_OUT, Cohort, Levels, Mask, Names
from scoring.sheet import AnswerSheet
from scoring.vocabulary import REFUSALS


def levels_of(key: ScoringKey, sheets: Sequence[AnswerSheet]) -> Levels:
    """(sheets × items of the key): a level, or why there is none."""
    levels = np.full((len(sheets), len(key.items)), ABSENT, dtype=np.int8)
    place = {item: column for column, item in enumerate(key.items)}
    for row, sheet in enumerate(sheets):
        for item, level in sheet.levels.items():
            levels[row, place[item]] = level
        for item, reason in sheet.missing.items():
            if reason in REFUSALS:
                levels[row, place[item]] = REFUSED
        for item in sheet.ruled_out:
            levels[row, place[item]] = RULED_OUT
    return levels


def cohort_of(
    key: ScoringKey,
    sheets: Sequence[AnswerSheet],
    label: Mask,
    cluster: Names,
    groups: Mapping[str, Names] | None = None,
) -> Cohort:
    """One row per sheet; `label` is the outcome that people found, whatever was answered."""
    worst = {item: one.worst for item, one in key.items.items()}
    return Cohort(
        worst, levels_of(key, sheets), np.asarray(label, bool), cluster, dict(groups or {}), key.bank
    )
