"""The columns of a frame as small whole numbers: each cell is a place in the column's own list of values.

A table over that list (a level, points, a truth) then says everything about a million rows in one look-up.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from scoring.key import ItemKey
from scoring.sheet import AnswerMistake, count_level

NOT_SHOWN, LEFT, RULED_OUT = "not_shown", "left", "ruled_out"
STATES = (RULED_OUT, LEFT, NOT_SHOWN, "declined", "dont_know")
"""Stored as −1, −2, …: what is below −1 is unknown to a rule, what is at −4 or below was refused."""
UNKNOWN_BELOW, REFUSED_FROM = -1, -4

Array = np.ndarray[Any, Any]
Truth = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Column:
    """`codes` point into `values`; −1 is the last of them, the empty cell."""

    codes: Array
    values: tuple[str, ...]
    levels: Array
    """Per value: a level, or below 0 a state."""

    def table(self, of: Callable[[str, int], int], kind: Any) -> Array:
        """What `of` says about every value and its level."""
        pairs = zip(self.values, self.levels.tolist(), strict=True)
        return np.array([of(value, level) for value, level in pairs], dtype=kind)


def state(word: str) -> int:
    """The whole number of a missing state."""
    return -1 - STATES.index(word)


def scored(item: ItemKey, series: "pd.Series[Any]") -> Column:
    """One item. AnswerMistake names it when a code is not one of its answers."""
    codes, values = _places(series)
    return Column(codes, values, np.array([_level(item, value) for value in values], dtype=np.int8))


def unscored(series: "pd.Series[Any]") -> Column:
    """A question that nothing scores: only where its choice stood matters."""
    codes, values = _places(series)
    return Column(codes, values, np.zeros(len(values), dtype=np.int8))


def written(series: "pd.Series[Any]", found: Callable[[str], bool]) -> tuple[Column, Array, Array]:
    """(column, per text: something was found in it, something was written). The same words are read once."""
    codes, values = _places(series)
    hits = np.array([bool(text.strip()) and found(text) for text in values], dtype=bool)
    some = np.array([bool(text.strip()) for text in values], dtype=bool)
    return Column(codes, values, np.zeros(len(values), dtype=np.int8)), hits, some


def look(table: Array, index: Array) -> Array:
    """`index` may hold −1 for the last entry."""
    found: Array = table.take(index, mode="wrap")
    return found


def words(codes: Array, names: Sequence[str]) -> "pd.Categorical[Any]":
    """A column of words from whole numbers, without making a word per row."""
    unique = list(dict.fromkeys(names))
    if len(unique) < len(names):
        codes = np.array([unique.index(name) for name in names], dtype=np.int8)[codes]
    return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(unique), validate=False)


def numbers(frame: pd.DataFrame, name: str) -> Array:
    """A column of numbers; NaN where nothing stands. AnswerMistake for what is none, and for infinity."""
    try:
        found = pd.to_numeric(frame[name]).to_numpy(dtype=np.float64, na_value=np.nan)
    except (ValueError, TypeError):
        raise AnswerMistake(f"{name}: 数ではないものがあります") from None
    if np.isinf(found).any():
        raise AnswerMistake(f"{name}: 有限の数ではありません")
    return found


def _places(series: "pd.Series[Any]") -> tuple[Array, tuple[str, ...]]:
    if isinstance(series.dtype, pd.CategoricalDtype):
        return np.ascontiguousarray(series.array.codes), (*map(str, series.cat.categories), "")
    codes, found = pd.factorize(series)
    values = (*map(str, found), "")
    return codes.astype(np.min_scalar_type(-len(values))), values


def _level(item: ItemKey, value: str) -> int:
    if value == "":
        return state(LEFT)
    if value in STATES:
        return state(value)
    if item.is_multi:
        given = value.split("|")
        return count_level(item, given)
    if value not in item.levels:
        raise AnswerMistake(f"answers.{item.id}: この質問の選択肢ではありません")
    return item.levels[value]


Columns = Mapping[str, Column]
