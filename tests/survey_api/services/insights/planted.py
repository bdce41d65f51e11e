"""Invented cities with everything that breaks careless tables: tiny schools, lone children, all-yes, all-no."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from survey_api.services.insights.disclosure import protect
from survey_api.services.insights.keys import ReleaseKey, release_key
from survey_api.services.insights.measures import Indicator, ItemReading, Sensitivity
from survey_api.services.insights.outcomes import Tally
from survey_api.services.insights.plan import GradeCount, ReleasePlan, School, make_plan
from survey_api.services.insights.rounding import BlockCount
from survey_api.services.insights.safe import SafeTable


def key(number: int = 1) -> ReleaseKey:
    drawn = random.Random(number)
    return release_key(drawn.randbytes(32), drawn.randbytes(32))


def indicator(name: str, *, sensitive: bool = False, stable: bool = False, banks: str = "all") -> Indicator:
    asked = ["sho-low", "sho-high", "chu", "kou"] if banks == "all" else banks.split()
    return Indicator(
        id=name,
        title=f"{name}の題",
        definition=f"{name}の説明",
        topic="meals",
        sensitivity=Sensitivity.SENSITIVE if sensitive else Sensitivity.ORDINARY,
        stable=stable,
        readings={bank: ItemReading(name, frozenset({"yes"})) for bank in asked},
    )


INDICATORS = (
    indicator("rare"),
    indicator("common"),
    indicator("all-yes"),
    indicator("all-no"),
    indicator("hurt", sensitive=True),
    indicator("care", stable=True, banks="sho-high chu kou"),
    indicator("response"),
)
_RATES = {
    "rare": 0.04,
    "common": 0.3,
    "all-yes": 1.0,
    "all-no": 0.0,
    "hurt": 0.03,
    "care": 0.06,
    "response": 0.85,
}


Atom = tuple[str, int, str]


@dataclass(frozen=True)
class City:
    """A planted city: its plan, who answered, and true counts. `yes`: indicator → (school, grade, sex) → yes."""

    plan: ReleasePlan
    answered: dict[Atom, int]
    yes: dict[str, dict[Atom, int]]

    def counts(self) -> dict[str, dict[str, BlockCount]]:
        return {one.id: self._blocks(one) for one in INDICATORS}

    def sizes(self) -> dict[str, dict[Atom, int]]:
        return {one.id: self.answered for one in INDICATORS}

    def grades(self) -> dict[str, dict[tuple[int, str], BlockCount]]:
        return {
            one.id: {
                place: BlockCount(
                    sum(n for atom, n in self.yes[one.id].items() if atom[1:] == place),
                    sum(n for atom, n in self.answered.items() if atom[1:] == place),
                )
                for place in sorted({atom[1:] for atom in self.answered if atom[1] in one.grades})
            }
            for one in INDICATORS
        }

    def table(self, release: ReleaseKey, tallies: Sequence[Tally] = ()) -> SafeTable:
        return protect(
            self.plan, INDICATORS, self.counts(), key=release, grades=self.grades(), tallies=tallies
        )

    def _blocks(self, one: Indicator) -> dict[str, BlockCount]:
        sums: dict[str, list[int]] = {}
        for atom, n in self.answered.items():
            if atom[1] in one.grades:
                block = self.plan.partition(one.grades).block_of(*atom).id
                held = sums.setdefault(block, [0, 0])
                held[0] += self.yes[one.id][atom]
                held[1] += n
        return {block: BlockCount(*held) for block, held in sums.items()}


def _girls(drawn: random.Random, children: int) -> int:
    """About half; now and then one girl among boys."""
    return min(children, 1) if drawn.random() < 0.15 else sum(drawn.random() < 0.5 for _ in range(children))


def _apart(line: GradeCount) -> list[tuple[str, int]]:
    if line.girls is None:
        return [("", line.children)]
    return [("F", line.girls), ("M", line.children - line.girls)]


@cache
def city(seed: int, wave: str = "w1", *, sexed: bool | None = None) -> City:
    """Two waves of one seed have the same children and the same answers: the attacker's best case.

    Two cities of three have a roster that tells girls from boys.
    """
    sexed = seed % 3 > 0 if sexed is None else sexed
    drawn = random.Random(seed)
    roster: list[GradeCount] = []
    schools: list[School] = []

    def add(name: str, grades: range, sizes: list[int]) -> None:
        schools.append(School(name, f"{name}学校", district=drawn.choice(["東", "西"])))
        roster.extend(GradeCount(name, grade, n) for grade, n in zip(grades, sizes, strict=True))

    for number in range(4):
        add(f"s{number}", range(1, 7), [drawn.randint(4, 60) for _ in range(6)])
    for number in range(3):
        add(f"c{number}", range(7, 10), [drawn.randint(6, 60) for _ in range(3)])
    add("three", range(1, 7), [1, 0, 1, 0, 1, 0])
    add("eight", range(7, 10), [1, 4, 3])
    add("lone", range(1, 7), [12, 1, 11, 1, 13, 9])
    add("both", range(1, 10), [drawn.randint(1, 5) for _ in range(9)])
    add("silent", range(1, 7), [15, 14, 16, 12, 13, 15])
    add("high", range(10, 13), [drawn.randint(20, 70) for _ in range(3)])
    if sexed:
        roster = [replace(line, girls=_girls(drawn, line.children)) for line in roster]
    plan = make_plan(wave, schools, roster, {one.grades for one in INDICATORS})
    answered = {
        (line.school, line.grade, sex): n - (drawn.random() < 0.2 and n > 1)
        for line in roster
        if line.school != "silent"
        for sex, n in _apart(line)
    }
    yes = {
        one.id: {atom: sum(drawn.random() < _RATES[one.id] for _ in range(n)) for atom, n in answered.items()}
        for one in INDICATORS
    }
    return City(plan, answered, yes)
