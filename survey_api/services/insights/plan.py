"""The release plan: which groups of children get a number, fixed from the roster before anybody answers.

Public on purpose: parents can read it, and an outsider who knows it learns nothing about an answer. Every
asked child is in exactly one block of a partition; everything larger is a sum of blocks. The plan never
looks at answers. A band of grades becomes a number for girls and one for boys only where the roster says who
is which and both parts hold MIN_GROUP. When fewer children answer than were on the roster, `coarsen` joins blocks (by the number
of answers alone) until each holds MIN_GROUP again.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from survey_api.services.insights.blocks import Part, Segment, arrange, cut, level_of, merged
from survey_api.services.insights.limits import LEVEL_SCHOOLS, MIN_GROUP
from survey_api.vocabulary import Sex, Stage

ALL_GRADES = tuple(range(1, 13))


@dataclass(frozen=True, slots=True)
class School:
    """A school as the plan knows it. `district` groups neighbours; empty when nobody said."""

    id: str
    name: str
    district: str = ""


@dataclass(frozen=True, slots=True)
class GradeCount:
    """One line of the roster: children of one grade of one school.

    `girls`: how many of them count as girls; None when the roster does not say it of every child.
    """

    school: str
    grade: int
    children: int
    girls: int | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """The smallest group that gets a number: contiguous grades of one unit. `sex`: empty for everybody.

    `children`: on the roster; of girls and boys half of their band each, whatever the true sizes are.
    """

    id: str
    unit: str
    grades: tuple[int, ...]
    children: int
    sex: str = ""

    def holds(self, grade: int, sex: str) -> bool:
        return grade in self.grades and self.sex in ("", sex)


@dataclass(frozen=True, slots=True)
class Unit:
    """What a row of a table stands for: a school at one level, or a named cluster of small schools."""

    id: str
    members: tuple[tuple[str, Stage], ...]
    district: str
    blocks: tuple[Block, ...]

    @property
    def children(self) -> int:
        return sum(block.children for block in self.blocks)

    @property
    def levels(self) -> tuple[Stage, ...]:
        present = {level for _, level in self.members}
        return tuple(level for level in Stage if level in present)

    @property
    def schools(self) -> tuple[str, ...]:
        return tuple(sorted({school for school, _ in self.members}))


@dataclass(frozen=True, slots=True)
class Partition:
    """All children of some grades, each in exactly one block. No units when they are too few together."""

    grades: tuple[int, ...]
    units: tuple[Unit, ...]

    @property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(block for unit in self.units for block in unit.blocks)

    def block_of(self, school: str, grade: int, sex: str = "") -> Block:
        """The one block of a child, known by school, grade and the sex it is counted under.

        KeyError when the plan does not hold it.
        """
        member = (school, level_of(grade))
        for unit in self.units:
            if member in unit.members:
                for block in unit.blocks:
                    if block.holds(grade, sex):
                        return block
        raise KeyError(f"no block for school {school}, grade {grade}, sex {sex!r}")

    def level_groups(self) -> tuple[tuple[Stage, ...], ...]:
        """Levels that may be told apart at all: a unit that spans two levels keeps them together."""
        return _group_levels(self.units, least=1)

    def wide_level_groups(self) -> tuple[tuple[Stage, ...], ...]:
        """The same for sensitive numbers: at least LEVEL_SCHOOLS units behind every group."""
        return _group_levels(self.units, least=LEVEL_SCHOOLS)


@dataclass(frozen=True, slots=True)
class ReleasePlan:
    """Everything that will be counted about one wave, known beforehand.

    `sexed`: grades of which the roster says girl, boy or other for every child asked.
    """

    wave: str
    schools: tuple[School, ...]
    partitions: tuple[Partition, ...]
    sexed: tuple[int, ...] = ()

    def partition(self, grades: Iterable[int]) -> Partition:
        """The partition of the children in these grades. KeyError when it was not planned."""
        wanted = tuple(sorted(set(grades)))
        for partition in self.partitions:
            if partition.grades == wanted:
                return partition
        raise KeyError(f"the plan of {self.wave} has no partition for grades {wanted}")

    def canonical(self) -> bytes:
        """The plan as JSON that is the same byte for byte whoever writes it."""
        return canonical_json(plan_document(self))

    def digest(self) -> str:
        """SHA-256 of the canonical JSON, to pin a release to the plan it was made under."""
        return hashlib.sha256(self.canonical()).hexdigest()


def make_plan(
    wave: str,
    schools: Sequence[School],
    roster: Iterable[GradeCount],
    coverages: Iterable[Iterable[int]] = (ALL_GRADES,),
) -> ReleasePlan:
    """Fix the plan of a wave from its roster counts.

    `coverages`: the sets of grades that indicators are asked in; one partition is made for each.
    ValueError for a negative count, an unknown school, or a grade outside 1 to 12.
    """
    known = {school.id: school for school in schools}
    counts: dict[tuple[str, int], Segment] = {}
    for line in roster:
        if line.school not in known:
            raise ValueError(
                f"school {line.school} has children on the roster but is not in the list of schools"
            )
        if line.children < 0:
            raise ValueError(f"school {line.school}, grade {line.grade}: {line.children} children")
        if line.girls is not None and not 0 <= line.girls <= line.children:
            raise ValueError(f"school {line.school}, grade {line.grade}: {line.girls} girls")
        level_of(line.grade)
        so_far = counts.get((line.school, line.grade), Segment((line.grade,), 0))
        added = Segment((line.grade,), line.children, line.girls)
        counts[line.school, line.grade] = merged([so_far, added], (line.grade,))
    wanted = sorted({tuple(sorted(set(grades))) for grades in coverages})
    partitions = tuple(
        Partition(grades=grades, units=_units(arrange(_roster_parts(known, counts, grades))))
        for grades in wanted
    )
    return ReleasePlan(
        wave=wave,
        schools=tuple(sorted(schools, key=lambda s: s.id)),
        partitions=partitions,
        sexed=_sexed(counts),
    )


def coarsen(partition: Partition, answered: Mapping[str, int]) -> Partition:
    """Join planned blocks until at least MIN_GROUP children answered in each.

    `answered`: block id → children who sent an answer sheet. Blocks are only ever joined, never cut anew,
    and units in which nobody answered are left out.
    """
    parts = [
        Part(
            members=unit.members,
            segments=tuple(_answered(unit, answered)),
            district=unit.district,
        )
        for unit in partition.units
    ]
    return Partition(grades=partition.grades, units=_units(arrange(parts)))


def _answered(unit: Unit, answered: Mapping[str, int]) -> Iterator[Segment]:
    """The bands of a unit with those who answered; girls apart only where the plan had them apart."""
    for grades, blocks in groupby(unit.blocks, key=lambda block: block.grades):
        apart = {block.sex: answered.get(block.id, 0) for block in blocks}
        yield Segment(grades, sum(apart.values()), apart.get(Sex.FEMALE))


def plan_document(plan: ReleasePlan) -> dict[str, Any]:
    """The plan as plain values. What does not tell girls from boys is written as it always was."""
    document = asdict(plan)
    if not document["sexed"]:
        del document["sexed"]
    for partition in document["partitions"]:
        for unit in partition["units"]:
            for block in unit["blocks"]:
                if not block["sex"]:
                    del block["sex"]
    return document


def plan_from(document: Mapping[str, Any]) -> ReleasePlan:
    """Read back what `canonical` wrote."""
    return ReleasePlan(
        wave=document["wave"],
        schools=tuple(School(**school) for school in document["schools"]),
        partitions=tuple(
            Partition(
                grades=tuple(partition["grades"]),
                units=tuple(_unit_from(unit) for unit in partition["units"]),
            )
            for partition in document["partitions"]
        ),
        sexed=tuple(document.get("sexed", ())),
    )


def canonical_json(document: Any) -> bytes:
    """Sorted keys, no spaces, UTF-8: the form that is hashed and signed."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _unit_from(document: Mapping[str, Any]) -> Unit:
    return Unit(
        id=document["id"],
        members=tuple((school, Stage(level)) for school, level in document["members"]),
        district=document["district"],
        blocks=tuple(
            Block(
                id=block["id"],
                unit=block["unit"],
                grades=tuple(block["grades"]),
                children=block["children"],
                sex=block.get("sex", ""),
            )
            for block in document["blocks"]
        ),
    )


def _roster_parts(
    known: Mapping[str, School], counts: Mapping[tuple[str, int], Segment], grades: Sequence[int]
) -> list[Part]:
    parts = []
    for school in sorted(known):
        for level in Stage:
            segments = tuple(
                counts[school, grade]
                for grade in sorted(grades)
                if level_of(grade) is level
                and (school, grade) in counts
                and counts[school, grade].children > 0
            )
            if segments:
                parts.append(Part(((school, level),), segments, known[school].district))
    return parts


def _units(parts: Iterable[Part]) -> tuple[Unit, ...]:
    units = []
    for part in parts:
        name = "+".join(f"{school}.{level}" for school, level in part.members)
        blocks: list[Block] = []
        for start, stop in cut([segment.children for segment in part.segments]):
            held = part.segments[start:stop]
            blocks += _blocks(name, merged(held, tuple(grade for one in held for grade in one.grades)))
        units.append(Unit(id=name, members=part.members, district=part.district, blocks=tuple(blocks)))
    return tuple(units)


def _blocks(unit: str, band: Segment) -> Iterator[Block]:
    """A band of grades as one block, or as girls and boys when both are enough.

    How many are girls is not written down, only that both are enough: the plan and its hash are public, and the
    two sizes would tell with whom a child is counted whose sex the roster does not say.
    """
    name = f"{unit}/{'.'.join(str(grade) for grade in band.grades)}"
    girls = band.girls
    if girls is None or girls < MIN_GROUP or band.children - girls < MIN_GROUP:
        yield Block(name, unit, band.grades, band.children)
        return
    half = band.children // 2
    for sex, children in ((Sex.FEMALE, half), (Sex.MALE, band.children - half)):
        yield Block(f"{name}/{sex}", unit, band.grades, children, str(sex))


def _sexed(counts: Mapping[tuple[str, int], Segment]) -> tuple[int, ...]:
    asked = {grade for (_, grade), held in counts.items() if held.children}
    blind = {grade for (_, grade), held in counts.items() if held.children and held.girls is None}
    return tuple(sorted(asked - blind))


def _group_levels(units: Sequence[Unit], *, least: int) -> tuple[tuple[Stage, ...], ...]:
    """Runs of neighbouring levels that each hold `least` units and cut no unit in two."""
    present = [level for level in Stage if any(level in unit.levels for unit in units)]
    groups: list[list[Stage]] = []
    for level in present:
        if groups and (_count(units, groups[-1]) < least or _straddles(units, groups[-1], level)):
            groups[-1].append(level)
        else:
            groups.append([level])
    if len(groups) > 1 and _count(units, groups[-1]) < least:
        last = groups.pop()
        groups[-1] += last
    return tuple(tuple(group) for group in groups)


def _count(units: Sequence[Unit], levels: Sequence[Stage]) -> int:
    return sum(1 for unit in units if set(unit.levels) <= set(levels))


def _straddles(units: Sequence[Unit], before: Sequence[Stage], level: Stage) -> bool:
    return any(level in unit.levels and set(unit.levels) & set(before) for unit in units)
