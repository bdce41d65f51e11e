"""What a frame says beyond the answers: the last wave, the seconds, and how carefully every row was answered.

The vectorised twin of change.py and quality.py: whole numbers throughout, so that both agree to the last digit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
import pandas as pd

from scoring.assessment import lasts
from scoring.change import Previous
from scoring.key import ScoringKey, Subscale
from scoring.quality import (
    ASK_AGAIN,
    FAMILIES,
    FAST_SECONDS,
    FAST_SHARE,
    FULL,
    LONG_RUN,
    MANY_BLANK,
    MIN_ITEMS,
)

Mask = np.ndarray[Any, np.dtype[np.bool_]]
Whole = np.ndarray[Any, np.dtype[np.int64]]
Numbers = np.ndarray[Any, np.dtype[np.float64]]
_REFUSED, _LEFT = (-1, -2), -4


@dataclass(frozen=True)
class Chosen:
    """One item over all rows: `index` into `values`; `levels` per value, below 0 a missing state."""

    index: np.ndarray[Any, np.dtype[np.intp]]
    values: tuple[str, ...]
    levels: np.ndarray[Any, np.dtype[np.int8]]

    def level(self) -> Whole:
        return np.take(self.levels.astype(np.int64), self.index)

    def place(self, options: tuple[str, ...]) -> Whole:
        """Where the choice stood on its page; -1 where nothing was chosen."""
        table = np.array(
            [options.index(value) if value in options else -1 for value in self.values], np.int64
        )
        return np.take(table, self.index)


def added(
    frame: pd.DataFrame,
    before: Sequence[Previous | None] | None,
    seconds: Sequence[Mapping[str, float]] | None,
) -> pd.DataFrame:
    """The frame with columns for the last wave and for the seconds, where there are any."""
    parts = [frame]
    if before is not None:
        rows = [_before_row(previous) for previous in before]
        parts.append(pd.DataFrame(rows, index=frame.index))
    if seconds is not None:
        timed = [{f"seconds.{item}": value for item, value in row.items()} for row in seconds]
        parts.append(pd.DataFrame(timed, index=frame.index))
    return pd.concat(parts, axis=1) if len(parts) > 1 else frame


def _before_row(previous: Previous | None) -> dict[str, Any]:
    if previous is None:
        return {"before.bank": "", "before.rules": ""}
    values = {f"before.{name}": value for name, value in previous.values.items()}
    return {"before.bank": previous.bank or "*", "before.rules": "|".join(previous.rules), **values}


@dataclass(frozen=True)
class Before:
    """The last wave of every row. `there`: there was one; `comparable`: it was of the same bank."""

    there: Mask
    comparable: Mask
    rules: tuple[frozenset[str], ...]
    which: np.ndarray[Any, np.dtype[np.intp]]
    """Row → place in `rules`."""
    values: Mapping[str, Numbers]

    def fired(self, rule: str) -> Mask:
        return np.take(np.array([rule in those for those in self.rules], dtype=bool), self.which)

    def change(self, subscale: Subscale, now: Whole) -> Numbers:
        """As change.reliable_change; NaN when anything needed is missing."""
        if subscale.sd is None or subscale.omega is None or subscale.id not in self.values:
            return np.full(len(now), np.nan)
        spread = subscale.sd * sqrt(2 * (1 - subscale.omega))
        if spread <= 0:
            return np.full(len(now), np.nan)
        earlier = np.where(self.comparable & (now >= 0), self.values[subscale.id], np.nan)
        return np.asarray((now - earlier) / 100 / spread)

    def vanished(self, key: ScoringKey, fired: Mapping[str, Mask]) -> dict[str, Mask]:
        return {rule.id: self.fired(rule.id) & ~fired[rule.id] for rule in key.rules if lasts(rule)}


def before_of(key: ScoringKey, frame: pd.DataFrame) -> Before:
    size = len(frame)
    banks = _words(frame, "before.bank")
    there = banks != ""
    written, places = np.unique(_words(frame, "before.rules").astype(str), return_inverse=True)
    values = {
        subscale.id: pd.to_numeric(frame[f"before.{subscale.id}"]).to_numpy(dtype=np.float64, na_value=np.nan)
        for subscale in key.subscales
        if f"before.{subscale.id}" in frame.columns
    }
    rules = tuple(frozenset(part for part in each.split("|") if part) for each in written.tolist())
    which = places.astype(np.intp) if size else np.zeros(0, dtype=np.intp)
    return Before(there, (banks == key.bank) | (banks == "*"), rules or (frozenset(),), which, values)


def _words(frame: pd.DataFrame, name: str) -> np.ndarray[Any, Any]:
    if name not in frame.columns:
        return np.full(len(frame), "", dtype=object)
    return frame[name].astype(object).where(frame[name].notna(), "").to_numpy(dtype=object)


@dataclass(frozen=True)
class Signs:
    """Sign → rows that show it, in the order of quality.quality_of."""

    found: Mapping[str, Mask]

    def ask_again(self) -> Mask:
        families: dict[str, Mask] = {}
        for sign, family in FAMILIES.items():
            families[family] = families.get(family, np.False_) | self.found[sign]
        again: Mask = np.sum(list(families.values()), axis=0) >= ASK_AGAIN
        return again

    def has(self, sign: str) -> Mask:
        return self.ask_again() if sign == "ask_again" else self.found[sign]

    def named(self) -> Mapping[str, Mask]:
        return self.found


def signs_of(key: ScoringKey, frame: pd.DataFrame, columns: Mapping[str, Chosen]) -> Signs:
    """As quality.quality_of, over all rows."""
    norms, size = key.norms, len(frame)
    nothing = np.zeros(size, dtype=bool)
    count, longest, spread = _places(key, columns, size)
    many = count >= MIN_ITEMS
    levels = {name: columns[name].level() for name in key.items}
    found = {"straightline": many & (longest >= LONG_RUN * count)}
    found["flat"] = many & (spread < norms.spread[0]) if norms else nothing
    found["fast"] = _fast(key, frame, size)
    found["contradicting"] = nothing.copy()
    for one, two in key.reverse_pairs:
        ends = [(levels[name] == 0, levels[name] == key.items[name].worst) for name in (one, two)]
        found["contradicting"] |= (ends[0][0] & ends[1][1]) | (ends[0][1] & ends[1][0])
    halves = _halves(key, levels, size)
    found["halves"] = halves > norms.halves if norms else nothing
    found["erratic"] = many & (spread > norms.spread[1]) if norms else nothing
    found["unusual"] = _distance(key, levels, size) > norms.distance if norms else nothing
    refused = sum(
        (np.isin(level, _REFUSED).astype(np.int64) for level in levels.values()), np.zeros(size, int)
    )
    left = sum(((level == _LEFT).astype(np.int64) for level in levels.values()), np.zeros(size, int))
    found["many_blank"] = refused >= MANY_BLANK * len(key.items)
    found["broke_off"] = left >= MANY_BLANK * len(key.items)
    return Signs({sign: found[sign] for sign in [*FAMILIES, "many_blank", "broke_off"]})


def _places(key: ScoringKey, columns: Mapping[str, Chosen], size: int) -> tuple[Whole, Whole, Whole]:
    """(choices made, longest run at one place, variance of the scaled places rounded down)."""
    count, total, squares, run, longest = (np.zeros(size, dtype=np.int64) for _ in range(5))
    last = np.full(size, -1, dtype=np.int64)
    for item, options in key.asked.items():
        if item not in columns:
            continue
        place = columns[item].place(options)
        here = place >= 0
        scaled = np.where(here, place * FULL // max(len(options) - 1, 1), 0)
        count += here
        total += scaled
        squares += scaled * scaled
        run = np.where(here, np.where(place == last, run + 1, 1), run)
        last = np.where(here, place, last)
        longest = np.maximum(longest, run)
    some = np.maximum(count, 1)
    return count, longest, (count * squares - total**2) // (some * some)


def _halves(key: ScoringKey, levels: Mapping[str, Whole], size: int) -> Whole:
    total, counted = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    for subscale in key.subscales:
        means = []
        for items in (subscale.items[::2], subscale.items[1::2]):
            summed, answered = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
            for item in items:
                summed += np.where(levels[item] >= 0, levels[item] * FULL // key.items[item].worst, 0)
                answered += levels[item] >= 0
            means.append((summed // np.maximum(answered, 1), answered > 0))
        both = means[0][1] & means[1][1]
        total += np.where(both, np.abs(means[0][0] - means[1][0]), 0)
        counted += both
    return np.where(counted >= 2, total // np.maximum(counted, 1), -1)


def _distance(key: ScoringKey, levels: Mapping[str, Whole], size: int) -> Whole:
    assert key.norms is not None
    names = key.norms.items
    known = np.array([levels[name] >= 0 for name in names]).reshape(len(names), size)
    mean = np.array(key.norms.mean, dtype=np.int64)[:, None]
    away = np.where(
        known, 100 * np.array([levels[name] for name in names]).reshape(len(names), size) - mean, 0
    )
    precision = np.array(key.norms.precision, dtype=np.int64)
    distance = np.einsum("ir,ij,jr->r", away, precision, away, optimize=True)
    return np.where(known.sum(axis=0) >= MIN_ITEMS, distance, -1)


def _fast(key: ScoringKey, frame: pd.DataFrame, size: int) -> Mask:
    names = [name for name in frame.columns if str(name).startswith("seconds.")]
    if not names:
        return np.zeros(size, dtype=bool)
    times = frame[names].apply(pd.to_numeric).to_numpy(dtype=np.float64, na_value=np.nan)
    known = ~np.isnan(times)
    count = known.sum(axis=1)
    ordered = np.sort(times, axis=1)  # NaN last
    middle = np.take_along_axis(ordered, np.minimum(count // 2, len(names) - 1)[:, None], axis=1)[:, 0]
    fast: Mask = middle < FAST_SECONDS
    if key.norms:
        limit = np.array(
            [key.norms.seconds_p05.get(str(name).removeprefix("seconds."), 0.0) for name in names]
        )
        fast = fast | ((known & (times < limit)).sum(axis=1) >= FAST_SHARE * count)
    careless: Mask = fast & (count >= MIN_ITEMS)
    return careless


def joined(found: Mapping[str, Mask], size: int) -> np.ndarray[Any, Any]:
    """Names of what holds per row, joined by “|”, in the order given."""
    words = np.full(size, "", dtype=object)
    for name, mask in found.items():
        for row in np.flatnonzero(mask):
            words[row] = f"{words[row]}|{name}" if words[row] else name
    return words
