"""The meeting pack: a tagged A4 PDF with embedded fonts for a table round which people sit.

People choose the sections; without being told otherwise no school is named, and no row is about one school.
Whatever is chosen is attacked once more as one collection before it is printed.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import manimgx_fonts_cjk
import typst

from survey_api.services.insights import plan_words
from survey_api.services.insights.change import WORDS, change
from survey_api.services.insights.combined import refuse_if_combined_pins
from survey_api.services.insights.exports.rows import Extract, extract
from survey_api.services.insights.exports.sections import Choice, Section
from survey_api.services.insights.exports.workbook import reading_notes
from survey_api.services.insights.limits import LEVEL_SCHOOLS
from survey_api.services.insights.outcomes import SKIP, WAITING, part_words
from survey_api.services.insights.planning import RESPONSE
from survey_api.services.insights.released import ReleasedWave
from survey_api.services.insights.safe import IndicatorNote, Place, PlaceKind, SafeCell, SafeTable

_SHEET = Path(__file__).with_name("meeting_pack.typ")
_FONTS = Path(manimgx_fonts_cjk.__file__).parent
_ACROSS = 6
"""Indicators side by side on A4 before the words get too narrow."""
_WAVES = 5
"""Newest waves side by side in the table of trends."""
_REASONS = {
    "too-few-answers": "回答が10人に満たないため。",
    "too-few-schools": "学校の数が少なく、学校が分かってしまうため。",
}


def pdf_bytes(waves: Sequence[ReleasedWave], choice: Choice = Choice()) -> bytes:  # noqa: B008 - frozen
    """The newest of these waves as a PDF, with the trend up to it; the same numbers as every other file."""
    _refuse_combination(waves[-1].release.table, waves[-1], choice)
    said = json.dumps(_said(waves, choice), ensure_ascii=False)
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(_FONTS)])
    written: bytes = typst.compile(_SHEET.read_bytes(), font_paths=fonts, sys_inputs={"data": said})
    return written


def _refuse_combination(table: SafeTable, wave: ReleasedWave, choice: Choice) -> None:
    """What stands together on the pages is looked at together, whatever the sections were alone."""
    kinds = {PlaceKind.CITY}
    if Section.SCHOOLS in choice.sections or Section.RESPONSE in choice.sections:
        kinds |= {PlaceKind.UNIT}
    refuse_if_combined_pins(table, wave.release.plan, kinds)


def _said(waves: Sequence[ReleasedWave], choice: Choice) -> Mapping[str, Any]:
    wave = waves[-1]
    table, carried = wave.release.table, extract([wave])
    chosen = choice.sections
    return {
        "title": f"{wave.name} 公表値",
        "subtitle": f"{wave.opens_on:%Y年%m月%d日}から{wave.closes_on:%Y年%m月%d日}まで",
        "rule": plan_words.RULE,
        "footer": f"公表ずみの数字・公表計画の識別値 {table.plan_digest[:16]}",
        "city": _city(waves) if Section.CITY in chosen else [],
        "trends": _trends(waves) if Section.TRENDS in chosen else None,
        "response": _response(table, choice) if Section.RESPONSE in chosen else [],
        "outcomes": _outcomes(table) if Section.OUTCOMES in chosen else [],
        "tables": _tables(table) if Section.SCHOOLS in chosen and not choice.unnamed else [],
        "unlike": _unlike(table) if Section.SCHOOLS in chosen and choice.unnamed else None,
        "unnamed": choice.unnamed and bool(chosen & {Section.SCHOOLS, Section.RESPONSE}),
        "withheld": [f"{table.indicator(name).title}：{_REASONS[reason]}" for name, reason in table.withheld],
        "meanings": [{"title": note.title, "definition": note.definition} for note in table.indicators],
        "notes": list(_notes(carried)),
    }


def _notes(carried: Extract) -> tuple[str, ...]:
    return (
        "この資料だけで、子ども一人のことや、学校のよしあしを決めないでください。順位はつけていません。",
        *reading_notes(carried),
    )


def _city(waves: Sequence[ReleasedWave]) -> list[Mapping[str, Any]]:
    """Every indicator of the city with a sentence against the wave before."""
    table = waves[-1].release.table
    return [
        {
            "title": note.title,
            "share": cell.share,
            "people": cell.people,
            "low": cell.likely_low,
            "high": cell.likely_high,
            "sentence": _sentence(waves, note, cell),
        }
        for note in table.indicators
        for _, cell in table.of(note.id, PlaceKind.CITY)
    ]


def _sentence(waves: Sequence[ReleasedWave], note: IndicatorNote, cell: SafeCell) -> str:
    earlier = waves[-2].release.table.cell(cell.indicator, cell.place) if len(waves) > 1 else None
    if earlier is None:
        return "くらべられる前回がありません"
    before = waves[-2].release.table.indicator(note.id)
    if before.wording and note.wording and before.wording != note.wording:
        return "質問の言い方が変わりました"
    return WORDS[change(earlier, cell)]


def _trends(waves: Sequence[ReleasedWave]) -> Mapping[str, Any]:
    shown = waves[-_WAVES:]
    rows = []
    for note in waves[-1].release.table.indicators:
        for _, cell in waves[-1].release.table.of(note.id, PlaceKind.CITY):
            found = [wave.release.table.cell(cell.indicator, cell.place) for wave in shown]
            rows.append({"title": note.title, "cells": [one.share if one else "なし" for one in found]})
    return {"heads": [f"{wave.opens_on:%Y年%m月}" for wave in shown], "rows": rows}


def _response(table: SafeTable, choice: Choice) -> list[Mapping[str, Any]]:
    rows = [(place.title, cell) for place, cell in table.of(RESPONSE.id, PlaceKind.CITY)]
    levels = list(table.of(RESPONSE.id, PlaceKind.LEVEL))
    if not choice.unnamed or all(_schools(place) >= LEVEL_SCHOOLS for place, _ in levels):
        rows += [(place.title, cell) for place, cell in levels]
    if not choice.unnamed:
        rows += [(place.title, cell) for place, cell in table.of(RESPONSE.id, PlaceKind.UNIT)]
    return [
        {"title": title, "asked": cell.asked, "people": cell.people, "share": cell.share}
        for title, cell in rows
    ]


def _schools(place: Place) -> int:
    return len({school for school, _ in place.members})


def _outcomes(table: SafeTable) -> list[Mapping[str, Any]]:
    return [
        {
            "title": measure.title,
            "definition": measure.definition,
            "parts": [
                {"title": part_words(part.id, part.title), "people": part.people} for part in measure.parts
            ],
        }
        for measure in table.measures
        if not measure.id.startswith((f"{SKIP}-", f"{WAITING}-"))
    ]


def _unlike(table: SafeTable) -> Mapping[str, Any] | None:
    """How many schools lie clearly below, within or clearly above the city: all that a pack without names says.

    A row per school would name it whatever stands in front: everybody knows which school is the small one, and
    numbers of people, wide ranges and missing questions all tell its size. Not even a share is counted, only
    whether the likely ranges lie apart, so that the wide range of a small school does not make it stand out.
    """
    rows = []
    for note in table.indicators:
        for _, city in table.of(note.id, PlaceKind.CITY):
            cells = [cell for _, cell in table.of(note.id, PlaceKind.UNIT)]
            if len(cells) < LEVEL_SCHOOLS:
                continue
            below = sum(cell.likely_high < city.likely_low for cell in cells)
            above = sum(cell.likely_low > city.likely_high for cell in cells)
            counts = (below, len(cells) - below - above, above)
            rows.append({"title": note.title, "cells": [f"{count}校" for count in counts]})
    return {"rows": rows} if rows else None


def _tables(table: SafeTable) -> list[Mapping[str, Any]]:
    """Schools by indicators with their names in the fixed order, six indicators to a table."""
    shown: list[IndicatorNote] = [
        note for note in table.indicators if any(True for _ in table.of(note.id, PlaceKind.UNIT))
    ]
    made: list[Mapping[str, Any]] = []
    for start in range(0, len(shown), _ACROSS):
        notes = shown[start : start + _ACROSS]
        titles: dict[str, dict[str, str]] = {}
        for note in notes:
            for place, cell in table.of(note.id, PlaceKind.UNIT):
                titles.setdefault(place.title, {})[note.id] = f"{cell.share}（{cell.people}）"
        made.append(
            {
                "title": f"学校ごと（{start // _ACROSS + 1}）",
                "caption": "学校は決まった順です。幅が重なる学校どうしに差があるとは言えません。",
                "heads": [note.title for note in notes],
                "rows": [
                    {"title": title, "cells": [cells.get(note.id, "対象外") for note in notes]}
                    for title, cells in titles.items()
                ],
            }
        )
    return made
