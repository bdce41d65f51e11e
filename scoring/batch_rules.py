"""Conditions over a block of rows, three-valued: two masks, “true” and “could still be true”.

The twin of conditions.holds. Conditions that stand in several rules are looked at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from scoring.batch_columns import (
    NOT_SHOWN,
    RULED_OUT,
    STATES,
    UNKNOWN_BELOW,
    Array,
    Columns,
    Truth,
    look,
    state,
)
from scoring.change import RELIABLE
from scoring.key import Condition, ScoringKey

Pair = tuple[Truth, Truth]


@dataclass(frozen=True)
class Block:
    """What is known of some rows before the rules are looked at."""

    size: int
    index: Mapping[str, Array]
    level: Mapping[str, Array]
    band: Mapping[str, Array]
    """Subscale → place of its band, −1 for none."""
    change: Mapping[str, Array]
    there: Truth | None
    """Whether there was an earlier wave; None: for nobody."""
    fired_before: Callable[[str], Truth]
    quality: Callable[[str], Truth]
    texts: Mapping[str, Pair]
    unknown: dict[str, Truth] = field(default_factory=dict)

    def is_unknown(self, item: str) -> Truth:
        """Rows without an answer that a rule could know."""
        if item not in self.unknown:
            self.unknown[item] = self.level[item] < UNKNOWN_BELOW
        return self.unknown[item]


Look = Callable[[Block], Pair]


class Conditions:
    """The conditions of a key made ready for the columns of one frame."""

    def __init__(self, key: ScoringKey, columns: Columns) -> None:
        self._key, self._columns = key, columns
        self._place: dict[Condition, int] = {}
        self._steps: list[Look | tuple[str, int, tuple[int, ...]]] = []
        self._rules = [self._ready(rule.when) for rule in key.rules]

    def of(self, block: Block) -> list[Pair]:
        """(true, could be true) of every rule in declared order."""
        found: list[Pair] = []
        for step in self._steps:
            found.append(_combined(step, found) if isinstance(step, tuple) else step(block))
        return [found[place] for place in self._rules]

    def _ready(self, condition: Condition) -> int:
        if condition in self._place:
            return self._place[condition]
        if condition.parts:
            parts = tuple(self._ready(part) for part in condition.parts)
            need = {"all": len(parts), "any": 1}.get(condition.form, condition.at_least)
            self._steps.append((condition.form, need, parts))
        else:
            self._steps.append(self._leaf(condition))
        self._place[condition] = len(self._steps) - 1
        return self._place[condition]

    def _leaf(self, condition: Condition) -> Look:
        form, item = condition.form, condition.item
        if form in ("answered", "other_than", "is"):
            return self._about_item(condition)
        if form == "band":
            cuts = next(subscale.bands for subscale in self._key.subscales if subscale.id == item)
            true = np.array([*(cut.band in condition.codes for cut in cuts), False])
            could = np.array([*true[:-1], True])
            return lambda block: (look(true, block.band[item]), look(could, block.band[item]))
        if form == "worse":
            return lambda block: _worse(block, item)
        if form in ("text_hit", "text_written"):
            which = 0 if form == "text_hit" else 1
            return lambda block: _sure(block.texts[item][which] if item in block.texts else _no(block))
        if form == "previous":
            return lambda block: _sure(block.fired_before(item))
        return lambda block: _sure(block.quality(item))

    def _about_item(self, condition: Condition) -> Look:
        """A comparison of levels where the declared codes are one end of the scale, else a look-up."""
        item, column = condition.item, self._columns[condition.item]
        says = column.table(lambda value, level: _one(condition, value, level), np.int8)
        answers = column.levels >= 0
        if condition.form == "is":
            for level in np.unique(column.levels[says == 1]):
                if np.array_equal(says == 1, column.levels == level):
                    return lambda block: _sure(block.level[item] == level)
        elif not (says[answers] == 1).any():
            return lambda block: (_no(block), block.is_unknown(item))
        else:
            from_ = column.levels[answers & (says == 1)].min()
            if np.array_equal(says[answers] == 1, column.levels[answers] >= from_):
                return lambda block: _reached(block, item, from_)
        true, could = says == 1, says != 0
        return lambda block: (look(true, block.index[item]), look(could, block.index[item]))


def _one(condition: Condition, value: str, level: int) -> int:
    """conditions.holds for one value of one item: 1, 0, or −1 for unknown."""
    if condition.form == "is":
        word = STATES[-1 - level] if level < 0 else ""
        return int((NOT_SHOWN if word == RULED_OUT else word) in condition.codes)
    if level < 0:
        return 0 if level == state(RULED_OUT) else -1
    given = set(value.split("|"))
    return int(bool(given & condition.codes if condition.form == "answered" else given - condition.codes))


def _combined(step: tuple[str, int, tuple[int, ...]], found: list[Pair]) -> Pair:
    form, need, parts = step
    if form == "not":
        true, could = found[parts[0]]
        return ~could, ~true
    if need == len(parts) or need == 1:
        join = np.logical_or if need == 1 else np.logical_and
        true, could = found[parts[0]]
        for part in parts[1:]:
            true, could = join(true, found[part][0]), join(could, found[part][1])
        return true, could
    return _at_least(need, [found[part][0] for part in parts]), _at_least(
        need, [found[part][1] for part in parts]
    )


def _at_least(need: int, masks: list[Truth]) -> Truth:
    count = np.zeros(len(masks[0]), dtype=np.int8)
    for mask in masks:
        count += mask
    enough: Truth = count >= need
    return enough


def _reached(block: Block, item: str, level: int) -> Pair:
    true: Truth = block.level[item] >= level
    return true, true | block.is_unknown(item)


def _worse(block: Block, subscale: str) -> Pair:
    if block.there is None:
        return _sure(_no(block))
    change = block.change[subscale]
    true: Truth = block.there & (change >= RELIABLE)
    return true, true | (block.there & np.isnan(change))


def _sure(mask: Truth) -> Pair:
    return mask, mask


def _no(block: Block) -> Truth:
    return np.zeros(block.size, dtype=bool)
