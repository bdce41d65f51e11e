"""The same list seen by group: whom it finds, whom it calls in vain, whether its shares hold, item by item too.

Groups are sex, stage, language, size of school. They are never an input of a score. An alarm is raised only when
the whole interval lies outside the tolerance: small groups give wide intervals, not alarms.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit
from scipy.stats import chi2

from scoring.lab.cohort import Cohort, LabMistake, Mask, Names, Numbers
from scoring.lab.measures import Estimate, wilson

LOWEST_RECALL_RATIO = 0.8
OBSERVED_OVER_EXPECTED = (0.8, 1.25)
DIF_TOLERANCE = 0.43
"""Difference in log-odds of an answer, at equal level of all others, up to which an item counts as the same."""
SMALL, MIDDLE = 60, 200
FEWEST_FOR_DIF = 50


@dataclass(frozen=True)
class GroupFigures:
    """One group under one list."""

    group: str
    value: str
    people: int
    cases: int
    recall: Estimate
    false_positive: Estimate
    observed_expected: Estimate
    recall_overall: float

    @property
    def alarms(self) -> tuple[str, ...]:
        found = []
        if self.cases and self.recall.high < LOWEST_RECALL_RATIO * self.recall_overall:
            found.append("recall")
        low, high = OBSERVED_OVER_EXPECTED
        if self.observed_expected.high < low or self.observed_expected.low > high:
            found.append("calibration")
        return tuple(found)


@dataclass(frozen=True)
class ItemDifference:
    """How much more readily one group gives the worse answers of an item, at equal level of the others."""

    item: str
    group: str
    value: str
    difference: Estimate
    """In log-odds."""

    @property
    def alarm(self) -> bool:
        return self.difference.low > DIF_TOLERANCE or self.difference.high < -DIF_TOLERANCE


def with_school_size(cohort: Cohort) -> Cohort:
    """The cohort with a group “school size”, from the number of people per cluster."""
    _, code, count = np.unique(cohort.cluster, return_inverse=True, return_counts=True)
    size = count[code]
    words = np.where(size < SMALL, "small", np.where(size < MIDDLE, "middle", "large")).astype(object)
    return replace(cohort, groups={**cohort.groups, "school size": words})


def by_group(cohort: Cohort, listed: Mask, shares: Numbers) -> list[GroupFigures]:
    """Every value of every group, blanks left out."""
    overall = float(listed[cohort.label].mean()) if cohort.label.any() else float("nan")
    return [
        _figures(cohort, name, value, members, listed, shares, overall)
        for name, value, members in _members(cohort)
    ]


def item_differences(cohort: Cohort, group: str, value: str) -> list[ItemDifference]:
    """Logistic DIF of every item for one value of a group against all others (uniform, Wald interval).

    The answer is “at or above the level nearest to a quarter of people”; people are matched on the mean of their
    other answers.
    """
    if group not in cohort.groups:
        raise LabMistake(f"{group}: このデータにない分け方です")
    known = np.array([each is not None and each == each for each in cohort.groups[group]])
    inside = cohort.groups[group].astype(str) == value
    worst = np.array(list(cohort.worst.values()), dtype=np.float64)
    share = np.where(cohort.levels >= 0, cohort.levels / worst, np.nan)
    found = []
    for place, item in enumerate(cohort.items):
        rest = _rest(share, place)
        rows = known & (cohort.levels[:, place] >= 0) & np.isfinite(rest)
        if min(int((rows & inside).sum()), int((rows & ~inside).sum())) < FEWEST_FOR_DIF:
            continue
        bad = _worse_quarter(cohort.levels[rows, place], cohort.worst[item])
        if bad is not None:
            difference = _wald(bad, rest[rows], inside[rows])
            found.append(ItemDifference(item, group, value, difference))
    return found


def _members(cohort: Cohort) -> Iterator[tuple[str, str, Mask]]:
    for name, values in cohort.groups.items():
        known = np.array([each is not None and each == each for each in values])
        words = _words(values)
        for value in sorted(set(words[known])):
            yield name, str(value), known & (words == value)


def _words(values: Names) -> Names:
    return np.array([str(each) for each in values], dtype=object)


def _figures(
    cohort: Cohort, name: str, value: str, members: Mask, listed: Mask, shares: Numbers, overall: float
) -> GroupFigures:
    cases, others = members & cohort.label, members & ~cohort.label
    return GroupFigures(
        group=name,
        value=value,
        people=int(members.sum()),
        cases=int(cases.sum()),
        recall=wilson(int((cases & listed).sum()), int(cases.sum())),
        false_positive=wilson(int((others & listed).sum()), int(others.sum())),
        observed_expected=_ratio(int(cases.sum()), float(shares[members].sum())),
        recall_overall=overall,
    )


def _ratio(observed: int, expected: float) -> Estimate:
    """Observed ÷ expected with the exact interval of a count."""
    if not expected:
        return Estimate(float("nan"), 0.0, float("inf"))
    low = chi2.ppf(0.025, 2 * observed) / 2 if observed else 0.0
    high = chi2.ppf(0.975, 2 * (observed + 1)) / 2
    return Estimate(observed / expected, float(low) / expected, float(high) / expected)


def _rest(share: Numbers, place: int) -> Numbers:
    others = np.delete(share, place, axis=1)
    known = np.isfinite(others).sum(axis=1)
    total = np.nansum(others, axis=1)
    rest: Numbers = np.where(known > 0, total / np.maximum(known, 1), np.nan)
    return rest


def _worse_quarter(levels: Names, worst: int) -> Mask | None:
    """True at or above the level whose share is nearest to a quarter; None when nobody or everybody is."""
    shares = [(abs(float((levels >= step).mean()) - 0.25), step) for step in range(1, worst + 1)]
    bad: Mask = levels >= min(shares)[1]
    return bad if bad.any() and not bad.all() else None


def _wald(bad: Mask, rest: Numbers, inside: Mask) -> Estimate:
    """Coefficient of `inside` in bad ~ rest + rest² + inside, by Newton's steps with a trace of ridge."""
    place = (rest - rest.mean()) / (rest.std() or 1.0)
    design = np.column_stack([np.ones(len(rest)), place, place**2, inside.astype(np.float64)])
    ridge = 1e-4 * np.eye(4)
    beta = np.zeros(4)
    information = ridge
    for _ in range(30):
        chance = expit(design @ beta)
        information = design.T @ (design * (chance * (1 - chance))[:, None]) + ridge
        step = np.linalg.solve(information, design.T @ (bad - chance) - ridge @ beta)
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-8:
            break
    half = 1.959964 * float(np.sqrt(np.linalg.inv(information)[3, 3]))
    return Estimate(float(beta[3]), float(beta[3]) - half, float(beta[3]) + half)
