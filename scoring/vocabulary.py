"""The words of an assessment: how soon, which kind of rule, why an answer is missing."""

from enum import StrEnum


class Urgency(StrEnum):
    """How soon a person looks, strongest first."""

    TODAY = "today"
    THIS_WEEK = "this_week"
    CHECK = "check"
    WATCH = "watch"

    @property
    def rank(self) -> int:
        """0 is the strongest."""
        return list(Urgency).index(self)


class Level(StrEnum):
    """A hard (same day, alone), B combination, C duration or change, D quality of the answers."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


class Missing(StrEnum):
    """Why there is no answer: four different things, kept apart."""

    DONT_KNOW = "dont_know"
    DECLINED = "declined"
    NOT_SHOWN = "not_shown"
    LEFT = "left"


REFUSALS = frozenset({Missing.DONT_KNOW, Missing.DECLINED})
"""A child chose not to say. Valued between the mean and the worst, never as fine."""


CONCERNS = ("neglect", "care", "safety", "mood", "wish", "text", "quality")
"""What a reason is about. Orders nothing."""


def strongest(urgencies: "list[Urgency | None]") -> Urgency | None:
    """The most urgent of several, None when there is none. Nothing can lower another."""
    real = [urgency for urgency in urgencies if urgency is not None]
    return min(real, key=lambda urgency: urgency.rank) if real else None
