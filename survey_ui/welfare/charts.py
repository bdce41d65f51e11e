"""Where marks go in a chart: percentages to points of a drawing. Knows nothing about what is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

from survey_api.services.insights.safe import SafeCell

LEFT, RIGHT, TOP, BOTTOM = 48, 16, 16, 44
WIDTH, HEIGHT = 640, 240
ROW = 34
NAME_CHARS, TAIL_CHARS = 16, 6
DRAWN = 60
"""Places that one chart can show beside each other; the table beneath it has all of them."""
LABELS = 7
"""Waves that can be named under one axis; with more, every second (third, …) is."""


@dataclass(frozen=True)
class Mark:
    """One wave: the middle and the ends of what rounding and chance leave open."""

    x: float
    middle: float
    high: float
    low: float
    label: str
    words: str


@dataclass(frozen=True)
class LineChart:
    """Runs of neighbouring marks (a missing wave breaks the run), the axis and the gaps."""

    marks: tuple[Mark, ...]
    runs: tuple[tuple[Mark, ...], ...]
    gaps: tuple[tuple[float, str], ...]
    ticks: tuple[tuple[float, int], ...]
    reworded: tuple[float, ...] = ()
    """Where a dashed line says that the question was worded differently from here on."""
    width: int = WIDTH
    height: int = HEIGHT
    base: int = HEIGHT - BOTTOM

    def points(self, run: Sequence[Mark]) -> str:
        return " ".join(f"{mark.x},{mark.middle}" for mark in run)

    def band(self, run: Sequence[Mark]) -> str:
        """Outline of the pale band: along the upper ends, back along the lower ones."""
        upper = [f"{mark.x},{mark.high}" for mark in run]
        lower = [f"{mark.x},{mark.low}" for mark in reversed(run)]
        return " ".join(upper + lower)


@dataclass(frozen=True)
class Interval:
    """One row of an interval chart."""

    y: float
    left: float
    right: float
    middle: float
    title: str
    words: str


@dataclass(frozen=True)
class IntervalChart:
    rows: tuple[Interval, ...]
    ticks: tuple[tuple[float, int], ...]
    width: int
    height: int


def line_chart(
    labels: Sequence[str], cells: Sequence[SafeCell | None], reworded: Sequence[bool] = ()
) -> LineChart:
    """One number over waves; percent on a zero-based axis.

    `reworded`: per wave whether its question has other words than the wave before; the line is broken there.
    """
    top = _top([cell for cell in cells if cell is not None])
    step = (WIDTH - LEFT - RIGHT) / max(1, len(labels))
    every = -(-len(labels) // LABELS)
    runs: list[list[Mark]] = [[]]
    gaps = []
    for index, (label, cell) in enumerate(zip(labels, cells, strict=True)):
        x = round(LEFT + step * (index + 0.5), 1)
        written = label if (len(labels) - 1 - index) % every == 0 else ""
        if cell is None:
            gaps.append((x, written))
            runs.append([])
            continue
        if index < len(reworded) and reworded[index]:
            runs.append([])
        high, low = _y(cell.likely_high, top), _y(cell.likely_low, top)
        runs[-1].append(
            Mark(x, round((high + low) / 2, 1), high, low, written, f"{cell.share}、{cell.people}")
        )
    kept = tuple(tuple(run) for run in runs if run)
    return LineChart(
        marks=tuple(mark for run in kept for mark in run),
        runs=kept,
        gaps=tuple(gaps),
        ticks=tuple((_y(value, top), value) for value in _ticks(top)),
        reworded=tuple(round(LEFT + step * index, 1) for index, changed in enumerate(reworded) if changed),
    )


Rows = Sequence[tuple[str, SafeCell]]
"""Places and their numbers, in the order in which they are shown."""


def interval_chart(rows: Rows) -> IntervalChart:
    """Several places side by side, in the order given; percent from left to right."""
    top = _top([cell for _, cell in rows])
    left, width = 250, 960
    scale = (width - left - 220) / top
    drawn = []
    for index, (title, cell) in enumerate(rows):
        a, b = round(left + scale * cell.likely_low, 1), round(left + scale * min(top, cell.likely_high), 1)
        drawn.append(
            Interval(
                ROW * (index + 1) + 4,
                a,
                b,
                round((a + b) / 2, 1),
                shortened(title),
                f"{cell.share}、{cell.people}",
            )
        )
    ticks = tuple((round(left + scale * value, 1), value) for value in _ticks(top))
    return IntervalChart(tuple(drawn), ticks, width, ROW * (len(rows) + 2))


def drawn(wide: Rows, schools: Rows) -> Rows:
    """What is drawn of a list: of a prefecture only levels and the whole, its schools stand in the table."""
    return [*wide, *schools] if len(schools) <= DRAWN else list(wide)


def shortened(title: str) -> str:
    """A long name as it fits beside a chart; the table beneath has it in full.

    Cut in the middle: two parts of one school differ in their last signs.
    """
    if len(title) <= NAME_CHARS:
        return title
    return f"{title[: NAME_CHARS - TAIL_CHARS - 1]}…{title[-TAIL_CHARS:]}"


def _top(cells: Sequence[SafeCell]) -> int:
    highest = max((cell.likely_high for cell in cells), default=10)
    return next(edge for edge in (10, 20, 40, 60, 100) if highest <= edge)


def _ticks(top: int) -> tuple[int, ...]:
    step = {10: 5, 20: 5, 40: 10, 60: 20, 100: 25}[top]
    return tuple(range(0, top + 1, step))


def _y(percent: int, top: int) -> float:
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - percent / top), 1)
