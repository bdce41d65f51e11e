"""Keyed two-sided geometric noise, for counts that overlap with others: it has no bound, so it pins nothing.

P(noise = k) is proportional to exp(-EPSILON · |k|): one child more or less changes the odds of any published
value by a factor of at most e^EPSILON (differential privacy per question, with the key as the only secret).
The same question of the same wave always draws the same noise.
"""

import hmac
import json
from hashlib import sha256
from math import ceil, exp, floor, log1p, sqrt

from survey_api.services.insights.limits import EPSILON
from survey_api.vocabulary import Sex

_Z95 = 1.96
_ALPHA = exp(-EPSILON)
DEVIATION = sqrt(2 * _ALPHA) / (1 - _ALPHA)
"""Standard deviation of one draw, in children."""


def geometric(key: bytes, *label: str) -> int:
    """One draw for this label: the difference of two geometric draws is two-sided geometric."""
    drawn = hmac.new(key, json.dumps(["geometric", *label], ensure_ascii=False).encode(), sha256).digest()
    return _one_sided(drawn[:8]) - _one_sided(drawn[8:16])


def coin(key: bytes, pseudonym: str) -> Sex:
    """Girl or boy for the tables, for a child of whom the roster does not say it; the same in every wave,
    so that no two waves differ by where it was counted."""
    drawn = hmac.new(key, json.dumps(["sex", pseudonym]).encode(), sha256).digest()
    return Sex.FEMALE if drawn[0] % 2 else Sex.MALE


def spread(draws: int = 1) -> int:
    """How far the truth is from a sum of this many noised counts, at most, in at least 95 of 100 cases."""
    return ceil(_Z95 * DEVIATION * sqrt(draws))


def _one_sided(eight: bytes) -> int:
    uniform = (int.from_bytes(eight, "big") >> 11) / 2**53
    return floor(log1p(-uniform) / -EPSILON)
