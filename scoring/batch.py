"""The same key over many answer sheets at once: one row per sheet, equal to assess() row by row.

A frame has one column per item: a single item holds its code, a multi item its codes joined by “|” in sorted
order, a text item the text. The reserved codes and NOT_SHOWN, LEFT, RULED_OUT stand for the missing states; an
empty cell is LEFT. Columns may be categorical, which is fast. `seconds.<item>` holds seconds (empty: not known).
`before.bank` names the bank of the pupil's last wave (empty: there was none), `before.rules` its rules joined by
“|”, `before.<subscale>` its values in hundredths (empty: none). All of these may be absent. Works column by column on
numpy; no row of Python except for free text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from scoring import batch_context
from scoring.assessment import UNDOUBTED, grave_rules
from scoring.batch_context import Before, Chosen, Mask, Numbers, Signs
from scoring.change import RELIABLE, Previous
from scoring.freetext import find_hits
from scoring.key import ConcernTable, Condition, Cut, ItemKey, ScoringKey, Subscale
from scoring.model import filled
from scoring.sheet import AnswerMistake, AnswerSheet, count_level
from scoring.vocabulary import Level, Missing, Urgency

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

    def chosen(self) -> Chosen:
        return Chosen(self.index, tuple(self.values), self.levels)

    def spread(self, table: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
        spread: np.ndarray[Any, Any] = np.take(table, self.index)
        return spread


def frame_of(
    key: ScoringKey,
    sheets: Sequence[AnswerSheet],
    before: Sequence[Previous | None] | None = None,
    seconds: Sequence[Mapping[str, float]] | None = None,
) -> pd.DataFrame:
    """Sheets as the frame assess_frame() reads, with what is known of the last wave and of the seconds."""
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
        row.update({item: str(sheet.chosen.get(item, "")) for item in _only_asked(key)})
        rows.append(row)
    names = [*key.items, *sorted(key.text_items), *_only_asked(key)]
    frame = pd.DataFrame(rows, columns=names, dtype=object)
    return batch_context.added(frame, before, seconds)


def _only_asked(key: ScoringKey) -> list[str]:
    """Questions that nothing scores; where a choice stood on them still tells how a child answered."""
    return [name for name in key.asked if name not in key.items]


def assess_frame(key: ScoringKey, frame: pd.DataFrame) -> pd.DataFrame:
    """One row per sheet, index kept. AnswerMistake names the column of a code the key does not know.

    Columns: `urgency` ("" for none), per rule `rule.<id>` (1 fired, 0 not, -1 could not be evaluated), per subscale
    `value.<id>` (hundredths, -1 too little answered), `band.<id>` and `change.<id>` (reliable change index, NaN when
    there is nothing to compare), per concern `points.<concern>` (hundredths) and `pattern.<concern>`, `signs` and
    `vanished` (joined by “|”), `first_step`.
    """
    missing = [name for name in [*key.items, *sorted(key.text_items)] if name not in frame.columns]
    if missing:
        raise AnswerMistake(f"answers.{missing[0]}: この列が表にありません")
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
    before = batch_context.before_of(key, frame)
    changes = {}
    for subscale in key.subscales:
        changes[subscale.id] = before.change(subscale, found[f"value.{subscale.id}"])
        found[f"change.{subscale.id}"] = changes[subscale.id]
    chosen = {name: column.chosen() for name, column in columns.items()}
    chosen |= {
        name: _unscored(frame[name]) for name in key.asked if name not in columns and name in frame.columns
    }
    signs = batch_context.signs_of(key, frame, chosen)
    look = _Look(key, columns, texts, bands, size, before, changes, signs)
    fired: dict[str, Mask] = {}
    for rule in key.rules:
        truth = look.holds(rule.when)
        fired[rule.id] = truth == TRUE
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
    vanished = before.vanished(key, fired)
    grave = grave_rules(key)
    for rule_id, gone in vanished.items():
        if rule_id in grave:
            np.minimum(urgent, Urgency.WATCH.rank, out=urgent, where=gone)
    found["signs"] = batch_context.joined(signs.named(), size)
    found["vanished"] = batch_context.joined(vanished, size)
    found["first_step"] = _first_steps(key, fired, urgent, signs.ask_again())
    found["urgency"] = _URGENCIES[urgent]
    return pd.DataFrame(found, index=frame.index)


def _first_steps(
    key: ScoringKey, fired: dict[str, Mask], urgent: np.ndarray[Any, np.dtype[np.int8]], ask_again: Mask
) -> np.ndarray[Any, Any]:
    doubted = ask_again.copy()
    for rule in key.rules:
        if rule.active and rule.level is Level.A and rule.concern in UNDOUBTED:
            doubted &= ~fired[rule.id]
    steps = np.where(doubted, "ask_again", "see_today").astype(object)
    return np.where(urgent == Urgency.TODAY.rank, steps, "")


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


def _unscored(series: "pd.Series[Any]") -> Chosen:
    """A question that nothing scores: only where its choice stood matters."""
    index, uniques = pd.factorize(series)
    values = [*(str(value) for value in uniques), ""]
    index = index.astype(np.intp)
    index[index < 0] = len(values) - 1
    return Chosen(index, tuple(values), np.zeros(len(values), dtype=np.int8))


def _level(item: ItemKey, value: str) -> int:
    if value == "":
        return _state(LEFT)
    if value in _STATES:
        return _state(value)
    if item.is_multi:
        return count_level(item, value.split("|"))
    if value not in item.levels:
        raise AnswerMistake(f"answers.{item.id}: この質問の選択肢ではありません")
    return item.levels[value]


def _state(value: str) -> int:
    return -1 - _STATES.index(value)


def _text(key: ScoringKey, series: "pd.Series[Any]") -> tuple[Truth, Truth]:
    """(something of the lexicon stands in it, something is written). The same words are read once."""
    index, uniques = pd.factorize(series.astype(object))
    texts = [*(str(text) for text in uniques), ""]
    lexicon = key.lexicon
    hits = [bool(lexicon and text.strip() and find_hits(text, lexicon)) for text in texts]
    written = [bool(text.strip()) for text in texts]
    return np.array(hits, dtype=np.int8)[index], np.array(written, dtype=np.int8)[index]


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
    before: Before
    changes: dict[str, Numbers]
    signs: Signs

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
        if form == "previous":
            return self.before.fired(item).astype(np.int8)
        if form == "quality":
            return self.signs.has(item).astype(np.int8)
        if form == "worse":
            change = self.changes[item]
            known = np.where(np.isnan(change), UNKNOWN, (change >= RELIABLE).astype(np.int8))
            return np.where(self.before.there, known, FALSE).astype(np.int8)
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
