"""The shape of a bank's answers: per item, what may be stored. Built once per published version."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class ItemShape:
    """What one item accepts. kind: single | multi | text | notice (which only takes the word “skip”)."""

    kind: str
    codes: frozenset[str]
    exclusive: frozenset[str] = frozenset()
    max_chars: int = 0


Shape = Mapping[str, ItemShape]
