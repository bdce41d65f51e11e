"""How carefully every row was answered: the signs of quality.py over a block, in whole numbers throughout.

No index is divided that only has to be compared: ⌊a ÷ b⌋ > limit is a ≥ (limit + 1) · b.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

import numpy as np
import pandas as pd

from scoring.batch_columns import LEFT, REFUSED_FROM, Array, Column, Columns, Truth, look, numbers, state
from scoring.batch_sums import Added, Field
from scoring.key import ScoringKey
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

SIGNS = (*FAMILIES, "many_blank", "broke_off")
_EXACT = 2**53
"""Whole numbers below this are exact in the processor's own numbers, which it multiplies much faster."""


@lru_cache(maxsize=1)
def sign_words() -> tuple[str, ...]:
    """What every set of signs is called: bit n of the place = sign n."""
    return tuple(
        "|".join(sign for bit, sign in enumerate(SIGNS) if place >> bit & 1)
        for place in range(1 << len(SIGNS))
    )


@lru_cache(maxsize=1)
def _asks_again() -> Array:
    families = [
        {FAMILIES[sign] for bit, sign in enumerate(SIGNS) if place >> bit & 1 and sign in FAMILIES}
        for place in range(1 << len(SIGNS))
    ]
    return np.array([len(each) >= ASK_AGAIN for each in families])


@dataclass(frozen=True)
class Signs:
    """Bit n of `bits` = sign n of SIGNS."""

    bits: Array

    def ask_again(self) -> Truth:
        return look(_asks_again(), self.bits)

    def has(self, sign: str) -> Truth:
        if sign == "ask_again":
            return self.ask_again()
        found: Truth = (self.bits >> SIGNS.index(sign) & 1).astype(bool)
        return found


class QualityOf:
    """The signs of a key made ready for one frame."""

    def __init__(self, key: ScoringKey, columns: Columns, frame: pd.DataFrame) -> None:
        self._key, self._norms = key, key.norms
        self._places = {
            item: _place_table(columns[item], options)
            for item, options in key.asked.items()
            if item in columns
        }
        self._columns = {item: columns[item] for item in (*key.items, *self._places)}
        most = 1 + max(len(key.asked), len(key.items))
        self._long = np.array([ceil(LONG_RUN * count) for count in range(most)], dtype=np.int64)
        if self._norms:
            self._away = [
                _away_table(self._columns[item], mean)
                for item, mean in zip(self._norms.items, self._norms.mean, strict=True)
            ]
            largest = np.array([float(np.abs(table).max()) for table in self._away])
            self._precision = np.array(self._norms.precision, dtype=np.float64)
            if largest @ np.abs(self._precision) @ largest >= _EXACT:
                self._precision = np.array(self._norms.precision, dtype=np.int64)
                self._away = [table.astype(np.int64) for table in self._away]
        times = [str(name) for name in frame.columns if str(name).startswith("seconds.")]
        self._times = {name.removeprefix("seconds."): numbers(frame, name) for name in times}

    def fields(self) -> list[Field]:
        """The sums these signs need."""
        key, columns = self._key, self._columns
        scaled = {
            item: np.where(table >= 0, table.astype(np.int64) * FULL // max(len(key.asked[item]) - 1, 1), 0)
            for item, table in self._places.items()
        }
        fields = [
            Field("places", {item: (table >= 0).astype(int) for item, table in self._places.items()}),
            Field("place", scaled),
            Field("place²", {item: table * table for item, table in scaled.items()}),
            Field("refused", {i: (columns[i].levels <= REFUSED_FROM).astype(int) for i in key.items}),
            Field("left", {i: (columns[i].levels == state(LEFT)).astype(int) for i in key.items}),
        ]
        if self._norms:
            answered = {i: (columns[i].levels >= 0).astype(int) for i in self._norms.items}
            fields.append(Field("usual", answered))
        for subscale in key.subscales:
            for half, items in enumerate((subscale.items[::2], subscale.items[1::2])):
                fields += _half_fields(f"{subscale.id}.{half}", key, columns, items)
        return fields

    def of(self, rows: slice, index: Mapping[str, Array], level: Mapping[str, Array], added: Added) -> Signs:
        """The signs of one block."""
        key, norms = self._key, self._norms
        count = added["places"]
        many = count >= MIN_ITEMS
        found: dict[str, Truth] = {"straightline": many & (self._longest(index) >= look(self._long, count))}
        if norms:
            total = added["place"]
            over = count * added["place²"] - total * total
            under = count * count
            found["flat"] = many & (over < norms.spread[0] * under)
            found["erratic"] = many & (over >= (norms.spread[1] + 1) * under)
            gaps, known = self._halves(added)
            found["halves"] = (known >= 2) & (gaps >= (norms.halves + 1) * known)
            found["unusual"] = (added["usual"] >= MIN_ITEMS) & (self._distance(index) > norms.distance)
        found["fast"] = self._fast(rows, len(count))
        found["contradicting"] = np.zeros(len(count), dtype=bool)
        for one, two in key.reverse_pairs:
            best = [level[name] == 0 for name in (one, two)]
            worst = [level[name] == key.items[name].worst for name in (one, two)]
            found["contradicting"] |= (best[0] & worst[1]) | (worst[0] & best[1])
        found["many_blank"] = added["refused"] >= MANY_BLANK * len(key.items)
        found["broke_off"] = added["left"] >= MANY_BLANK * len(key.items)
        bits = np.zeros(len(count), dtype=np.int16)
        for sign, mask in found.items():
            bits |= mask.astype(np.int16) << SIGNS.index(sign)
        return Signs(bits)

    def _longest(self, index: Mapping[str, Array]) -> Array:
        """The longest run of choices at one place; arithmetic instead of branches, over small numbers."""
        size = len(next(iter(index.values())))
        run, longest = np.zeros(size, dtype=np.int8), np.zeros(size, dtype=np.int8)
        last = np.full(size, -1, dtype=np.int8)
        for item, table in self._places.items():
            place = look(table, index[item])
            here = (place >= 0).view(np.int8)
            longer = run * (place == last) + np.int8(1)
            run += (longer - run) * here
            last += (place - last) * here
            np.maximum(longest, run, out=longest)
        return longest

    def _halves(self, added: Added) -> tuple[Array, Array]:
        size = len(added.words[0])
        gaps, known = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
        for subscale in self._key.subscales:
            if len(subscale.items) < 2:
                continue
            counts = [added[f"{subscale.id}.{half}.answered"] for half in (0, 1)]
            means = [
                (added[f"{subscale.id}.{half}.sum"] / np.maximum(count, 1)).astype(np.int64)
                for half, count in enumerate(counts)
            ]
            both = (counts[0] > 0) & (counts[1] > 0)
            gaps += np.abs(means[0] - means[1]) * both
            known += both
        return gaps, known

    def _distance(self, index: Mapping[str, Array]) -> Array:
        assert self._norms is not None
        items = zip(self._norms.items, self._away, strict=True)
        away = np.array([look(table, index[item]) for item, table in items])
        distance: Array = np.einsum("ir,ir->r", self._precision @ away, away)
        return distance

    def _fast(self, rows: slice, size: int) -> Truth:
        if not self._times:
            return np.zeros(size, dtype=bool)
        count, quick, below = (np.zeros(size, dtype=np.int16) for _ in range(3))
        usual = self._norms.seconds_p05 if self._norms else {}
        for item, times in self._times.items():
            here = times[rows]
            count += here == here
            quick += here < FAST_SECONDS
            below += here < usual.get(item, 0.0)
        fast = quick > count // 2
        if self._norms:
            fast |= below >= FAST_SHARE * count
        careless: Truth = fast & (count >= MIN_ITEMS)
        return careless


def _place_table(column: Column, options: tuple[str, ...]) -> Array:
    """Per value: where it stood on its page; −1 where nothing was chosen."""
    return column.table(lambda value, _: options.index(value) if value in options else -1, np.int8)


def _away_table(column: Column, mean: int) -> Array:
    return column.table(lambda _, level: 100 * level - mean if level >= 0 else 0, np.float64)


def _half_fields(name: str, key: ScoringKey, columns: Columns, items: tuple[str, ...]) -> list[Field]:
    levels = {item: columns[item].levels.astype(np.int64) for item in items}
    sums = {
        item: np.where(level >= 0, level * FULL // key.items[item].worst, 0) for item, level in levels.items()
    }
    answered = {item: (level >= 0).astype(int) for item, level in levels.items()}
    return [Field(f"{name}.sum", sums), Field(f"{name}.answered", answered)]
