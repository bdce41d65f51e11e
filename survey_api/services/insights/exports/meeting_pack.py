"""The meeting pack: a tagged A4 PDF with embedded fonts for a table round which people sit.

People choose the sections; without being told otherwise no school is named. Whatever is chosen is attacked once
more as one collection before it is printed.
"""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
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
from survey_api.services.insights.outcomes import SKIP, WAITING
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
        "tables": _tables(table, choice) if Section.SCHOOLS in chosen else [],
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
    kinds = (PlaceKind.CITY, PlaceKind.LEVEL)
    rows = [(place.title, cell) for kind in kinds for place, cell in table.of(RESPONSE.id, kind)]
    rows += _named(table, list(table.of(RESPONSE.id, PlaceKind.UNIT)), choice)
    return [
        {"title": title, "asked": cell.asked, "people": cell.people, "share": cell.share}
        for title, cell in rows
    ]


def _outcomes(table: SafeTable) -> list[Mapping[str, Any]]:
    return [
        {
            "title": measure.title,
            "definition": measure.definition,
            "parts": [{"title": part.title, "people": part.people} for part in measure.parts],
        }
        for measure in table.measures
        if not measure.id.startswith((f"{SKIP}-", f"{WAITING}-"))
    ]


def _named(
    table: SafeTable, rows: Sequence[tuple[Place, SafeCell]], choice: Choice
) -> list[tuple[str, SafeCell]]:
    """Rows of schools by name in the fixed order, or as 学校A, 学校B … in an order that says nothing."""
    if not choice.unnamed:
        return [(place.title, cell) for place, cell in rows]
    labels = _labels(table)
    return sorted(
        ((labels[place.title], cell) for place, cell in rows), key=lambda one: (len(one[0]), one[0])
    )


def _labels(table: SafeTable) -> dict[str, str]:
    """A letter for every school of the wave. Drawn from the numbers themselves, which only their holder knows."""
    titles = {place.title for place in table.places if place.kind is PlaceKind.UNIT}
    salt = sha256(repr(table.cells).encode()).digest()
    mixed = sorted(titles, key=lambda title: sha256(salt + title.encode()).digest())
    return {title: f"学校{_letters(number)}" for number, title in enumerate(mixed)}


def _letters(number: int) -> str:
    """A … Z, AA …"""
    return (_letters(number // 26 - 1) if number >= 26 else "") + chr(ord("A") + number % 26)


def _tables(table: SafeTable, choice: Choice) -> list[Mapping[str, Any]]:
    """Schools by indicators, six indicators to a table."""
    shown: list[IndicatorNote] = [
        note for note in table.indicators if any(True for _ in table.of(note.id, PlaceKind.UNIT))
    ]
    order = (
        "学校は決まった順です。" if not choice.unnamed else "学校名は出していません。並びに意味はありません。"
    )
    made: list[Mapping[str, Any]] = []
    for start in range(0, len(shown), _ACROSS):
        notes = shown[start : start + _ACROSS]
        titles: dict[str, dict[str, str]] = {}
        for note in notes:
            for title, cell in _named(table, list(table.of(note.id, PlaceKind.UNIT)), choice):
                titles.setdefault(title, {})[note.id] = f"{cell.share}（{cell.people}）"
        ordered = sorted(titles, key=lambda one: (len(one), one)) if choice.unnamed else list(titles)
        made.append(
            {
                "title": f"学校ごと（{start // _ACROSS + 1}）",
                "caption": order + "幅が重なる学校どうしに差があるとは言えません。",
                "heads": [note.title for note in notes],
                "rows": [
                    {"title": title, "cells": [titles[title].get(note.id, "対象外") for note in notes]}
                    for title in ordered
                ],
            }
        )
    return made
