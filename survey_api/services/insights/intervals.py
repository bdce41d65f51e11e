"""Shares with what rounding, noise and chance leave open. Works on published numbers only."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import ceil, floor, sqrt

from survey_api.services.insights.limits import MIN_GROUP
from survey_api.services.insights.noise import spread
from survey_api.services.insights.safe import SafeMeasure

Z95 = 1.96
Z998 = 3.09


def wilson(yes: float, answered: float, z: float) -> float:
    """One end of Wilson's score interval (1927); z < 0 for the lower end."""
    share = yes / answered
    middle = share + z * z / (2 * answered)
    width = z * sqrt(share * (1 - share) / answered + z * z / (4 * answered * answered))
    return min(1.0, max(0.0, (middle + width) / (1 + z * z / answered)))


@dataclass(frozen=True, slots=True)
class Share:
    """Percent of children of an outcome. `about`: the best guess; low–high: noise and chance together (95 %)."""

    about: int
    low: int
    high: int
    people: str
    total: str

    @property
    def words(self) -> str:
        return f"およそ{self.about}%({self.low}〜{self.high}%)"


def people_over(
    measures: Sequence[SafeMeasure], parts: Collection[str] | None = None
) -> tuple[int, int, int]:
    """About how many children are in these parts (in all of them without a choice): best guess, low, high."""
    chosen = [
        part.about for measure in measures for part in measure.parts if parts is None or part.id in parts
    ]
    about, wide = sum(chosen), spread(len(chosen)) if chosen else 0
    return about, max(0, about - wide), about + wide


def words_of(people: tuple[int, int, int]) -> str:
    """A number of people as pages print it: low to high."""
    return f"{people[1]}〜{people[2]}人"


def share_over(
    measures: Sequence[SafeMeasure], parts: Collection[str], among: Collection[str] | None = None
) -> Share | None:
    """Share of `parts` among `among` (all parts by default); None when too few children are concerned."""
    some, all_of_them = people_over(measures, parts), people_over(measures, among)
    about, low, high = some
    total = all_of_them[0]
    if total < MIN_GROUP:
        return None
    return Share(
        about=min(100, round(100 * about / total)),
        low=floor(100 * wilson(min(low, total), total, -Z95)),
        high=ceil(100 * wilson(min(high, total), total, Z95)),
        people=words_of(some),
        total=words_of(all_of_them),
    )


def share_of(
    measure: SafeMeasure | None, parts: Collection[str], among: Collection[str] | None = None
) -> Share | None:
    """The same for one measure, which a wave may not have."""
    return share_over([measure], parts, among) if measure is not None else None
