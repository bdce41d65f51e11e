"""What changed since the pupil's last wave: worsening beyond chance, and a reason that vanished.

A “yes” that turned to “no” is a reason to look, not a resolution.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

from scoring.key import Subscale

RELIABLE = 1.96
"""Jacobson & Truax 1991: beyond this the change is unlikely to be measurement error alone."""


@dataclass(frozen=True)
class Previous:
    """The little that is carried from one wave to the next: rules that fired, values of subscales."""

    rules: tuple[str, ...]
    values: Mapping[str, int]
    bank: str = ""
    """Values are compared within one bank only: another age's subscale of the same name asks other things."""

    def comparable(self, bank: str) -> Mapping[str, int]:
        return self.values if self.bank in ("", bank) else {}

    def as_dict(self) -> dict[str, Any]:
        return {"rules": list(self.rules), "values": dict(self.values), "bank": self.bank}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Previous":
        return cls(tuple(stored["rules"]), dict(stored["values"]), str(stored.get("bank", "")))


def reliable_change(subscale: Subscale, now: int | None, before: int | None) -> float | None:
    """RCI = Δ / (sd·√(2(1−ω))), positive = worse; None when anything needed is missing."""
    if now is None or before is None or subscale.sd is None or subscale.omega is None:
        return None
    spread = subscale.sd * sqrt(2 * (1 - subscale.omega))
    return (now - before) / 100 / spread if spread > 0 else None
