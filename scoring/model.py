"""The points table: each answer adds its points, and the sum is exactly what is shown.

All in hundredths of a point, whole numbers: contributions add up with no rounding. A refusal is filled at a
published share (25 %) of the way from the item's mean to its worst; an item that was not shown, or was left
when the child broke off, counts as the mean. Raising any answer can only raise the sum.
"""

from dataclasses import dataclass
from itertools import combinations

from scoring.bands import band_of
from scoring.key import ConcernTable, Cut, ScoringKey
from scoring.sheet import AnswerSheet
from scoring.vocabulary import REFUSALS


@dataclass(frozen=True)
class Contribution:
    """What one item added, and on which ground: answer, refusal or absent."""

    item: str
    points: int
    ground: str


@dataclass(frozen=True)
class ConcernScore:
    concern: str
    points: int
    band: Cut | None
    contributions: tuple[Contribution, ...]
    singles: tuple[str, ...]
    """Items of which one better answer alone would have left the band."""
    pairs: tuple[tuple[str, str], ...]
    """Pairs of items that together would, where no single one does."""


def concern_scores(key: ScoringKey, sheet: AnswerSheet) -> tuple[ConcernScore, ...]:
    return tuple(_score(key, table, sheet) for table in key.model.tables)


def _score(key: ScoringKey, table: ConcernTable, sheet: AnswerSheet) -> ConcernScore:
    contributions = tuple(_contribution(key, table, item, sheet) for item in table.points)
    points = table.base + sum(part.points for part in contributions)
    band = band_of(points, table.bands)
    singles: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    if band is not None and band.urgency is not None:
        singles, pairs = _ways_out(key, table, contributions, points)
    return ConcernScore(table.concern, points, band, contributions, singles, pairs)


def filled(key: ScoringKey, table: ConcernTable, item: str) -> int:
    """What a refusal adds: mean + fill · (worst − mean), in whole hundredths, never outside best..worst."""
    mean, worst = table.mean[item], table.worst(item)
    return mean + round(key.model.fill * (worst - mean))


def _contribution(key: ScoringKey, table: ConcernTable, item: str, sheet: AnswerSheet) -> Contribution:
    if item in sheet.levels:
        value = sheet.chosen[item]
        code = str(sheet.levels[item]) if key.items[item].is_multi else str(value)
        return Contribution(item, table.points[item][code], "answer")
    if sheet.missing.get(item) in REFUSALS:
        return Contribution(item, filled(key, table, item), "refusal")
    return Contribution(item, table.mean[item], "absent")


def _ways_out(
    key: ScoringKey, table: ConcernTable, contributions: tuple[Contribution, ...], points: int
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The smallest changes of answers that would have left the urgent bands. Exact, because it is a sum.

    A question that decides about follow-ups is left out: changing it would change more than one answer.
    """
    decisive = set(key.follow_ups.values())
    line = min(
        before.below
        for before, cut in zip(table.bands, table.bands[1:], strict=False)
        if cut.urgency is not None and before.urgency is None and before.below is not None
    )
    saving = {
        part.item: part.points - min(table.points[part.item].values())
        for part in contributions
        if part.ground == "answer" and part.item not in decisive
    }
    singles = tuple(item for item, saved in saving.items() if points - saved < line)
    if singles:
        return singles, ()
    useful = [item for item, saved in saving.items() if saved > 0]
    pairs = tuple(
        (one, two) for one, two in combinations(useful, 2) if points - saving[one] - saving[two] < line
    )
    return (), pairs
