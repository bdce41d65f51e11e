"""The city's protected numbers beside figures that others published. Nothing is judged, nothing is ranked."""

from collections.abc import Sequence
from dataclasses import dataclass

from survey_api.services.insights.safe import IndicatorNote, PlaceKind, SafeCell, SafeTable
from survey_api.vocabulary import Stage
from survey_ui.welfare.curves import Comparison, comparison
from survey_ui.welfare.references import Reference, references


@dataclass(frozen=True)
class Compared:
    """One indicator: ours and theirs; no chart where either is missing."""

    note: IndicatorNote
    ours: tuple[tuple[str, SafeCell], ...]
    theirs: tuple[Reference, ...]
    chart: Comparison | None


def compared(table: SafeTable) -> Sequence[Compared]:
    """Every indicator of the wave, those with a published figure first."""
    found = [_one(table, note) for note in table.indicators if note.id != "response"]
    return sorted(found, key=lambda one: not one.theirs)


def _one(table: SafeTable, note: IndicatorNote) -> Compared:
    ours = tuple(
        (place.title, cell)
        for kind in (PlaceKind.LEVEL, PlaceKind.CITY)
        for place, cell in table.of(note.id, kind)
    )
    order = [str(level) for level in Stage] + ["all"]
    theirs = tuple(
        sorted(
            (one for one in references() if one.indicator == note.id), key=lambda one: order.index(one.level)
        )
    )
    drawn = [(one.who, one.percent, f"{one.percent}%({one.year}年)") for one in theirs]
    return Compared(note, ours, theirs, comparison(ours, drawn) if ours and theirs else None)
