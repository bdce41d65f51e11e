"""From points to the share of children who turned out to need support: Platt's line or isotonic knots.

Declared in a bank's scoring.yaml once outcomes are known. A share is never shown about a child; it places the cuts of
the bands (`below_share`) and tells people who plan how many of a list may be expected to need support.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import exp, isfinite
from typing import Any

ISOTONIC_FROM = 1000
"""Cases from which isotonic steps are steady enough; below, Platt's line."""


@dataclass(frozen=True)
class Calibration:
    """`base` and `slope` of log-odds on points (platt), or rising knots (points, share) (isotonic)."""

    kind: str
    cases: int
    """Children with the outcome that it rests on."""
    base: float = 0.0
    slope: float = 0.0
    knots: tuple[tuple[float, float], ...] = ()

    def share(self, points: int) -> float:
        """`points` in hundredths, as everywhere."""
        value = points / 100
        if self.kind == "platt":
            return 1 / (1 + exp(-max(-700.0, min(700.0, self.base + self.slope * value))))
        place = bisect_right([at for at, _ in self.knots], value)
        if place in (0, len(self.knots)):
            return self.knots[min(place, len(self.knots) - 1)][1]
        (low, below), (high, above) = self.knots[place - 1], self.knots[place]
        return below + (above - below) * (value - low) / (high - low)

    def first_at(self, share: float, lowest: int, highest: int) -> int:
        """The fewest points (hundredths) from which `share` is reached; one past `highest` when they never do."""
        low, high = lowest, highest + 1
        while low < high:
            middle = (low + high) // 2
            if self.share(middle) >= share:
                high = middle
            else:
                low = middle + 1
        return low


def calibration_of(raw: Mapping[str, Any]) -> Calibration:
    """Data that already fits the schema. See calibration_mistakes for what it refuses."""
    knots = tuple((float(points), float(share)) for points, share in raw.get("knots", ()))
    return Calibration(
        raw["kind"], int(raw["cases"]), float(raw.get("base", 0)), float(raw.get("slope", 0)), knots
    )


def calibration_mistakes(raw: Mapping[str, Any]) -> Iterator[str]:
    """Numbers that are not finite, lines that fall, shares that are none, the wrong kind for so many cases."""
    found = calibration_of(raw)
    numbers = [found.base, found.slope, *(number for knot in found.knots for number in knot)]
    if not all(isfinite(number) for number in numbers):
        yield "有限の数ではありません(NaN や無限大は書けません)"
        return
    kind = "platt" if found.cases < ISOTONIC_FROM else "isotonic"
    if found.kind != kind:
        yield f"該当が{found.cases}人なら {kind} にしてください(境は{ISOTONIC_FROM}人)"
    if found.kind == "platt":
        if found.slope <= 0:
            yield "slope は0より大きくしてください(点が増えて割合が下がることはありません)"
        return
    points, shares = [at for at, _ in found.knots], [share for _, share in found.knots]
    if len(points) < 2 or points != sorted(set(points)):
        yield "knots の点は2つ以上を、だんだん大きくしてください"
    if shares != sorted(shares) or (shares and not 0 <= shares[0] <= shares[-1] <= 1):
        yield "knots の割合は0から1までで、下がらないようにしてください"
