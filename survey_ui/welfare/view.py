"""From released tables to what the pages show. Reads protected numbers only; there is nothing else here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from survey_api.kit.problems import NotFound
from survey_api.services.insights.change import WORDS as CHANGE_WORDS
from survey_api.services.insights.change import Change, change
from survey_api.services.insights.plan import ReleasePlan
from survey_api.services.insights.released import ReleasedWave
from survey_api.services.insights.safe import IndicatorNote, Place, PlaceKind, SafeCell, SafeTable

SCHOOLS_A_PART = 60
"""Rows that one page of the school table shows; a city has fewer, a prefecture turns the pages."""
REWORDED = "前回とは質問の言い方がちがうため、くらべません"
CHANGED = (CHANGE_WORDS[Change.MORE], CHANGE_WORDS[Change.FEWER])
WITHHELD_WORDS = {
    "too-few-answers": "回答が10人に満たないため、数字を出していません。",
    "too-few-schools": "学校の数が少なく、学校が分かってしまうため、数字を出していません。",
}


@dataclass(frozen=True)
class Line:
    """One indicator in one sentence."""

    note: IndicatorNote
    cell: SafeCell
    versus: str
    before: SafeCell | None = None


@dataclass(frozen=True)
class Shade:
    """A cell of the heat table: the number's words and one of five steps of grey-safe blue."""

    cell: SafeCell | None
    step: int
    words: str


@dataclass(frozen=True)
class Row:
    title: str
    kind: PlaceKind
    shades: tuple[Shade, ...]


@dataclass(frozen=True)
class HeatPart:
    """Some of a long list of schools, from the name of the first to that of the last."""

    number: int
    first: str
    last: str


@dataclass(frozen=True)
class Heat:
    """Places in the fixed order of the plan by indicators. Never sorted by a value."""

    notes: tuple[IndicatorNote, ...]
    rows: tuple[Row, ...]
    parts: tuple[HeatPart, ...] = ()
    """How a long list of schools is cut; empty when it is whole."""


def wave_of(waves: Sequence[ReleasedWave], wave: str) -> ReleasedWave:
    """The wave that was asked for, the newest without a wish. NotFound when it was not released."""
    if not wave:
        return waves[-1]
    chosen = next((one for one in waves if one.wave_id == wave), None)
    if chosen is None:
        raise NotFound
    return chosen


def city_lines(waves: Sequence[ReleasedWave]) -> tuple[Line, ...]:
    """The newest wave for the whole city, each number against the wave before."""
    table = waves[-1].release.table
    before = waves[-2].release.table if len(waves) > 1 else None
    lines = []
    for note in table.indicators:
        new_words = reworded(waves, note.id)[-1]
        for _, cell in table.of(note.id, PlaceKind.CITY):
            earlier = before.cell(cell.indicator, cell.place) if before else None
            lines.append(Line(note, cell, _versus(earlier, cell, reworded=new_words), earlier))
    return tuple(lines)


def reworded(waves: Sequence[ReleasedWave], indicator: str) -> tuple[bool, ...]:
    """Per wave: whether the question has other words than in the wave before that asked it."""
    marks = [
        next((note.wording for note in wave.release.table.indicators if note.id == indicator), "")
        for wave in waves
    ]
    changed, last = [], ""
    for mark in marks:
        changed.append(bool(mark and last and mark != last))
        last = mark or last
    return tuple(changed)


def school_heat(table: SafeTable, part: int = 1) -> Heat:
    """Schools, then levels, then the city, by the indicators that schools have.

    Of a prefecture's schools only one part of the list, in its fixed order. NotFound when there is no such part.
    """
    notes = tuple(note for note in table.indicators if not note.level_only and table.holds(note.id))
    return _heat(table, notes, (PlaceKind.UNIT, PlaceKind.LEVEL, PlaceKind.CITY), part)


def wide_heat(table: SafeTable) -> Heat:
    """Levels and the city, by the indicators that are never shown for a school."""
    notes = tuple(note for note in table.indicators if note.level_only and table.holds(note.id))
    return _heat(table, notes, (PlaceKind.LEVEL, PlaceKind.CITY))


def withheld(table: SafeTable) -> tuple[tuple[IndicatorNote, str], ...]:
    return tuple((table.indicator(name), WITHHELD_WORDS[reason]) for name, reason in table.withheld)


def silent_schools(plan: ReleasePlan, table: SafeTable) -> tuple[str, ...]:
    """Schools of the plan without any answer, so without a row."""
    planned = {school for part in plan.partitions for unit in part.units for school in unit.schools}
    seen = {school for place in table.places for school, _ in place.members}
    return tuple(school.name for school in plan.schools if school.id in planned - seen)


def places_of(table: SafeTable, indicator: str) -> tuple[Place, ...]:
    """Where this indicator has a number: the city, levels, then schools and their blocks."""
    order = (PlaceKind.CITY, PlaceKind.LEVEL, PlaceKind.UNIT, PlaceKind.BLOCK, PlaceKind.GRADE)
    return tuple(place for kind in order for place, _ in table.of(indicator, kind))


def series(waves: Sequence[ReleasedWave], indicator: str, place: str) -> tuple[SafeCell | None, ...]:
    """One number over all waves; None where a wave has none, which stays a gap."""
    return tuple(wave.release.table.cell(indicator, place) for wave in waves)


def series_sentence(cells: Sequence[SafeCell | None], *, reworded: bool = False) -> str:
    """What may be said about the newest wave against the one before it; nothing over other words."""
    if not cells or cells[-1] is None:
        return "今回の数字はありません。"
    if len(cells) < 2 or cells[-2] is None:
        return "くらべられる前回の数字がありません。"
    return (REWORDED if reworded else CHANGE_WORDS[change(cells[-2], cells[-1])]) + "。"


def _versus(earlier: SafeCell | None, cell: SafeCell, *, reworded: bool) -> str:
    if earlier is None:
        return "くらべられる前回がありません"
    return REWORDED if reworded else CHANGE_WORDS[change(earlier, cell)]


def _heat(
    table: SafeTable, notes: tuple[IndicatorNote, ...], kinds: Sequence[PlaceKind], part: int = 1
) -> Heat:
    rows: list[Row] = []
    parts: tuple[HeatPart, ...] = ()
    for kind in kinds:
        found: dict[_Group, dict[str, SafeCell]] = {}
        covers: dict[_Group, set[tuple[str, str]]] = {}
        for note in notes:
            for place, cell in table.of(note.id, kind):
                group = _Group(place.title, place.members if kind is PlaceKind.UNIT else ())
                found.setdefault(group, {})[note.id] = cell
                covers.setdefault(group, set()).update(place.members)
        groups = sorted(found, key=lambda group: group.members)
        if kind is PlaceKind.UNIT:
            parts = _parts([group.title for group in groups])
            if part not in range(1, len(parts) + 1 if parts else 2):
                raise NotFound
            shown = groups[(part - 1) * SCHOOLS_A_PART : part * SCHOOLS_A_PART] if parts else groups
        else:
            shown = groups
        counted = {(note, one) for group in found for note in found[group] for one in covers[group]}
        rows += [
            Row(
                group.title,
                kind,
                tuple(
                    _shade(
                        found[group].get(note.id),
                        elsewhere=any((note.id, one) in counted for one in covers[group]),
                    )
                    for note in notes
                ),
            )
            for group in shown
        ]
    return Heat(notes, tuple(rows), parts)


class _Group(NamedTuple):
    """A row of the table: two schools of one name are two rows."""

    title: str
    members: tuple[tuple[str, str], ...]


def _parts(titles: Sequence[str]) -> tuple[HeatPart, ...]:
    if len(titles) <= SCHOOLS_A_PART:
        return ()
    cut = [titles[at : at + SCHOOLS_A_PART] for at in range(0, len(titles), SCHOOLS_A_PART)]
    return tuple(HeatPart(number, some[0], some[-1]) for number, some in enumerate(cut, start=1))


def _shade(cell: SafeCell | None, *, elsewhere: bool) -> Shade:
    if cell is None:
        return Shade(None, 0, "別の行で数えています" if elsewhere else "対象外")
    middle = (cell.share_low + cell.share_high) / 2
    step = 1 + sum(middle >= edge for edge in (10, 20, 35, 50))
    return Shade(cell, step, f"{cell.share}({cell.people})")
