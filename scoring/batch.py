"""The same key over many answer sheets at once: one row per sheet, equal to assess() row by row.

A frame has one column per item: a single item holds its code, a multi item its codes joined by “|” in sorted
order, a text item the text. The reserved codes and NOT_SHOWN, LEFT, RULED_OUT stand for the missing states; an
empty cell is LEFT. Columns may be categorical, which is fast. No earlier wave, no seconds: rules about change
and quality are left to assess(). Works column by column on numpy; no row of Python except for free text.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from scoring.freetext import find_hits
from scoring.key import ConcernTable, Condition, Cut, ItemKey, Rule, ScoringKey, Subscale
from scoring.model import filled
from scoring.sheet import AnswerMistake, AnswerSheet, count_level
from scoring.vocabulary import Missing, Urgency

NOT_SHOWN, LEFT, RULED_OUT = "not_shown", "left", "ruled_out"
UNKNOWN, FALSE, TRUE = np.int8(-1), np.int8(0), np.int8(1)
_STATES = ("dont_know", "declined", NOT_SHOWN, LEFT, RULED_OUT)
_REFUSED, _ABSENT = (-1, -2), (-3, -4, -5)
_URGENCIES = np.array([*Urgency, ""], dtype=object)

Truth = np.ndarray[Any, np.dtype[np.int8]]
Whole = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class _Column:
    """One item over all rows: `index` points into `values`; `levels` are levels, or below 0 a missing state."""

    index: np.ndarray[Any, np.dtype[np.intp]]
    values: list[str]
    levels: np.ndarray[Any, np.dtype[np.int8]]
    """Per entry of `values`."""

    def spread(self, table: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
        spread: np.ndarray[Any, Any] = np.take(table, self.index)
        return spread


def frame_of(key: ScoringKey, sheets: list[AnswerSheet]) -> pd.DataFrame:
    """Sheets as the frame assess_frame() reads."""
    rows = []
    for sheet in sheets:
        row: dict[str, str] = {}
        for item in key.items:
            value = sheet.chosen.get(item)
            reason = sheet.missing.get(item)
            if reason is not None:
                row[item] = RULED_OUT if item in sheet.ruled_out else str(reason)
            else:
                row[item] = "|".join(sorted(value)) if isinstance(value, list) else str(value)
        row.update({item: sheet.texts.get(item, "") for item in key.text_items})
        rows.append(row)
    return pd.DataFrame(rows, columns=[*key.items, *sorted(key.text_items)], dtype=object)


def assess_frame(key: ScoringKey, frame: pd.DataFrame) -> pd.DataFrame:
    """One row per sheet, index kept. AnswerMistake names the column of a code the key does not know.

    Columns: `urgency` ("" for none), per rule `rule.<id>` (1 fired, 0 not, -1 could not be evaluated; absent for
    rules about change or quality), per subscale `value.<id>` (hundredths, -1 too little answered) and
    `band.<id>`, per concern `points.<concern>` (hundredths) and `pattern.<concern>`.
    """
    missing = [name for name in [*key.items, *sorted(key.text_items)] if name not in frame.columns]
    if missing:
        raise AnswerMistake(f"answers.{missing[0]}: the frame has no such column")
    columns = {name: _column(item, frame[name]) for name, item in key.items.items()}
    texts = {name: _text(key, frame[name]) for name in sorted(key.text_items)}
    size = len(frame)
    found: dict[str, Any] = {}
    urgent = np.full(size, len(Urgency), dtype=np.int8)
    bands: dict[str, np.ndarray[Any, np.dtype[np.int8]]] = {}
    for subscale in key.subscales:
        value = _subscale(subscale, columns, size)
        bands[subscale.id] = _band(value, subscale.bands)
        found[f"value.{subscale.id}"] = value
        found[f"band.{subscale.id}"] = _names(bands[subscale.id], subscale.bands)
    look = _Look(key, columns, texts, bands, size)
    for rule in key.rules:
        if not is_batchable(rule):
            continue
        truth = look.holds(rule.when)
        found[f"rule.{rule.id}"] = truth
        if rule.active:
            np.minimum(urgent, rule.urgency.rank, out=urgent, where=truth == TRUE)
    for table in key.model.tables:
        points = _points(key, table, columns, size)
        band = _band(points, table.bands, always=True)
        found[f"points.{table.concern}"] = points
        found[f"pattern.{table.concern}"] = _names(band, table.bands)
        ranks = np.array([cut.urgency.rank if cut.urgency else len(Urgency) for cut in table.bands], np.int8)
        np.minimum(urgent, np.take(ranks, band), out=urgent)
    found["urgency"] = _URGENCIES[urgent]
    return pd.DataFrame(found, index=frame.index)


def is_batchable(rule: Rule) -> bool:
    """Rules about earlier waves or about how carefully a child answered need assess()."""
    return not _forms(rule.when) & {"previous", "worse", "quality"}


def _forms(condition: Condition) -> set[str]:
    return {condition.form}.union(*(_forms(part) for part in condition.parts))


def _column(item: ItemKey, series: "pd.Series[Any]") -> _Column:
    if isinstance(series.dtype, pd.CategoricalDtype):
        values = [str(value) for value in series.cat.categories]
        index = series.cat.codes.to_numpy().astype(np.intp)
    else:
        codes, uniques = pd.factorize(series)
        values, index = [str(value) for value in uniques], codes.astype(np.intp)
    values = [*values, ""]
    index[index < 0] = len(values) - 1
    levels = np.array([_level(item, value) for value in values], dtype=np.int8)
    return _Column(index, values, levels)


def _level(item: ItemKey, value: str) -> int:
    if value == "":
        return _state(LEFT)
    if value in _STATES:
        return _state(value)
    if item.is_multi:
        return count_level(item, value.split("|"))
    if value not in item.levels:
        raise AnswerMistake(f"answers.{item.id}: not one of its choices")
    return item.levels[value]


def _state(value: str) -> int:
    return -1 - _STATES.index(value)


def _text(key: ScoringKey, series: "pd.Series[Any]") -> tuple[Truth, Truth]:
    """(something of the lexicon stands in it, something is written)."""
    texts = ["" if value is None or value != value else str(value) for value in series]
    lexicon = key.lexicon
    hits = [bool(lexicon and text.strip() and find_hits(text, lexicon)) for text in texts]
    written = [bool(text.strip()) for text in texts]
    return np.array(hits, dtype=np.int8), np.array(written, dtype=np.int8)


def _subscale(subscale: Subscale, columns: dict[str, _Column], size: int) -> Whole:
    """As subscales.subscale_value: hundredths rounded half up, -1 when too little was answered."""
    total, answered, applicable = (np.zeros(size, dtype=np.int64) for _ in range(3))
    for name in subscale.items:
        column = columns[name]
        total += column.spread(np.maximum(column.levels, 0).astype(np.int64))
        answered += column.spread((column.levels >= 0).astype(np.int64))
        applicable += column.spread((column.levels != _state(RULED_OUT)).astype(np.int64))
    enough = (answered > 0) & (answered >= subscale.min_answered * applicable)
    scale = 100 * (len(subscale.items) if subscale.combine == "sum" else 1)
    some = np.maximum(answered, 1)
    value: Whole = np.where(enough, (2 * scale * total + some) // (2 * some), -1)
    return value


def _band(value: Whole, cuts: tuple[Cut, ...], always: bool = False) -> np.ndarray[Any, np.dtype[np.int8]]:
    """Index of the band, -1 where there is no value (or no cut); `always`: every number is a value."""
    limits = np.array([cut.below for cut in cuts if cut.below is not None], dtype=np.int64)
    band = np.searchsorted(limits, value, side="right").astype(np.int8)
    if not cuts:
        return np.full(len(value), -1, dtype=np.int8)
    return band if always else np.where(value < 0, np.int8(-1), band)


def _names(band: np.ndarray[Any, np.dtype[np.int8]], cuts: tuple[Cut, ...]) -> np.ndarray[Any, Any]:
    names: np.ndarray[Any, Any] = np.array([*(cut.band for cut in cuts), ""], dtype=object)[band]
    return names


def _points(key: ScoringKey, table: ConcernTable, columns: dict[str, _Column], size: int) -> Whole:
    total = np.full(size, table.base, dtype=np.int64)
    for name, by_code in table.points.items():
        column, item = columns[name], key.items[name]
        worth = np.empty(len(column.values), dtype=np.int64)
        for place, (value, level) in enumerate(zip(column.values, column.levels.tolist(), strict=True)):
            if level in _REFUSED:
                worth[place] = filled(key, table, name)
            elif level in _ABSENT:
                worth[place] = table.mean[name]
            else:
                worth[place] = by_code[str(level) if item.is_multi else value]
        total += column.spread(worth)
    return total


@dataclass(frozen=True)
class _Look:
    """What conditions may look at, column by column; the vectorised twin of conditions.holds."""

    key: ScoringKey
    columns: dict[str, _Column]
    texts: dict[str, tuple[Truth, Truth]]
    bands: dict[str, np.ndarray[Any, np.dtype[np.int8]]]
    size: int

    def holds(self, condition: Condition) -> Truth:
        if condition.parts:
            return self._combined(condition)
        form, item = condition.form, condition.item
        if form in ("answered", "other_than", "is"):
            column = self.columns[item]
            by_value = [
                _one(condition, value, level)
                for value, level in zip(column.values, column.levels.tolist(), strict=True)
            ]
            return column.spread(np.array(by_value, dtype=np.int8))
        if form in ("text_hit", "text_written"):
            nothing = np.zeros(self.size, dtype=np.int8)
            return self.texts.get(item, (nothing, nothing))[0 if form == "text_hit" else 1]
        cuts = next(subscale.bands for subscale in self.key.subscales if subscale.id == item)
        inside = np.array([*(cut.band in condition.codes for cut in cuts), UNKNOWN], dtype=np.int8)
        return np.take(inside, self.bands[item], mode="wrap")

    def _combined(self, condition: Condition) -> Truth:
        values = [self.holds(part) for part in condition.parts]
        if condition.form == "not":
            turned: Truth = np.where(values[0] < 0, UNKNOWN, 1 - values[0]).astype(np.int8)
            return turned
        need = {"all": len(values), "any": 1}.get(condition.form, condition.at_least)
        true = np.zeros(self.size, dtype=np.int8)
        open_ = np.zeros(self.size, dtype=np.int8)
        for value in values:
            true += value == TRUE
            open_ += value == UNKNOWN
        return np.where(true >= need, TRUE, np.where(true + open_ >= need, UNKNOWN, FALSE)).astype(np.int8)


def _one(condition: Condition, value: str, level: int) -> int:
    """conditions.holds for one value of one item."""
    if condition.form == "is":
        state = _STATES[-1 - level] if level < 0 else ""
        return int((Missing.NOT_SHOWN if state == RULED_OUT else state) in condition.codes)
    if level < 0:
        return int(FALSE if level == _state(RULED_OUT) else UNKNOWN)
    given = set(value.split("|"))
    return int(bool(given & condition.codes if condition.form == "answered" else given - condition.codes))
