"""The same key over many answer sheets at once: one row per sheet, equal to assess() row by row.

A frame has one column per item: a single item holds its code, a multi item its codes joined by “|” in sorted
order, a text item the text. The reserved codes and NOT_SHOWN, LEFT, RULED_OUT stand for the missing states; an
empty cell is LEFT. Categorical columns are fast, others are made so first. `seconds.<item>` holds seconds (empty: not
known). `before.bank` names the bank of the pupil's last wave (empty: there was none), `before.rules` its rules joined
by “|”, `before.<subscale>` its values in hundredths (empty: none). All of these may be absent.

Rows go through in blocks that fit the processor's nearest memory. Within a block everything is a look-up in a small
table, a sum (batch_sums), or a comparison of small numbers (batch_rules, batch_quality).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from scoring import batch_columns, batch_context
from scoring.assessment import UNDOUBTED, grave_rules
from scoring.batch_columns import LEFT, NOT_SHOWN, RULED_OUT, Array, Column, Truth, look, state
from scoring.batch_quality import QualityOf, Signs, sign_words
from scoring.batch_rules import Block, Conditions, Pair
from scoring.batch_sums import Added, Field, Sums
from scoring.change import Previous
from scoring.freetext import find_hits
from scoring.key import ConcernTable, ScoringKey, Subscale
from scoring.model import filled
from scoring.sheet import AnswerMistake, AnswerSheet
from scoring.vocabulary import Level, Urgency

__all__ = ["LEFT", "NOT_SHOWN", "RULED_OUT", "assess_frame", "frame_of"]

ROWS = 16_384
"""Of a block: large enough that a step of Python costs nothing, small enough to stay near the processor."""
_URGENCIES = (*Urgency, "")
_FIRST_STEPS = ("", "see_today", "ask_again")


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
    `vanished` (joined by “|”), `first_step`, `answered`, `refused`, `left` and `not_shown` (how many scored items).
    """
    missing = [name for name in [*key.items, *sorted(key.text_items)] if name not in frame.columns]
    if missing:
        raise AnswerMistake(f"answers.{missing[0]}: この列が表にありません")
    return _Batch(key, frame).assessed()


class _Batch:
    """One frame under one key: tables first, then the blocks, then the columns of the result."""

    def __init__(self, key: ScoringKey, frame: pd.DataFrame) -> None:
        self.key, self.frame, self.size = key, frame, len(frame)
        self.columns = {name: batch_columns.scored(item, frame[name]) for name, item in key.items.items()}
        self.columns |= {
            name: batch_columns.unscored(frame[name]) for name in _only_asked(key) if name in frame.columns
        }
        self.texts = {name: self._text(name) for name in sorted(key.text_items)}
        self.before = batch_context.before_of(key, frame)
        self.lasting = self.before.lasting(key) if self.before else []
        self.quality = QualityOf(key, self.columns, frame)
        self.conditions = Conditions(key, self.columns)
        self.sums = Sums([*self._fields(), *self.quality.fields()])
        self.values = {subscale.id: _ValueTable(key, subscale) for subscale in key.subscales}
        self.numbers = self._empty()

    def _text(self, name: str) -> tuple[Column, Array, Array]:
        lexicon = self.key.lexicon
        return batch_columns.written(
            self.frame[name], lambda text: bool(lexicon and find_hits(text, lexicon))
        )

    def _fields(self) -> list[Field]:
        key, columns = self.key, self.columns
        fields = [
            Field(f"points.{table.concern}", {i: _worth(key, table, i, columns[i]) for i in table.points})
            for table in key.model.tables
        ]
        for subscale in key.subscales:
            levels = {item: columns[item].levels.astype(np.int64) for item in subscale.items}
            total = {item: np.maximum(level, 0) for item, level in levels.items()}
            answered = {item: (level >= 0).astype(int) for item, level in levels.items()}
            applies = {item: (level != state(RULED_OUT)).astype(int) for item, level in levels.items()}
            fields += [
                Field(f"{subscale.id}.total", total),
                Field(f"{subscale.id}.answered", answered),
                Field(f"{subscale.id}.applies", applies),
            ]
        away = (state(NOT_SHOWN), state(RULED_OUT))
        not_shown = {item: np.isin(columns[item].levels, away).astype(int) for item in key.items}
        return [*fields, Field("not_shown", not_shown)]

    def _empty(self) -> dict[str, Array]:
        """The numbers of the result, to be filled block by block."""
        kinds: dict[str, Any] = {f"rule.{rule.id}": np.int8 for rule in self.key.rules}
        for subscale in self.key.subscales:
            kinds |= {f"value.{subscale.id}": np.int32, f"band.{subscale.id}": np.int8}
        for table in self.key.model.tables:
            kinds |= {f"points.{table.concern}": np.int32, f"pattern.{table.concern}": np.int8}
        kinds |= dict.fromkeys(("answered", "refused", "left", "not_shown"), np.int16)
        kinds |= {"signs": np.int16, "first_step": np.int8, "urgency": np.int8}
        kinds |= {f"vanished.{rule}": bool for rule in self.lasting}
        return {name: np.empty(self.size, dtype=kind) for name, kind in kinds.items()}

    def assessed(self) -> pd.DataFrame:
        nothing = np.full(self.size, np.nan)
        changes = {subscale.id: nothing for subscale in self.key.subscales}
        for start in range(0, self.size, ROWS):
            rows = slice(start, min(start + ROWS, self.size))
            for name, change in self._block(rows).items():
                if changes[name] is nothing:
                    changes[name] = np.full(self.size, np.nan)
                changes[name][rows] = change
        return self._result(changes)

    def _block(self, rows: slice) -> dict[str, Array]:
        """Fill these rows; returns the changes since the last wave, which most frames do not have."""
        key, out = self.key, self.numbers
        size = rows.stop - rows.start
        index = {name: column.codes[rows].astype(np.intp) for name, column in self.columns.items()}
        level = {name: look(self.columns[name].levels, index[name]) for name in key.items}
        added = self.sums.of(index, size)
        bands, changes = {}, {}
        for subscale in key.subscales:
            value, band = self.values[subscale.id].of(added)
            out[f"value.{subscale.id}"][rows], out[f"band.{subscale.id}"][rows] = value, band
            bands[subscale.id] = band
            change = self.before.change(subscale, value, rows) if self.before else None
            if change is not None:
                changes[subscale.id] = change
        signs = self.quality.of(rows, index, level, added)
        out["signs"][rows] = signs.bits
        self._counts(rows, added)
        called: dict[int, Truth] = {}
        block = self._look(rows, index, level, bands, changes, signs)
        fired = self.conditions.of(block)
        for rule, (true, could) in zip(key.rules, fired, strict=True):
            np.subtract(
                2 * true.view(np.int8), could.view(np.int8), out=out[f"rule.{rule.id}"][rows], dtype=np.int8
            )
            if rule.active:
                _call(called, rule.urgency, true)
        for table in key.model.tables:
            self._pattern(rows, table, added, called)
        self._vanished(rows, {rule.id: pair for rule, pair in zip(key.rules, fired, strict=True)}, called)
        urgent = _strongest(called, size)
        out["urgency"][rows] = urgent
        doubted = signs.ask_again()
        for rule, (true, _) in zip(key.rules, fired, strict=True):
            if rule.active and rule.level is Level.A and rule.concern in UNDOUBTED:
                doubted &= ~true
        out["first_step"][rows] = (urgent == Urgency.TODAY.rank) * (np.int8(1) + doubted)
        return changes

    def _look(
        self,
        rows: slice,
        index: Mapping[str, Array],
        level: Mapping[str, Array],
        bands: Mapping[str, Array],
        changes: Mapping[str, Array],
        signs: Signs,
    ) -> Block:
        size = rows.stop - rows.start
        before = self.before
        nothing = np.zeros(size, dtype=bool)
        unknown = np.full(size, np.nan)
        return Block(
            size=size,
            index=index,
            level=level,
            band=bands,
            change={subscale.id: changes.get(subscale.id, unknown) for subscale in self.key.subscales},
            there=before.there[rows] if before else None,
            fired_before=lambda rule: before.fired(rule, rows) if before else nothing,
            quality=signs.has,
            texts={
                name: (look(hits, column.codes[rows]), look(some, column.codes[rows]))
                for name, (column, hits, some) in self.texts.items()
            },
        )

    def _counts(self, rows: slice, added: Added) -> None:
        out = self.numbers
        missing = np.zeros(rows.stop - rows.start, dtype=np.int64)
        for name in ("refused", "left", "not_shown"):
            out[name][rows] = added[name]
            missing += added[name]
        out["answered"][rows] = len(self.key.items) - missing

    def _pattern(self, rows: slice, table: ConcernTable, added: Added, called: dict[int, Truth]) -> None:
        points = added[f"points.{table.concern}"] + table.base
        band = np.zeros(len(points), dtype=np.int8)
        for cut in table.bands:
            if cut.below is not None:
                band += points >= cut.below
        for place, cut in enumerate(table.bands):
            if cut.urgency is not None:
                _call(called, cut.urgency, band == place)
        self.numbers[f"points.{table.concern}"][rows] = points
        self.numbers[f"pattern.{table.concern}"][rows] = band

    def _vanished(self, rows: slice, fired: Mapping[str, Pair], called: dict[int, Truth]) -> None:
        if self.before is None:
            return
        grave = grave_rules(self.key)
        for rule in self.lasting:
            gone = self.before.fired(rule, rows) & ~fired[rule][0]
            self.numbers[f"vanished.{rule}"][rows] = gone
            if rule in grave:
                _call(called, Urgency.WATCH, gone)

    def _result(self, changes: Mapping[str, Array]) -> pd.DataFrame:
        """Words instead of numbers where people read them; no column is copied."""
        numbers = self.numbers
        found: dict[str, Any] = {}
        for subscale in self.key.subscales:
            names = [*(cut.band for cut in subscale.bands), ""]
            found[f"value.{subscale.id}"] = numbers[f"value.{subscale.id}"]
            found[f"band.{subscale.id}"] = batch_columns.words(
                _last(numbers[f"band.{subscale.id}"], names), names
            )
        found |= {f"change.{name}": change for name, change in changes.items()}
        found |= {f"rule.{rule.id}": numbers[f"rule.{rule.id}"] for rule in self.key.rules}
        for table in self.key.model.tables:
            found[f"points.{table.concern}"] = numbers[f"points.{table.concern}"]
            names = [cut.band for cut in table.bands]
            found[f"pattern.{table.concern}"] = batch_columns.words(
                numbers[f"pattern.{table.concern}"], names
            )
        found |= {name: numbers[name] for name in ("answered", "refused", "left", "not_shown")}
        found["signs"] = batch_columns.words(numbers["signs"], sign_words())
        gone = {rule: numbers[f"vanished.{rule}"] for rule in self.lasting}
        found["vanished"] = batch_context.joined(gone, self.size)
        found["first_step"] = batch_columns.words(numbers["first_step"], _FIRST_STEPS)
        found["urgency"] = batch_columns.words(numbers["urgency"], _URGENCIES)
        return pd.DataFrame(found, index=self.frame.index, copy=False)


class _ValueTable:
    """Every value and band a subscale can come to, looked up by what was added: no division in the blocks."""

    def __init__(self, key: ScoringKey, subscale: Subscale) -> None:
        self.id = subscale.id
        self.high = len(subscale.items) + 1
        worst = 1 + sum(key.items[item].worst for item in subscale.items)
        total, answered, applies = np.ogrid[:worst, : self.high, : self.high]
        enough = (answered > 0) & (answered >= subscale.min_answered * applies)
        scale = 100 * (len(subscale.items) if subscale.combine == "sum" else 1)
        some = np.maximum(answered, 1)
        value = np.where(enough, (2 * scale * total + some) // (2 * some), -1)
        limits = np.array([cut.below for cut in subscale.bands if cut.below is not None], dtype=np.int64)
        band = np.searchsorted(limits, value, side="right") if subscale.bands else np.full(value.shape, -1)
        self.value = value.astype(np.int32).ravel()
        self.band = np.where(value < 0, -1, band).astype(np.int8).ravel()

    def of(self, added: Added) -> tuple[Array, Array]:
        """(value, place of its band) of a block."""
        place = added[f"{self.id}.total"] * self.high + added[f"{self.id}.answered"]
        place = place * self.high + added[f"{self.id}.applies"]
        return look(self.value, place), look(self.band, place)


def _worth(key: ScoringKey, table: ConcernTable, name: str, column: Column) -> Array:
    """Points per value of one item's column."""
    item, by_code = key.items[name], table.points[name]
    refusal, absent = filled(key, table, name), table.mean[name]

    def worth(value: str, level: int) -> int:
        if level >= 0:
            return by_code[str(level) if item.is_multi else value]
        return refusal if level <= batch_columns.REFUSED_FROM else absent

    return column.table(worth, np.int64)


def _call(called: dict[int, Truth], urgency: Urgency, mask: Truth) -> None:
    rank = urgency.rank
    called[rank] = called[rank] | mask if rank in called else mask


def _strongest(called: Mapping[int, Truth], size: int) -> Array:
    """The rank of the strongest urgency that was called for; len(Urgency) for none."""
    bits = np.zeros(size, dtype=np.int8)
    for rank, mask in called.items():
        bits |= mask.view(np.int8) << np.int8(rank)
    count = len(Urgency)
    lowest = [next((rank for rank in range(count) if bit >> rank & 1), count) for bit in range(1 << count)]
    return look(np.array(lowest, dtype=np.int8), bits)


def _last(band: Array, names: Sequence[str]) -> Array:
    """−1 as the place of the last name."""
    return look(np.arange(len(names), dtype=np.int8), band)
