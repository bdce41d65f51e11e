"""Balanced rounding: true counts in, multiples of three out, drawn by a key and the same for ever.

For one school (unit) and one question of one wave: every block has a fraction f = (yes mod 3) / 3 and goes
up with exactly that probability, so nothing is biased; a systematic draw over a secret order from a secret
start lets the number that go up differ by less than one from the sum of the fractions, so the school's sum
stays within two children as well. Order and start come from HMAC-SHA256 over wave, question and unit.

A block whose next multiple would exceed the number of children in it always goes down and takes no part in
the draw. Showing the larger multiple would prove that nearly all of them said yes.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from survey_api.services.insights.limits import BASE


@dataclass(frozen=True, slots=True)
class BlockCount:
    """True counts of one block: how many read as yes, out of how many who answered."""

    yes: int
    answered: int

    def __post_init__(self) -> None:
        if not 0 <= self.yes <= self.answered:
            raise ValueError(f"{self.yes} of {self.answered} is not a count")


def at_top(count: BlockCount) -> bool:
    """Whether rounding up would exceed the block's size, so that it can only go down."""
    return count.yes % BASE > 0 and BASE * (count.yes // BASE + 1) > count.answered


def round_unit(
    counts: Mapping[str, BlockCount], *, key: bytes, wave: str, question: str, unit: str
) -> dict[str, int]:
    """Rounded yes-counts of the blocks of one unit, keyed by block id.

    Each is a multiple of BASE, at most the block's size and at most two from the truth; without blocks at
    the top the sum is at most two from the true sum, each block at the top can lower it by two more.
    """
    label = (wave, question, unit)
    order = sorted(counts, key=lambda block: _draw(key, "order", *label, block))
    position = int.from_bytes(_draw(key, "start", *label), "big") % BASE
    rounded = {}
    for block in order:
        count = counts[block]
        before = position
        if not at_top(count):
            position += count.yes % BASE
        up = position // BASE - before // BASE
        rounded[block] = BASE * (count.yes // BASE + up)
    return rounded


def _draw(key: bytes, *label: str) -> bytes:
    return hmac.new(key, json.dumps(label, ensure_ascii=False).encode(), sha256).digest()
