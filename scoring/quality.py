"""Signs that answers were given carelessly: information for the counselor, never a discount.

No single index finds every way of not reading (Meade & Craig 2012; Goldammer 2024), so they are read together:
`ask_again` needs signs of two families. What is usual comes from the bank's norms, which are declared and dated.
All indices are whole numbers, so that live and batch scoring agree to the last digit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from scoring.key import Norms, ScoringKey
from scoring.sheet import AnswerSheet
from scoring.vocabulary import REFUSALS, Missing

LONG_RUN = 0.8  # share of the sheet in one unbroken run at the same place on the page
FAST_SECONDS = 2.0  # median seconds per item below which nobody reads, whatever the norms say
FAST_SHARE = 0.4  # of the timed answers faster than the fastest twentieth of pupils were on that item
MANY_BLANK = 0.4
MIN_ITEMS = 8  # below this, none of the patterns says anything
FULL = 1200  # the length of every scale once levels of different items are compared

FAMILIES: Mapping[str, str] = {
    "straightline": "repeating",
    "flat": "repeating",
    "fast": "speed",
    "contradicting": "consistency",
    "halves": "consistency",
    "erratic": "consistency",
    "unusual": "combination",
}
"""Sign → what kind of carelessness it points to. Two signs of one family are one."""
ASK_AGAIN = 2


@dataclass(frozen=True)
class Quality:
    """`signs` in the order of FAMILIES, then many_blank and broke_off. `indices` are the numbers behind them."""

    signs: tuple[str, ...]
    refused: int
    left: int
    indices: Mapping[str, int | None]

    @property
    def ask_again(self) -> bool:
        return len({FAMILIES[sign] for sign in self.signs if sign in FAMILIES}) >= ASK_AGAIN


def quality_of(key: ScoringKey, sheet: AnswerSheet, seconds: Mapping[str, float]) -> Quality:
    """All signs of one sheet. `seconds`: item → seconds until answered, for as many as are known."""
    norms = key.norms
    raw = places(key, sheet)
    longest = max((len(list(run)) for _, run in groupby(raw)), default=0)
    indices = {
        "longest_run": longest,
        "spread": spread(scaled_places(key, sheet)) if len(raw) >= MIN_ITEMS else None,
        "halves": halves(key, sheet),
        "distance": distance(norms, sheet) if norms else None,
        "fast_items": fast_items(norms, seconds) if norms else None,
    }
    found = {
        "straightline": len(raw) >= MIN_ITEMS and longest >= LONG_RUN * len(raw),
        "flat": _below(indices["spread"], norms.spread[0] if norms else None),
        "fast": _fast(indices["fast_items"], seconds),
        "contradicting": any(_contradicts(key, sheet, *pair) for pair in key.reverse_pairs),
        "halves": _above(indices["halves"], norms.halves if norms else None),
        "erratic": _above(indices["spread"], norms.spread[1] if norms else None),
        "unusual": _above(indices["distance"], norms.distance if norms else None),
    }
    refused = sum(reason in REFUSALS for reason in sheet.missing.values())
    left = sum(reason is Missing.LEFT for reason in sheet.missing.values())
    found["many_blank"] = refused >= MANY_BLANK * len(key.items)
    found["broke_off"] = left >= MANY_BLANK * len(key.items)
    return Quality(tuple(sign for sign, here in found.items() if here), refused, left, indices)


def places(key: ScoringKey, sheet: AnswerSheet) -> list[int]:
    """Where each choice stood on its page, in the order of the pages: one place again and again is a sign."""
    return [
        options.index(str(sheet.chosen[item]))
        for item, options in key.asked.items()
        if sheet.chosen.get(item) in options
    ]


def scaled_places(key: ScoringKey, sheet: AnswerSheet) -> list[int]:
    """As `places`, on one scale from the first choice (0) to the last (FULL)."""
    return [
        options.index(str(sheet.chosen[item])) * FULL // max(len(options) - 1, 1)
        for item, options in key.asked.items()
        if sheet.chosen.get(item) in options
    ]


def spread(values: list[int]) -> int:
    """Intra-individual response variability: the variance of one child's places, rounded down."""
    count = len(values)
    return (count * sum(value * value for value in values) - sum(values) ** 2) // (count * count)


def halves(key: ScoringKey, sheet: AnswerSheet) -> int | None:
    """Even–odd: how far the two halves of each subscale lie apart, on average; None below two subscales."""
    gaps = []
    for subscale in key.subscales:
        means = [
            _mean_level(key, sheet, items) for items in (subscale.items[::2], subscale.items[1::2]) if items
        ]
        if len(means) == 2 and means[0] is not None and means[1] is not None:
            gaps.append(abs(means[0] - means[1]))
    return sum(gaps) // len(gaps) if len(gaps) >= 2 else None


def _mean_level(key: ScoringKey, sheet: AnswerSheet, items: tuple[str, ...]) -> int | None:
    levels = [sheet.levels[item] * FULL // key.items[item].worst for item in items if item in sheet.levels]
    return sum(levels) // len(levels) if levels else None


def distance(norms: Norms, sheet: AnswerSheet) -> int | None:
    """Mahalanobis distance (squared, × 10⁷) from the usual sheet; a missing answer counts as the mean."""
    answered = sum(item in sheet.levels for item in norms.items)
    if answered < MIN_ITEMS:
        return None
    away = [
        100 * sheet.levels[item] - mean if item in sheet.levels else 0
        for item, mean in zip(norms.items, norms.mean, strict=True)
    ]
    return sum(
        one * sum(weight * other for weight, other in zip(row, away, strict=True) if other)
        for one, row in zip(away, norms.precision, strict=True)
        if one
    )


def fast_items(norms: Norms, seconds: Mapping[str, float]) -> int:
    """How many answers came faster than the fastest twentieth of pupils gave that answer."""
    return sum(value < norms.seconds_p05.get(item, 0.0) for item, value in seconds.items())


def _fast(below: int | None, seconds: Mapping[str, float]) -> bool:
    if len(seconds) < MIN_ITEMS:
        return False
    median = sorted(seconds.values())[len(seconds) // 2]
    return median < FAST_SECONDS or (below is not None and below >= FAST_SHARE * len(seconds))


def _above(value: int | None, limit: int | None) -> bool:
    return value is not None and limit is not None and value > limit


def _below(value: int | None, limit: int | None) -> bool:
    return value is not None and limit is not None and value < limit


def _contradicts(key: ScoringKey, sheet: AnswerSheet, first: str, second: str) -> bool:
    """Two items that ask the same from opposite ends, answered at opposite ends."""
    if first not in sheet.levels or second not in sheet.levels:
        return False
    ends = [
        (sheet.levels[item] == 0, sheet.levels[item] == key.items[item].worst) for item in (first, second)
    ]
    return (ends[0][0] and ends[1][1]) or (ends[0][1] and ends[1][0])
