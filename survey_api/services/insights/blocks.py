"""Grouping children so that every group is large enough. Arithmetic on counts, no answers, no names.

A *part* is what may be reported on its own: the pupils of one school at one level, in segments (grades)
of increasing age. Parts that are too small are joined, and each part is cut into as many contiguous
blocks of at least MIN_GROUP children as possible.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from survey_api.services.insights.limits import MIN_GROUP
from survey_api.vocabulary import Stage


def level_of(grade: int) -> Stage:
    """Level of an internal grade; ValueError outside 1 (first year of elementary) to 12 (end of high school)."""
    if not 1 <= grade <= 12:
        raise ValueError(f"grade {grade} is outside 1 to 12")
    return Stage.of_grade(grade)


@dataclass(frozen=True, slots=True)
class Segment:
    """Grades that are never taken apart again, and how many children are in them.

    `girls`: how many of them count as girls; None where they may not be told apart from the boys.
    """

    grades: tuple[int, ...]
    children: int
    girls: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Children reported together: `members` are (school, level) pairs, `segments` rise with age."""

    members: tuple[tuple[str, Stage], ...]
    segments: tuple[Segment, ...]
    district: str = ""

    @property
    def children(self) -> int:
        return sum(segment.children for segment in self.segments)

    @property
    def levels(self) -> tuple[Stage, ...]:
        present = {level for _, level in self.members}
        return tuple(level for level in Stage if level in present)


def cut(counts: Sequence[int], least: int = MIN_GROUP) -> tuple[tuple[int, int], ...]:
    """Cut a row of counts into the most contiguous runs that each hold at least `least` children.

    Returns half-open (start, stop) runs covering the whole row; the empty tuple when the row as a whole is
    too small. Among equally many runs the most even ones win (smallest sum of squares), then the earliest
    cuts, so that everybody who runs this on the same roster gets the same plan.
    """
    best: list[tuple[int, int, tuple[int, ...]] | None] = [(0, 0, ())]
    for stop in range(1, len(counts) + 1):
        choices = []
        for start in range(stop):
            before = best[start]
            held = sum(counts[start:stop])
            if before is not None and held >= least:
                choices.append((before[0] - 1, before[1] + held * held, (*before[2], stop)))
        best.append(min(choices, default=None))
    found = best[len(counts)]
    if found is None or not counts:
        return ()
    stops = found[2]
    return tuple(zip((0, *stops[:-1]), stops, strict=True))


def arrange(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Join parts below MIN_GROUP with neighbours of the same level; a whole level below it with the next.

    Parts without children are left out. Returns the empty tuple when all children together are too few.
    """
    present = [part for part in parts if part.children > 0]
    joined = [
        group
        for level in Stage
        for group in _join_level([part for part in present if part.levels == (level,)])
    ]
    joined += [part for part in present if len(part.levels) > 1]
    while small := [part for part in joined if part.children < MIN_GROUP]:
        if len(joined) == 1:
            return ()
        lonely = small[0]
        others = [part for part in joined if part is not lonely]
        partner = min(others, key=lambda part: _distance(lonely, part))
        joined = [part for part in others if part is not partner]
        joined.append(join([lonely, partner]))
    return tuple(sorted(joined, key=lambda part: (list(Stage).index(part.levels[0]), part.members)))


def join(parts: Sequence[Part]) -> Part:
    """One part out of several. Only where every part may be cut may the joined one be cut."""
    grades = sorted({grade for part in parts for segment in part.segments for grade in segment.grades})
    uncuttable = {
        grade
        for part in parts
        for segment in part.segments
        for grade in range(min(segment.grades), max(segment.grades))
    }
    segments: list[list[int]] = []
    for grade in grades:
        if segments and any(between in uncuttable for between in range(segments[-1][-1], grade)):
            segments[-1].append(grade)
        else:
            segments.append([grade])
    counted = tuple(
        merged([one for part in parts for one in part.segments if one.grades[0] in run], tuple(run))
        for run in segments
    )
    members = tuple(sorted({member for part in parts for member in part.members}))
    districts = {part.district for part in parts}
    return Part(members=members, segments=counted, district=districts.pop() if len(districts) == 1 else "")


def merged(segments: Sequence[Segment], grades: tuple[int, ...]) -> Segment:
    """Several segments as one. Girls and boys stay apart only where every one of them knows both."""
    girls = [one.girls for one in segments if one.children or one.girls is not None]
    known = [n for n in girls if n is not None]
    return Segment(
        grades=grades,
        children=sum(one.children for one in segments),
        girls=sum(known) if girls and len(known) == len(girls) else None,
    )


def _join_level(parts: Sequence[Part]) -> list[Part]:
    """Clusters of small schools of one level, neighbours first; a left-over goes to a partner."""
    large = [part for part in parts if part.children >= MIN_GROUP]
    small = sorted(
        (part for part in parts if part.children < MIN_GROUP), key=lambda p: (p.district, p.members)
    )
    clusters: list[Part] = []
    scattered: list[Part] = []
    for _, near in groupby(small, key=lambda part: part.district):
        enough, rest = _gather(near)
        clusters += enough
        scattered += rest
    enough, rest = _gather(scattered)
    clusters += enough
    if not rest:
        return large + clusters
    left = join(rest)
    partners = [part for part in clusters if part.district == left.district] or clusters or large
    if not partners:
        return [left]
    partner = min(partners, key=lambda part: _distance(left, part))
    return [part for part in large + clusters if part is not partner] + [join([left, partner])]


def _gather(parts: Iterable[Part]) -> tuple[list[Part], list[Part]]:
    """Join small parts in the order given, closing a cluster as soon as it is large enough."""
    clusters: list[Part] = []
    waiting: list[Part] = []
    for part in parts:
        waiting.append(part)
        if sum(one.children for one in waiting) >= MIN_GROUP:
            clusters.append(join(waiting))
            waiting = []
    return clusters, waiting


def _distance(part: Part, other: Part) -> tuple[int, bool, bool, int, tuple[tuple[str, Stage], ...]]:
    """How far a partner is: next level, own school, district; then the largest, which it changes least."""
    order = list(Stage)
    steps = min(abs(order.index(a) - order.index(b)) for a in part.levels for b in other.levels)
    own_schools = {school for school, _ in part.members}
    shares_school = any(school in own_schools for school, _ in other.members)
    return (steps, not shares_school, part.district != other.district, -other.children, other.members)
