"""Answers and outcomes of many people as the lab reads them: levels, why an answer is missing, labels, clusters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Levels = npt.NDArray[np.int8]
Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]
Names = npt.NDArray[Any]

REFUSED, ABSENT, RULED_OUT = np.int8(-1), np.int8(-2), np.int8(-3)
"""No answer, three ways: would not or could not say; never asked, or left before it; the child's own earlier
answer ruled the question out. The first is filled towards the worst, the others count as the mean."""

FEWEST_CLUSTERS = 5


class LabMistake(ValueError):  # noqa: N818 - named after what it tells
    """What cannot be learned from, in one sentence that names the item or column."""


@dataclass(frozen=True)
class Cohort:
    """`levels` is (people × items): 0 = best … worst[item], or one of the three missing states."""

    worst: Mapping[str, int]
    """item → its worst level, in the order of the columns"""
    levels: Levels
    label: Mask
    cluster: Names
    """School of each person: people of one cluster never stand on both sides of a split."""
    groups: Mapping[str, Names] = field(default_factory=dict)
    """sex, stage, language, school size … for fairness only: never an input of a score"""
    name: str = ""

    def __len__(self) -> int:
        return len(self.label)

    @property
    def items(self) -> tuple[str, ...]:
        return tuple(self.worst)

    @property
    def cases(self) -> int:
        return int(self.label.sum())

    def take(self, rows: Rows | Mask) -> "Cohort":
        """The same study with these people only."""
        groups = {name: values[rows] for name, values in self.groups.items()}
        return replace(
            self,
            levels=self.levels[rows],
            label=self.label[rows],
            cluster=self.cluster[rows],
            groups=groups,
        )

    def labelled(self, label: Mask, name: str = "") -> "Cohort":
        """The same people with another outcome."""
        return replace(self, label=np.asarray(label, dtype=bool), name=name or self.name)

    def without(self, items: Iterable[str]) -> "Cohort":
        """The same people without these items. LabMistake for an item that is not there."""
        dropped = set(items)
        for item in sorted(dropped - set(self.items)):
            raise LabMistake(f"items.{item}: この質問がデータにありません")
        kept = [place for place, item in enumerate(self.items) if item not in dropped]
        worst = {item: top for item, top in self.worst.items() if item not in dropped}
        return replace(self, worst=worst, levels=self.levels[:, kept])

    def turned(self, items: Iterable[str]) -> "Cohort":
        """The same people with these items declared the other way round: best ↔ worst; missing stays missing."""
        levels = self.levels.copy()
        for item in items:
            place = self.items.index(item)
            column = levels[:, place]
            levels[:, place] = np.where(column >= 0, self.worst[item] - column, column)
        return replace(self, levels=levels)


def require_usable(cohort: Cohort, clusters: int = FEWEST_CLUSTERS) -> None:
    """LabMistake unless something can be learned: people, two outcomes, enough clusters, levels that exist."""
    what = f"{cohort.name}: " if cohort.name else ""
    if not len(cohort):
        raise LabMistake(f"{what}データに一人もいないので、学べません")
    if not cohort.items:
        raise LabMistake(f"{what}データに質問が一つもないので、学べません")
    if cohort.cases in (0, len(cohort)):
        only = "あり" if cohort.cases else "なし"
        raise LabMistake(f"{what}結果が一種類しかありません({len(cohort)}人とも「{only}」)")
    there = len(np.unique(cohort.cluster))
    if there < clusters:
        raise LabMistake(f"{what}学校が{there}校です。学校を分けて確かめるには{clusters}校以上が要ります")
    for place, (item, worst) in enumerate(cohort.worst.items()):
        column = cohort.levels[:, place]
        if column.size and (column.max() > worst or column.min() < RULED_OUT):
            raise LabMistake(f"items.{item}: 0から{worst}の外の段があります")
