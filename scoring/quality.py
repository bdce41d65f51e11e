"""Signs that answers were given carelessly: information for the counselor, never a discount.

Sources: Meade & Craig 2012; Goldammer 2024 (no single index finds every kind, so they are read together).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from scoring.key import ScoringKey
from scoring.sheet import AnswerSheet
from scoring.vocabulary import REFUSALS, Missing

LONG_RUN = 0.8  # share of the sheet in one unbroken run at the same place on the page
FAST_SECONDS = 2.0  # median seconds per item below which nobody reads
MANY_BLANK = 0.4
MIN_ITEMS = 8  # below this, none of the patterns says anything


@dataclass(frozen=True)
class Quality:
    """`signs`: straightline, fast, contradicting, many_blank, broke_off. `ask_again`: two or more."""

    signs: tuple[str, ...]
    refused: int
    left: int

    @property
    def ask_again(self) -> bool:
        careless = set(self.signs) & {"straightline", "fast", "contradicting"}
        return len(careless) >= 2


def quality_of(key: ScoringKey, sheet: AnswerSheet, seconds: Mapping[str, float]) -> Quality:
    raw = places(key, sheet)
    refused = sum(reason in REFUSALS for reason in sheet.missing.values())
    left = sum(reason is Missing.LEFT for reason in sheet.missing.values())
    signs = []
    if len(raw) >= MIN_ITEMS and max(len(list(run)) for _, run in groupby(raw)) >= LONG_RUN * len(raw):
        signs.append("straightline")
    times = sorted(seconds.values())
    if len(times) >= MIN_ITEMS and times[len(times) // 2] < FAST_SECONDS:
        signs.append("fast")
    if any(_contradicts(key, sheet, first, second) for first, second in key.reverse_pairs):
        signs.append("contradicting")
    if refused >= MANY_BLANK * len(key.items):
        signs.append("many_blank")
    if left >= MANY_BLANK * len(key.items):
        signs.append("broke_off")
    return Quality(tuple(signs), refused, left)


def places(key: ScoringKey, sheet: AnswerSheet) -> list[int]:
    """Where each choice stood on its page, in the order of the pages: one place again and again is a sign."""
    return [
        options.index(str(sheet.chosen[item]))
        for item, options in key.asked.items()
        if sheet.chosen.get(item) in options
    ]


def _contradicts(key: ScoringKey, sheet: AnswerSheet, first: str, second: str) -> bool:
    """Two items that ask the same from opposite ends, answered at opposite ends."""
    if first not in sheet.levels or second not in sheet.levels:
        return False
    gap = abs(sheet.levels[first] / key.items[first].worst - sheet.levels[second] / key.items[second].worst)
    return gap >= 0.99
