"""Step curves, funnel plots and comparisons as coordinates: numbers to points of a drawing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt

from survey_api.services.insights.intervals import Z95, Z998, Share
from survey_api.services.insights.safe import SafeCell

WIDTH, HEIGHT = 640, 272
LEFT, RIGHT, TOP, BOTTOM = 48, 24, 28, 48
DAYS_SHOWN = 40
PERCENTS = (0, 25, 50, 75, 100)


@dataclass(frozen=True)
class StepChart:
    """Share met by day: the line, the pale band, the goal and both axes."""

    line: str
    band: str
    goal: float
    ticks: tuple[tuple[float, int], ...]
    days: tuple[tuple[float, int], ...]
    width: int = WIDTH
    height: int = HEIGHT
    top: int = TOP
    """The word at the goal stands above this, where neither axis nor band can run through it."""
    base: int = HEIGHT - BOTTOM


def step_chart(points: Sequence[tuple[int, Share]], goal_day: int) -> StepChart:
    """`points`: last day of each step, and the share met by then. Nothing is drawn between known days."""
    middle = _steps([(day, share.about) for day, share in points])
    upper = _corners([(day, share.high) for day, share in points])
    lower = _corners([(day, share.low) for day, share in points])
    band = " ".join(f"{x},{y}" for x, y in [*upper, *reversed(lower)])
    return StepChart(
        line=middle,
        band=band,
        goal=_x(goal_day),
        ticks=tuple((_y(value), value) for value in PERCENTS),
        days=tuple((_x(day), day) for day in (0, 5, 10, 20, 30, 40)),
    )


def _steps(points: Sequence[tuple[int, int]]) -> str:
    return " ".join(f"{x},{y}" for x, y in _corners(points))


def _corners(points: Sequence[tuple[int, int]]) -> list[tuple[float, float]]:
    """Across at the old height, then up: the share by a day is known on that day only."""
    corners: list[tuple[float, float]] = []
    for day, percent in points:
        if corners:
            corners.append((_x(day), corners[-1][1]))
        corners.append((_x(day), _y(percent)))
    return corners


def _x(day: int) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * day / DAYS_SHOWN, 1)


def _y(percent: float, top: int = 100) -> float:
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - percent / top), 1)


@dataclass(frozen=True)
class FunnelPoint:
    """One school: where it lies, how far rounding lets it move, and its number in the list beside."""

    number: int
    x: float
    y: float
    high: float
    low: float
    title: str
    label: tuple[float, float] = (0, 0)
    """Where its number stands: middle and foot of the figures."""


@dataclass(frozen=True)
class Funnel:
    """Schools by size and share, with the limits inside which chance alone would keep them. No order of merit."""

    points: tuple[FunnelPoint, ...]
    middle: float
    limits: tuple[tuple[str, str], ...]
    ticks: tuple[tuple[float, int], ...]
    sizes: tuple[tuple[float, int], ...]
    width: int = WIDTH
    height: int = HEIGHT
    base: int = HEIGHT - BOTTOM


@dataclass(frozen=True)
class Sized:
    """A group as a funnel needs it: about how many children, and how many of them at least and at most."""

    title: str
    children: float
    low: float
    high: float

    @property
    def middle(self) -> float:
        """Share of the middle of the range."""
        return min(1.0, (self.low + self.high) / 2 / max(1.0, self.children))


def sized(title: str, cell: SafeCell) -> Sized:
    """A protected number: its range, and the middle of the tens of children behind it."""
    return Sized(title, (cell.n_low + cell.n_high) / 2, cell.low, cell.high)


def funnel(rows: Sequence[Sized], whole: Sized) -> Funnel | None:
    """`rows` in the fixed order of schools; `whole`: the same number for the city. None below three rows."""
    if len(rows) < 3:
        return None
    widest = max(row.children for row in rows) * 1.1
    share = whole.middle
    highest = max([100 * row.high / max(1.0, row.children) for row in rows] + [100 * share])
    top = next((edge for edge in (10, 20, 40, 60, 100) if highest <= edge), 100)

    def x(children: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * children / widest, 1)

    def y(percent: float) -> float:
        return _y(min(float(top), max(0.0, percent)), top)

    def limit(z: float) -> str:
        steps = [widest * step / 40 for step in range(2, 41)]
        return " ".join(f"{x(n)},{y(100 * (share + z * sqrt(share * (1 - share) / n)))}" for n in steps)

    points = tuple(
        FunnelPoint(
            number,
            x(row.children),
            y(100 * row.middle),
            y(100 * row.high / max(1.0, row.children)),
            y(100 * row.low / max(1.0, row.children)),
            row.title,
        )
        for number, row in enumerate(rows, start=1)
    )
    step = next(one for one in (10, 25, 50, 100, 200, 500, 1000) if widest / one <= 8)
    return Funnel(
        points=_labelled(points),
        middle=y(100 * share),
        limits=tuple(
            (kind, limit(z)) for kind, z in (("l95", Z95), ("l95", -Z95), ("l998", Z998), ("l998", -Z998))
        ),
        ticks=tuple((y(value), value) for value in _ticks(top)),
        sizes=tuple((x(n), n) for n in range(0, int(widest) + 1, step)),
    )


DIGIT, FIGURE = 8, 13
"""Width of one figure of a label and its height, in the drawing's units."""
Box = tuple[float, float, float, float]


def label_box(number: int, at: tuple[float, float]) -> Box:
    """Left, top, right and foot of a number that stands there."""
    half = DIGIT * len(str(number)) / 2
    return at[0] - half, at[1] - FIGURE + 2, at[0] + half, at[1] + 2


def _labelled(points: Sequence[FunnelPoint]) -> tuple[FunnelPoint, ...]:
    """Each number beside its own mark, at the first place where it covers no other number and no mark."""
    taken: list[Box] = [(one.x - 5, one.high, one.x + 5, one.low) for one in points]
    taken += [(one.x - 6, one.y - 6, one.x + 6, one.y + 6) for one in points]
    placed: dict[int, FunnelPoint] = {}
    for point in sorted(points, key=lambda one: (one.x, one.y)):
        places = _around(point)
        free = min(places, key=lambda at: (_covered(label_box(point.number, at), taken), places.index(at)))
        taken.append(label_box(point.number, free))
        placed[point.number] = replace(point, label=free)
    return tuple(placed[point.number] for point in points)


def _around(point: FunnelPoint) -> list[tuple[float, float]]:
    """Places for a number, the nearest first: beside the dot, over and under the whisker, then further off."""
    aside, places = 7 + DIGIT * len(str(point.number)) / 2, []
    for step in range(4):
        up, down = point.high - 5 - FIGURE * step, point.low + FIGURE * (step + 1)
        if not step:
            places += [(point.x + aside, point.y + 4), (point.x - aside, point.y + 4)]
        places += [(point.x + dx, y) for y in (up, down) for dx in (0, aside, -aside)]
    return [
        (round(x, 1), round(y, 1))
        for x, y in places
        if FIGURE <= y <= HEIGHT - BOTTOM - 2 and LEFT < x < WIDTH
    ]


def _covered(box: Box, taken: Sequence[Box]) -> float:
    """How much of a box others cover."""
    return sum(
        max(0.0, min(box[2], one[2]) - max(box[0], one[0]))
        * max(0.0, min(box[3], one[3]) - max(box[1], one[1]))
        for one in taken
    )


def _ticks(top: int) -> tuple[int, ...]:
    step = {10: 5, 20: 5, 40: 10, 60: 20, 100: 25}[top]
    return tuple(range(0, top + 1, step))


@dataclass(frozen=True)
class ComparedRow:
    """One line of a comparison: an interval of ours, or the open diamond of somebody else's figure."""

    y: float
    title: str
    words: str
    left: float | None
    right: float | None
    middle: float
    diamond: str


@dataclass(frozen=True)
class Comparison:
    rows: tuple[ComparedRow, ...]
    ticks: tuple[tuple[float, int], ...]
    width: int
    height: int


ROW = 34


def comparison(ours: Sequence[tuple[str, SafeCell]], theirs: Sequence[tuple[str, float, str]]) -> Comparison:
    """Ours as dot and interval, theirs as open diamonds; percent from left to right."""
    left, width = 260, 960
    highest = max([cell.likely_high for _, cell in ours] + [value for _, value, _ in theirs])
    top = next((edge for edge in (10, 20, 40, 60, 100) if highest <= edge), 100)
    scale = (width - left - 220) / top
    rows = []
    for index, (title, cell) in enumerate(ours):
        a, b = left + scale * cell.likely_low, left + scale * min(top, cell.likely_high)
        row_y = ROW * (index + 1) + 4
        rows.append(
            ComparedRow(row_y, title, cell.share, round(a, 1), round(b, 1), round((a + b) / 2, 1), "")
        )
    for index, (title, value, words) in enumerate(theirs, start=len(ours)):
        at, row_y = round(left + scale * value, 1), ROW * (index + 1) + 4
        diamond = f"{at},{row_y - 7} {round(at + 7, 1)},{row_y} {at},{row_y + 7} {round(at - 7, 1)},{row_y}"
        rows.append(ComparedRow(row_y, title, words, None, None, at, diamond))
    ticks = tuple((round(left + scale * value, 1), value) for value in _ticks(top))
    return Comparison(tuple(rows), ticks, width, ROW * (len(rows) + 2))
