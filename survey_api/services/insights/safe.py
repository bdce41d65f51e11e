"""What may leave: ranges of people, of answers, and shares in steps. Never a true count.

A SafeTable is made by disclosure control or read from a signed bundle, and by nothing else: the classes
refuse to be built without the seal, which only those two modules import.
"""

from collections.abc import Iterable, Iterator
from dataclasses import InitVar, dataclass, field
from enum import StrEnum
from typing import Any, Final, NamedTuple, Self

from survey_api.services.insights.blocks import level_of
from survey_api.services.insights.noise import spread
from survey_api.vocabulary import Stage

SEAL: Final = object()


class PlaceKind(StrEnum):
    """How wide a number is."""

    BLOCK = "block"
    UNIT = "unit"
    LEVEL = "level"
    CITY = "city"
    GRADE = "grade"
    """One grade of the whole city: crosses the others, so its numbers carry unbounded noise instead."""


@dataclass(frozen=True, slots=True)
class Place:
    """Whom a number is about: grades of some (school, level) members, of one sex or (empty) of all."""

    id: str
    kind: PlaceKind
    title: str
    members: tuple[tuple[str, Stage], ...]
    grades: tuple[int, ...]
    sex: str = ""

    def holds(self, school: str, grade: int, sex: str = "") -> bool:
        return (
            grade in self.grades
            and (school, level_of(grade)) in self.members
            and (not self.sex or self.sex == sex)
        )


@dataclass(frozen=True, slots=True)
class IndicatorNote:
    """What a number means, carried with it so that an old release stays readable."""

    id: str
    title: str
    definition: str
    grades: tuple[int, ...]
    level_only: bool
    stable: bool
    wording: str = ""
    """Mark of the words in which this wave asked: another mark means the question was worded differently."""


class _Numbers(NamedTuple):
    indicator: str
    place: str
    low: int
    high: int
    n_low: int
    n_high: int
    share_low: int
    share_high: int
    likely_low: int
    likely_high: int


class SafeCell(_Numbers):
    """One protected number.

    low–high: how many read as yes, the truth is certainly inside (for a grade: in 97 of 100 cases).
    n_low–n_high: how many answered, in tens.
    share_low–share_high: percent in steps of ten, ends coded (0 means “at most share_high”, 100 “at least
    share_low”). likely_low–likely_high: percent, what rounding and chance together leave open (95 %).

    A tuple, because a prefecture's bundle holds a hundred thousand of them and is read when a page opens.
    """

    __slots__ = ()

    def __new__(cls, *numbers: Any, seal: object = None, **named: Any) -> Self:
        _require(seal)
        return super().__new__(cls, *numbers, **named)

    @classmethod
    def row(cls, numbers: Iterable[Any], seal: object) -> Self:
        """A number as it stands in a bundle, in the order of the fields."""
        _require(seal)
        return tuple.__new__(cls, numbers)

    @property
    def people(self) -> str:
        return f"{self.low}〜{self.high}人"

    @property
    def asked(self) -> str:
        return f"{self.n_low}〜{self.n_high}人"

    @property
    def share(self) -> str:
        """Always both ends: 「20%以下」 beside 「10〜20%」 reads as if the two said the same."""
        if (self.share_low, self.share_high) == (0, 100):
            return "はっきりしない"
        return f"{self.share_low}〜{self.share_high}%"


@dataclass(frozen=True, slots=True)
class SafePart:
    """One of the answers to an outcome question: about how many children, give or take noise."""

    id: str
    title: str
    about: int
    seal: InitVar[object] = None

    def __post_init__(self, seal: object) -> None:
        _require(seal)

    @property
    def people(self) -> str:
        """Where the truth is in 97 of 100 cases."""
        return f"{self.low}〜{self.high}人"

    @property
    def low(self) -> int:
        return max(0, self.about - spread())

    @property
    def high(self) -> int:
        return self.about + spread()


@dataclass(frozen=True, slots=True)
class SafeMeasure:
    """What became of children, city-wide: each child is in one part, each part noised on its own.

    `parts` is empty when about fewer than ten children are concerned together.
    """

    id: str
    title: str
    definition: str
    parts: tuple[SafePart, ...]
    goal: int | None = None
    """School days by which it should have happened; None where there is no such goal, or (format 3) not in them."""
    seal: InitVar[object] = None

    def __post_init__(self, seal: object) -> None:
        _require(seal)


@dataclass(frozen=True, slots=True)
class SafeTable:
    """All protected numbers of one wave. `withheld` names indicators without numbers and the reason code."""

    wave: str
    plan_digest: str
    method: str
    indicators: tuple[IndicatorNote, ...]
    places: tuple[Place, ...]
    cells: tuple[SafeCell, ...]
    withheld: tuple[tuple[str, str], ...]
    measures: tuple[SafeMeasure, ...]
    seal: InitVar[object] = None
    _places: dict[str, Place] = field(init=False, repr=False, compare=False)
    _cells: dict[str, dict[str, SafeCell]] = field(init=False, repr=False, compare=False)
    """indicator → place → number: a prefecture holds tens of thousands, and a page asks for each of its own."""

    def __post_init__(self, seal: object) -> None:
        _require(seal)
        cells: dict[str, dict[str, SafeCell]] = {}
        for cell in self.cells:
            cells.setdefault(cell.indicator, {}).setdefault(cell.place, cell)
        object.__setattr__(self, "_cells", cells)
        object.__setattr__(self, "_places", {place.id: place for place in self.places})

    def holds(self, indicator: str) -> bool:
        """Whether any place has a number of this indicator."""
        return indicator in self._cells

    def cell(self, indicator: str, place: str) -> SafeCell | None:
        """One number; None when it was not released."""
        return self._cells.get(indicator, {}).get(place)

    def indicator(self, indicator: str) -> IndicatorNote:
        return next(note for note in self.indicators if note.id == indicator)

    def place(self, place: str) -> Place:
        return self._places[place]

    def measure(self, measure: str) -> SafeMeasure | None:
        """An outcome by its id; None when this wave has none of that id."""
        return next((one for one in self.measures if one.id == measure), None)

    def of(self, indicator: str, kind: PlaceKind) -> Iterator[tuple[Place, SafeCell]]:
        """The numbers of one indicator at one width, in the fixed order of the plan."""
        for cell in self._cells.get(indicator, {}).values():
            place = self._places.get(cell.place)
            if place is not None and place.kind is kind:
                yield place, cell


def _require(seal: object) -> None:
    if seal is not SEAL:
        raise TypeError(
            "a SafeTable comes out of disclosure control or a signed bundle, it is never written by hand"
        )
