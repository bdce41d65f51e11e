"""Everything that is a sum over answers, added side by side in one pass: points, subscales, counts, halves.

A field is a few bits of a 64-bit word, wide enough for its largest sum, so no field ever runs into the next.
Adding one look-up per answer and word then adds all fields at once, exactly, because all are whole numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scoring.batch_columns import Array, look

_WORD = 63


@dataclass(frozen=True)
class Field:
    """One sum: per item, what each value of its column adds. A table may be negative; `low` puts that right."""

    name: str
    tables: Mapping[str, Array]


@dataclass(frozen=True)
class _Place:
    word: int
    shift: int
    mask: int
    low: int


class Sums:
    """Fields laid out in words; made once for a frame, used for every block of its rows."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self._place: dict[str, _Place] = {}
        self._tables: dict[str, dict[int, Array]] = {}
        word, used = 0, 0
        for field in fields:
            low = sum(int(table.min()) for table in field.tables.values())
            high = sum(int(table.max()) for table in field.tables.values())
            bits = max(1, int(high - low).bit_length())
            if used + bits > _WORD:
                word, used = word + 1, 0
            self._place[field.name] = _Place(word, used, (1 << bits) - 1, low)
            for item, table in field.tables.items():
                self._add(item, word, (table.astype(np.int64) - int(table.min())) << used)
            used += bits
        self._words = word + 1
        self.items = tuple(self._tables)

    def _add(self, item: str, word: int, table: Array) -> None:
        there = self._tables.setdefault(item, {})
        there[word] = there[word] + table if word in there else table

    def of(self, index: Mapping[str, Array], size: int) -> "Added":
        """The words of one block; `index`: item → places of its answers."""
        found = [np.zeros(size, dtype=np.int64) for _ in range(self._words)]
        for item, by_word in self._tables.items():
            for word, table in by_word.items():
                found[word] += look(table, index[item])
        return Added(found, self._place)


@dataclass(frozen=True)
class Added:
    """The sums of one block."""

    words: Sequence[Array]
    places: Mapping[str, _Place]

    def __getitem__(self, name: str) -> Array:
        at = self.places[name]
        found: Array = (self.words[at.word] >> at.shift) & at.mask
        if at.low:
            found += at.low
        return found
