"""The reference shares of a bank: complete, adding up to one, and the ground of the means in the points table."""

from collections.abc import Iterator, Mapping
from typing import Any

from scoring.key import ItemKey
from survey_api.services.banks.bank import Bank
from survey_api.services.banks.library import LoadedBank

_ROUNDING = 0.0051  # means are written with two digits


def reference_problems(
    loaded: LoadedBank, reference: Mapping[str, Any], scoring: Mapping[str, Any]
) -> Iterator[str]:
    """Every share that is missing or does not add up, and every mean that does not follow from them."""
    keys = loaded.scoring_key.items
    for name in sorted(set(keys) ^ set(reference["items"])):
        yield f"items.{name}: scoring.yaml の items と同じ質問を書いてください"
    for name in sorted(set(keys) & set(reference["items"])):
        yield from _shares(name, keys[name], reference["items"][name])
    for concern, table in scoring["model"]["concerns"].items():
        for name, mean in table["mean"].items():
            expected = expected_mean(loaded.bank, reference, name, table["points"][name])
            if abs(expected - mean) > _ROUNDING:
                yield f"items.{name}: scoring.yaml の {concern} の mean は {expected:.2f} になるはずです({mean})"


def expected_mean(bank: Bank, reference: Mapping[str, Any], item: str, points: Mapping[str, float]) -> float:
    """Points × shares. Of a follow-up only the share of pupils who see it counts; the others have none."""
    shares: Mapping[str, float] = reference["items"].get(item, {})
    mean: float = sum(share * points.get(code, 0) for code, share in shares.items())
    follow_up = any(
        screen.item == item and screen.when is not None and screen.when.form != "unless_skipped"
        for screen in bank.screens
    )
    return mean * float(reference["follow_up_share"]) if follow_up else mean


def _shares(name: str, key: ItemKey, shares: Mapping[str, float]) -> Iterator[str]:
    codes = {str(level) for level in range(key.worst + 1)} if key.is_multi else set(key.levels)
    if set(shares) != codes:
        yield f"items.{name}: {'・'.join(sorted(codes))} の割合を書いてください"
    elif abs(sum(shares.values()) - 1) > 1e-6:
        yield f"items.{name}: 割合の合計が1になりません"
