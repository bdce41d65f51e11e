"""The meeting pack: a tagged A4 PDF with embedded fonts for a table round which people sit."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import manimgx_fonts_cjk
import typst

from survey_api.services.insights import plan_words
from survey_api.services.insights.exports.rows import Extract, extract
from survey_api.services.insights.exports.workbook import reading_notes
from survey_api.services.insights.released import ReleasedWave
from survey_api.services.insights.safe import IndicatorNote, PlaceKind, SafeTable

_SHEET = Path(__file__).with_name("meeting_pack.typ")
_FONTS = Path(manimgx_fonts_cjk.__file__).parent
_ACROSS = 6
"""Indicators side by side on A4 before the words get too narrow."""
_REASONS = {
    "too-few-answers": "回答が10人に満たないため。",
    "too-few-schools": "学校の数が少なく、学校が分かってしまうため。",
}


def pdf_bytes(wave: ReleasedWave) -> bytes:
    """One released wave as a PDF; the same numbers as every other file."""
    said = json.dumps(_said(wave), ensure_ascii=False)
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(_FONTS)])
    written: bytes = typst.compile(_SHEET.read_bytes(), font_paths=fonts, sys_inputs={"data": said})
    return written


def _said(wave: ReleasedWave) -> Mapping[str, Any]:
    table, carried = wave.release.table, extract([wave])
    return {
        "title": f"{wave.name} 公表値",
        "subtitle": f"{wave.opens_on:%Y年%m月%d日}から{wave.closes_on:%Y年%m月%d日}まで",
        "rule": plan_words.RULE,
        "footer": f"公表計画の識別値 {table.plan_digest[:16]}",
        "city": [
            {
                "title": note.title,
                "share": cell.share,
                "people": cell.people,
                "low": cell.likely_low,
                "high": cell.likely_high,
            }
            for note in table.indicators
            for _, cell in table.of(note.id, PlaceKind.CITY)
        ],
        "tables": _tables(table),
        "withheld": [f"{table.indicator(name).title}：{_REASONS[reason]}" for name, reason in table.withheld],
        "meanings": [{"title": one.title, "definition": one.definition} for one in carried.meanings],
        "notes": list(_notes(carried)),
    }


def _notes(carried: Extract) -> tuple[str, ...]:
    return (
        "この資料だけで、子ども一人のことや、学校のよしあしを決めないでください。順位はつけていません。",
        *reading_notes(carried),
    )


def _tables(table: SafeTable) -> list[Mapping[str, Any]]:
    """Schools by indicators in the fixed order of the plan, six indicators to a table."""
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
