"""Invented cities with everything that breaks careless tables: tiny schools, lone children, all-yes, all-no."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

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
)
_RATES = {"rare": 0.04, "common": 0.3, "all-yes": 1.0, "all-no": 0.0, "hurt": 0.03, "care": 0.06}


@dataclass(frozen=True)
class City:
    """A planted city: its plan, who answered, and true counts. `yes`: indicator → (school, grade) → yes."""

    plan: ReleasePlan
    answered: dict[tuple[str, int], int]
    yes: dict[str, dict[tuple[str, int], int]]

    def counts(self) -> dict[str, dict[str, BlockCount]]:
        return {one.id: self._blocks(one) for one in INDICATORS}

    def sizes(self) -> dict[str, dict[tuple[str, int], int]]:
        return {one.id: self.answered for one in INDICATORS}

    def grades(self) -> dict[str, dict[int, BlockCount]]:
        return {
            one.id: {
                grade: BlockCount(
                    sum(n for atom, n in self.yes[one.id].items() if atom[1] == grade),
                    sum(n for atom, n in self.answered.items() if atom[1] == grade),
                )
                for grade in one.grades
            }
            for one in INDICATORS
        }

    def table(self, release: ReleaseKey, tallies: Sequence[Tally] = ()) -> SafeTable:
        return protect(
            self.plan, INDICATORS, self.counts(), key=release, grades=self.grades(), tallies=tallies
        )

    def _blocks(self, one: Indicator) -> dict[str, BlockCount]:
        sums: dict[str, list[int]] = {}
        for (school, grade), n in self.answered.items():
            if grade in one.grades:
                block = self.plan.partition(one.grades).block_of(school, grade).id
                held = sums.setdefault(block, [0, 0])
                held[0] += self.yes[one.id][school, grade]
                held[1] += n
        return {block: BlockCount(*held) for block, held in sums.items()}


def city(seed: int, wave: str = "w1") -> City:
    """Two waves of one seed have the same children and the same answers: the attacker's best case."""
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
    plan = make_plan(wave, schools, roster, {one.grades for one in INDICATORS})
    answered = {
        (line.school, line.grade): line.children - (drawn.random() < 0.2 and line.children > 1)
        for line in roster
        if line.school != "silent"
    }
    yes = {
        one.id: {atom: sum(drawn.random() < _RATES[one.id] for _ in range(n)) for atom, n in answered.items()}
        for one in INDICATORS
    }
    return City(plan, answered, yes)
