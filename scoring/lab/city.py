"""The simulated city under the rules and the fitted tables: whom they find together within a budget of attention.

Fitted on simulated pupils of other schools than those it is judged on. Everything here carries the word
simulated: it shows that the parts work together, not how well they do with children.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit

from scoring.key import ScoringKey
from scoring.lab.benchmark import BUDGET, Figure
from scoring.lab.calibrate import calibrate
from scoring.lab.challenger import free_trees
from scoring.lab.cohort import Cohort, Mask, Numbers
from scoring.lab.fit import Points, PointsTable, fit_table
from scoring.lab.measures import auroc, recall, top_share

RECALL_BAR, TABLES_BAR = 0.60, 0.92
CONCERNS = {"care": "heavy_carer", "neglect": "neglect", "safety": "harm", "mood": "acute_mood"}
"""Concern → what is true of a simulated pupil."""


@dataclass(frozen=True)
class Pupils:
    """Simulated pupils of one bank: answers, what is true per concern, and who hit a hard rule with a clean sheet."""

    key: ScoringKey
    cohort: Cohort
    """Its label: in need at all."""
    truth: Mapping[str, Mask]
    hard: Mask


def expert_points(key: ScoringKey, concern: str) -> Points:
    """The declared points of one concern per level, in points."""
    table = next(each for each in key.model.tables if each.concern == concern)
    found = {}
    for item, by_code in table.points.items():
        known = key.items[item]
        code_of = {level: code for code, level in known.levels.items()}
        codes = [str(level) if known.is_multi else code_of[level] for level in range(known.worst + 1)]
        found[item] = [by_code[code] / 100 for code in codes]
    return found


def concern_tables(pupils: Pupils) -> dict[str, PointsTable]:
    """One fitted table per concern, each pulled to the points its bank declares."""
    return {
        concern: fit_table(pupils.cohort.labelled(truth), expert_points(pupils.key, concern))
        for concern, truth in pupils.truth.items()
    }


def any_of(tables: Mapping[str, PointsTable], cohort: Cohort, known: Pupils) -> Numbers:
    """Chance of being in need at all: one minus the chance of none of the four (noisy-or)."""
    none = np.ones(len(cohort))
    for concern, table in tables.items():
        fitted = calibrate(table.scores(known.cohort.levels), known.truth[concern])
        none *= 1 - fitted.shares(table.scores(cohort.levels))
    chance: Numbers = 1 - none
    return chance


def within_budget(hard: Mask, score: Numbers, budget: float = BUDGET) -> Mask:
    """Those with a clean hard hit first, then the highest scores until the budget is full."""
    return top_share(np.where(hard, np.inf, score), max(budget, float(hard.mean())))


def averaged(cities: Sequence[Sequence[Figure]]) -> Iterator[Figure]:
    """The same figures of several cities as their mean, with the lowest and highest beside it."""
    for figures in zip(*cities, strict=True):
        reached = [figure.reached for figure in figures]
        note = f"{min(reached):.3f}–{max(reached):.3f} over {len(reached)} cities; {figures[0].note}"
        yield replace(figures[0], reached=float(np.mean(reached)), note=note.rstrip("; "))


@dataclass(frozen=True)
class Judged:
    """Pupils that the tables have not seen, with what tables fitted on others make of them."""

    pupils: Pupils
    score: Numbers
    """Chance of being in need at all."""
    opaque: Numbers
    by_concern: Mapping[str, Numbers]


def judge(known: Pupils, new: Pupils) -> Judged:
    """Fit on the known pupils of one bank, look at the new ones."""
    tables = concern_tables(known)
    return Judged(
        new,
        any_of(tables, new.cohort, known),
        expit(free_trees(8, 150)(known.cohort)(new.cohort.levels)),
        {concern: table.scores(new.cohort.levels) for concern, table in tables.items()},
    )


def city_figures(where: str, banks: Sequence[Judged], bars: bool = True) -> Iterator[Figure]:
    """All figures over the pupils of these banks; without `bars` for information only."""
    label = np.concatenate([each.pupils.cohort.label for each in banks])
    hard = np.concatenate([each.pupils.hard for each in banks])
    score = np.concatenate([each.score for each in banks])
    note = f"n {len(label):,}, {label.mean():.1%} in need"
    listed = within_budget(hard, score)
    yield Figure(
        where,
        "recall, rules ∪ model within 10 %",
        recall(label, listed),
        RECALL_BAR if bars else None,
        note=note,
    )
    yield Figure(where, "precision of the same list", float(label[listed].mean()))
    yield Figure(where, "share with a clean hard hit", float(hard.mean()))
    yield Figure(where, "recall, model alone in 10 %", recall(label, top_share(score, BUDGET)))
    for concern in CONCERNS:
        truth = np.concatenate([each.pupils.truth[concern] for each in banks])
        reached = auroc(truth, np.concatenate([each.by_concern[concern] for each in banks]))
        yield Figure(
            where,
            f"AUROC, concern table: {concern}",
            reached,
            TABLES_BAR if bars else None,
            note=f"{truth.sum()} pupils",
        )
    yield Figure(where, "AUROC, four tables together, any need", auroc(label, score))
    opaque = np.concatenate([each.opaque for each in banks])
    yield Figure(where, "AUROC, free trees, any need (what the answers hold)", auroc(label, opaque))
