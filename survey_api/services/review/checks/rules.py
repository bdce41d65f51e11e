"""Which sheets are drawn: decided by a seed, so that anybody can draw the same ones again."""

from collections.abc import Collection
from hashlib import sha256

from survey_api.vocabulary import Label

FOUND = frozenset({Label.NEGLECT, Label.CARE, Label.SAFETY, Label.MOOD, Label.OTHER})
"""Labels that say: somebody should have been called."""


def sample_size(population: int, percent: int, least: int) -> int:
    """So many percent, rounded up, at least so many, never more than there are."""
    return min(population, max(least, -(-population * percent // 100)))


def drawn(seed: str, ids: Collection[str], size: int) -> list[str]:
    """The first `size` ids in the order that the seed gives them."""
    return sorted(ids, key=lambda id_: sha256(f"{seed}|{id_}".encode()).digest())[:size]
