"""Five tables that leak, planted on purpose: an attacker that misses one of them guards nothing."""

from dataclasses import dataclass
from types import MappingProxyType

from survey_api.services.insights.bounds import Atoms, Claim, bounds, percent_claim


@dataclass(frozen=True, slots=True)
class Leak:
    """A careless publication: group sizes, what was published, and the group it gives away."""

    name: str
    sizes: MappingProxyType[str, int]
    claims: tuple[Claim, ...]
    victim: str


def missed_leaks() -> tuple[str, ...]:
    """Names of planted leaks that the attacker does not see. Empty when it works."""
    missed = []
    for leak in LEAKS:
        low, high = bounds(dict(leak.sizes), leak.claims, [frozenset({leak.victim})])[0]
        if low != high:
            missed.append(leak.name)
    return tuple(missed)


def _exact(count: int, *atoms: str) -> Claim:
    return Claim(_atoms(*atoms), count, count)


def _atoms(*atoms: str) -> Atoms:
    return frozenset(atoms)


LEAKS = (
    Leak(
        name="small grade hidden, total shown",
        sizes=MappingProxyType({"grade 1": 18, "grade 2": 3, "grade 3": 20}),
        claims=(_exact(9, "grade 1", "grade 2", "grade 3"), _exact(4, "grade 1"), _exact(3, "grade 3")),
        victim="grade 2",
    ),
    Leak(
        name="girls, boys and total shown, the one other child hidden",
        sizes=MappingProxyType({"girls": 14, "boys": 15, "other": 1}),
        claims=(_exact(7, "girls", "boys", "other"), _exact(3, "girls"), _exact(3, "boys")),
        victim="other",
    ),
    Leak(
        name="everybody shown, and again those who also answered last time, by grade and by sex",
        sizes=MappingProxyType({"stayed, girls": 12, "stayed, boys": 13, "new girl": 1}),
        claims=(
            _exact(6, "stayed, girls", "new girl"),
            _exact(11, "stayed, girls", "stayed, boys", "new girl"),
            _exact(10, "stayed, girls", "stayed, boys"),
        ),
        victim="new girl",
    ),
    Leak(
        name="exact percentage of a group whose size is known",
        sizes=MappingProxyType({"grade 5": 7, "grade 6": 16}),
        claims=(percent_claim(["grade 5"], "14.3", 7),),
        victim="grade 5",
    ),
    Leak(
        name="level shown, and every school but one",
        sizes=MappingProxyType({"east": 120, "west": 88, "hill": 8}),
        claims=(_exact(31, "east", "west", "hill"), _exact(20, "east"), _exact(11, "west")),
        victim="hill",
    ),
)
