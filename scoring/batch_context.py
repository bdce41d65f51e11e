"""What a frame says of the last wave, and how the columns beside the answers are written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
import pandas as pd

from scoring.assessment import lasts
from scoring.batch_columns import Array, Truth, numbers
from scoring.change import Previous
from scoring.key import ScoringKey, Subscale


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

    there: Truth
    comparable: Truth
    rules: tuple[frozenset[str], ...]
    which: Array
    """Row → place in `rules`."""
    values: Mapping[str, Array]

    def fired(self, rule: str, rows: slice = slice(None)) -> Truth:
        fired = np.array([rule in those for those in self.rules], dtype=bool)
        found: Truth = fired.take(self.which[rows])
        return found

    def change(self, subscale: Subscale, now: Array, rows: slice) -> Array | None:
        """As change.reliable_change, NaN where something needed is missing; None when that is everywhere."""
        if subscale.sd is None or subscale.omega is None or subscale.id not in self.values:
            return None
        spread = subscale.sd * sqrt(2 * (1 - subscale.omega))
        if spread <= 0:
            return None
        known = self.comparable[rows] & (now >= 0)
        earlier = np.where(known, self.values[subscale.id][rows], np.nan)
        return np.asarray((now - earlier) / 100 / spread)

    def lasting(self, key: ScoringKey) -> list[str]:
        """Rules whose silence is worth knowing, and that fired for anybody."""
        fired = frozenset[str]().union(*self.rules)
        return [rule.id for rule in key.rules if lasts(rule) and rule.id in fired]


def before_of(key: ScoringKey, frame: pd.DataFrame) -> Before | None:
    """None when the frame says nothing of an earlier wave."""
    if not any(str(name).startswith("before.") for name in frame.columns):
        return None
    banks = _words(frame, "before.bank")
    written, places = np.unique(_words(frame, "before.rules").astype(str), return_inverse=True)
    values = {
        subscale.id: numbers(frame, f"before.{subscale.id}")
        for subscale in key.subscales
        if f"before.{subscale.id}" in frame.columns
    }
    rules = tuple(frozenset(part for part in each.split("|") if part) for each in written.tolist())
    which = places.astype(np.intp) if len(frame) else np.zeros(0, dtype=np.intp)
    return Before(banks != "", (banks == key.bank) | (banks == "*"), rules or (frozenset(),), which, values)


def _words(frame: pd.DataFrame, name: str) -> Array:
    if name not in frame.columns:
        return np.full(len(frame), "", dtype=object)
    return frame[name].astype(object).where(frame[name].notna(), "").to_numpy(dtype=object)


def joined(found: Mapping[str, Truth], size: int) -> Array:
    """Names of what holds per row, joined by “|”, in the order given."""
    words = np.full(size, "", dtype=object)
    for name, mask in found.items():
        for row in np.flatnonzero(mask):
            words[row] = f"{words[row]}|{name}" if words[row] else name
    return words
