"""The city about itself: population, births, households, from one small file beside the keys.

A real city puts its own city_profile.yaml there; in practice mode the invented city's file is used.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from survey_api.kit.problems import BadInput
from survey_api.settings import Mode, Settings

NAME = "city_profile.yaml"
PRACTICE = Path(__file__).with_name("practice_profile.yaml")
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 480, 200, 64, 24, 16, 40


@dataclass(frozen=True)
class Fact:
    label: str
    value: str
    source: str


@dataclass(frozen=True)
class Series:
    """One line over years with its drawing; zero-based."""

    title: str
    unit: str
    source: str
    points: tuple[tuple[int, int], ...]
    line: str
    dots: tuple[tuple[float, float], ...]
    years: tuple[tuple[float, int], ...]
    ticks: tuple[tuple[float, str], ...]
    width: int = WIDTH
    height: int = HEIGHT
    base: int = HEIGHT - BOTTOM

    @property
    def sentence(self) -> str:
        (first, then), (last, now) = self.points[0], self.points[-1]
        return f"{first}年の{then:,}{self.unit}から、{last}年は{now:,}{self.unit}です。"


@dataclass(frozen=True)
class Profile:
    city: str
    as_of: str
    invented: bool
    facts: tuple[Fact, ...]
    series: tuple[Series, ...]


def profile_of(settings: Settings) -> Profile | None:
    """The city's own file, the invented one in practice mode, or None."""
    own = settings.key_file.parent / NAME
    if own.exists():
        return read_profile(own)
    return read_profile(PRACTICE) if settings.mode is Mode.PRACTICE else None


def read_profile(path: Path) -> Profile:
    """Read and check the file. BadInput names the entry that cannot be used."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        series = tuple(_series(entry) for entry in document.get("series", []))
        facts = tuple(Fact(one["label"], str(one["value"]), one["source"]) for one in document["facts"])
        return Profile(document["city"], document["as_of"], bool(document.get("invented")), facts, series)
    except (KeyError, TypeError, AttributeError, ValueError, yaml.YAMLError, OSError) as broken:
        raise BadInput(
            f"{path.name} を読めません({broken})。city・as_of・facts・series の書き方を確かめてください。"
        ) from broken


def _series(entry: dict[str, Any]) -> Series:
    points = tuple((int(year), int(value)) for year, value in entry["points"])
    if len(points) < 2 or list(points) != sorted(points):
        raise ValueError(f"{entry['title']}: points must be two or more, in the order of years")
    first, last = points[0][0], points[-1][0]
    step = _step(max(value for _, value in points))
    top = step * max(1, -(-max(value for _, value in points) // step))

    def x(year: int) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (year - first) / (last - first), 1)

    def y(value: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top), 1)

    dots = tuple((x(year), y(value)) for year, value in points)
    every = -(-len(points) // 6)
    return Series(
        title=entry["title"],
        unit=entry["unit"],
        source=entry["source"],
        points=points,
        line=" ".join(f"{a},{b}" for a, b in dots),
        dots=dots,
        years=tuple((x(year), year) for year, _ in list(reversed(points))[::every]),
        ticks=tuple((y(value), f"{value:,}") for value in range(0, top + 1, step)),
    )


def _step(highest: int) -> int:
    """The smallest round step (1, 2 or 5 and noughts) of which five reach every value."""
    magnitude = 1
    while True:
        for step in (magnitude, 2 * magnitude, 5 * magnitude):
            if 5 * step >= highest:
                return step
        magnitude *= 10
