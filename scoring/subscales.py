"""Subscales: the mean (or prorated sum) of levels, when enough was answered. Values in hundredths."""

from dataclasses import dataclass

from scoring.key import ScoringKey, Subscale
from scoring.sheet import AnswerSheet


@dataclass(frozen=True)
class SubscaleValue:
    """`value` is None when too little was answered: then nothing is said. `of` counts what applied."""

    id: str
    concern: str
    value: int | None
    answered: int
    of: int


def subscale_value(subscale: Subscale, sheet: AnswerSheet) -> SubscaleValue:
    """Mean of the answered levels; `sum` is the mean times the number of items (prorated)."""
    applicable = [item for item in subscale.items if item not in sheet.ruled_out]
    levels = [sheet.levels[item] for item in applicable if item in sheet.levels]
    enough = bool(levels) and len(levels) >= subscale.min_answered * len(applicable)
    value = None
    if enough:
        scale = 100 * (len(subscale.items) if subscale.combine == "sum" else 1)
        value = (2 * scale * sum(levels) + len(levels)) // (2 * len(levels))  # rounded half up, exactly
    return SubscaleValue(subscale.id, subscale.concern, value, len(levels), len(applicable))


def subscale_values(key: ScoringKey, sheet: AnswerSheet) -> dict[str, SubscaleValue]:
    return {subscale.id: subscale_value(subscale, sheet) for subscale in key.subscales}
