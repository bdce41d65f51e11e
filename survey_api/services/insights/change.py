"""When two waves differ enough to say so. Works on published numbers only, so it can reveal nothing."""

from enum import StrEnum
from math import sqrt

from survey_api.services.insights.limits import CHANGE_OVER
from survey_api.services.insights.safe import SafeCell

_Z95 = 1.96


class Change(StrEnum):
    """What may be said about two waves."""

    MORE = "more"
    FEWER = "fewer"
    UNCLEAR = "unclear"


WORDS = {
    Change.MORE: "前回より増えました",
    Change.FEWER: "前回より減りました",
    Change.UNCLEAR: "前回との差ははっきりしません",
}


def change(before: SafeCell, after: SafeCell) -> Change:
    """A change is one only when rounding cannot have made it and chance hardly could.

    The ranges of people must lie apart by more than CHANGE_OVER children from middle to middle, the shares
    must lie apart even when rounding is taken at its worst, and the two shares must differ at the 95 % level.
    ValueError when the cells are not the same number of two waves.
    """
    if (before.indicator, before.place) != (after.indicator, after.place):
        raise ValueError(f"{before.indicator} at {before.place} against {after.indicator} at {after.place}")
    if _apart(before, after):
        return Change.MORE
    if _apart(after, before):
        return Change.FEWER
    return Change.UNCLEAR


def _apart(lower: SafeCell, upper: SafeCell) -> bool:
    moved = (upper.low + upper.high) - (lower.low + lower.high)
    if upper.low <= lower.high or moved <= 2 * CHANGE_OVER:
        return False
    if upper.low * lower.n_low <= lower.high * upper.n_high:
        return False
    n_lower, n_upper = (lower.n_low + lower.n_high) / 2, (upper.n_low + upper.n_high) / 2
    p_lower = min(1.0, (lower.low + lower.high) / 2 / n_lower)
    p_upper = min(1.0, (upper.low + upper.high) / 2 / n_upper)
    spread = sqrt(p_lower * (1 - p_lower) / n_lower + p_upper * (1 - p_upper) / n_upper)
    return p_upper - p_lower >= _Z95 * spread
