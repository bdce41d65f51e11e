"""What an outsider can work out: the smallest and largest count possible in any group of children.

Exact integer bounds from everything published, given how many children there are in each indivisible group
(atom). Published numbers that nest like boxes are solved by passing ranges up and down the tree, which is exact,
also for groups that take parts of several boxes; published numbers that cross need an integer programme.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor
from typing import Any

Atoms = frozenset[Any]
Sizes = Mapping[Any, int]
"""Children per atom; an atom is any hashable name."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Something published: between `low` and `high` children of these atoms said yes."""

    atoms: Atoms
    low: int
    high: int


class Contradiction(ValueError):  # noqa: N818 - named after what was found
    """No answers at all fit what was published and the known group sizes."""


def percent_claim(atoms: Iterable[Hashable], percent: str, size: int) -> Claim:
    """What a percentage printed with its decimals says about the count out of `size`."""
    shown = Decimal(percent)
    half = Decimal(1).scaleb(int(shown.as_tuple().exponent)) / 2
    low = ceil((shown - half) * size / 100)
    high = floor((shown + half) * size / 100)
    return Claim(frozenset(atoms), max(0, low), min(size, high))


def bounds(sizes: Sizes, claims: Sequence[Claim], groups: Sequence[Atoms]) -> list[tuple[int, int]]:
    """Smallest and largest possible count for each group, as whole children.

    `sizes`: children per atom, known to the outsider. KeyError for an atom without a size; Contradiction
    when nothing fits.
    """
    universe = frozenset(sizes)
    for atoms in [*(claim.atoms for claim in claims), *groups]:
        if not atoms <= universe:
            raise KeyError(f"unknown atoms: {sorted(map(str, atoms - universe))}")
    published = {claim.atoms for claim in claims if claim.atoms}
    tree, crossing = _nest(universe, published)
    if crossing:
        return _by_programme(sizes, claims, groups)
    solved = _Solved(sizes, claims, tree)
    return [solved.range_of(group) for group in groups]


def _nest(universe: Atoms, boxes: Iterable[Atoms]) -> tuple[dict[Atoms, Atoms | None], set[Atoms]]:
    """Each box's smallest enclosing box, parents first, down to single atoms; and the boxes that cross."""
    owner: dict[Any, Atoms] = dict.fromkeys(universe, universe)
    parents: dict[Atoms, Atoms | None] = {universe: None}
    crossing = set()
    singles = {frozenset({atom}) for atom in universe}
    for box in sorted({*boxes, *singles}, key=len, reverse=True):
        if box in parents:
            continue
        owners = {owner[atom] for atom in box}
        if len(owners) != 1:
            crossing.add(box)
            continue
        parents[box] = owners.pop()
        owner.update(dict.fromkeys(box, box))
    return parents, crossing


class _Solved:
    """Boxes inside boxes, each with the counts that fit everything published; exact for any group of atoms."""

    def __init__(self, sizes: Sizes, claims: Sequence[Claim], parents: Mapping[Atoms, Atoms | None]) -> None:
        self._parents = parents
        self._children: dict[Atoms, list[Atoms]] = {box: [] for box in parents}
        for box, parent in parents.items():
            if parent is not None:
                self._children[parent].append(box)
        self._inside = self._from_below(sizes, claims)
        """What fits the claims inside a box."""
        self._ranges = self._from_above()
        """What fits all claims."""

    def range_of(self, group: Atoms) -> tuple[int, int]:
        """Smallest and largest count of any group, also one that takes parts of several boxes."""
        if not group:
            return 0, 0
        if group in self._ranges:
            return self._ranges[group]
        around: Atoms = frozenset({next(iter(group))})
        while not group <= around:
            parent = self._parents[around]
            assert parent is not None
            around = parent
        low, high = self._ranges[around]
        least = self._split(around, group).within(low, high).value
        rest = self._split(around, around - group).within(low, high)
        # the most of a group is everybody less the least of the others, at the count where that is largest
        return least, high - rest.value - max(0, high - low - rest.flat)

    def _split(self, box: Atoms, group: Atoms) -> "_Least":
        """The fewest of the group in this box, for every count that the box may have."""
        low, high = self._inside[box]
        touched = group & box
        if not touched:
            return _Least(0, low, high, flat=high - low)
        if touched == box:
            return _Least(low, low, high, flat=0)
        parts = [self._split(child, touched) for child in self._children[box]]
        together = _Least(
            sum(part.value for part in parts),
            sum(part.low for part in parts),
            sum(part.high for part in parts),
            flat=sum(part.flat for part in parts),
        )
        return together.within(low, high)

    def _from_below(self, sizes: Sizes, claims: Sequence[Claim]) -> dict[Atoms, tuple[int, int]]:
        low = dict.fromkeys(self._parents, 0)
        high = {box: sum(sizes[atom] for atom in box) for box in self._parents}
        for claim in claims:
            if claim.atoms:
                low[claim.atoms] = max(low[claim.atoms], claim.low)
                high[claim.atoms] = min(high[claim.atoms], claim.high)
        for box in reversed(list(self._parents)):
            inside = self._children[box]
            if inside:
                low[box] = max(low[box], sum(low[child] for child in inside))
                high[box] = min(high[box], sum(high[child] for child in inside))
            if low[box] > high[box]:
                raise Contradiction(f"{sorted(map(str, box))}: at least {low[box]} and at most {high[box]}")
        return {box: (low[box], high[box]) for box in self._parents}

    def _from_above(self) -> dict[Atoms, tuple[int, int]]:
        ranges = dict(self._inside)
        for box in self._parents:
            inside = self._children[box]
            total_low = sum(ranges[child][0] for child in inside)
            total_high = sum(ranges[child][1] for child in inside)
            low, high = ranges[box]
            tightened = {
                child: (
                    max(ranges[child][0], low - (total_high - ranges[child][1])),
                    min(ranges[child][1], high - (total_low - ranges[child][0])),
                )
                for child in inside
            }
            ranges |= tightened
        return ranges


@dataclass(frozen=True, slots=True)
class _Least:
    """The fewest of a group among the `count` of a box: `value` up to low + flat, then one more for each."""

    value: int
    low: int
    high: int
    flat: int

    def within(self, low: int, high: int) -> "_Least":
        """The same where the box has between `low` and `high`."""
        start = max(self.low, low)
        end = min(self.high, high)
        moved = start - self.low
        return _Least(
            self.value + max(0, moved - self.flat),
            start,
            end,
            flat=min(max(0, self.flat - moved), end - start),
        )


def _by_programme(sizes: Sizes, claims: Sequence[Claim], groups: Sequence[Atoms]) -> list[tuple[int, int]]:
    """Two integer programmes per group. Slow, exact, and the only way when groups cross."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp

    atoms = list(sizes)
    column = {atom: index for index, atom in enumerate(atoms)}
    matrix = np.zeros((max(1, len(claims)), len(atoms)))
    for row, claim in enumerate(claims):
        matrix[row, [column[atom] for atom in claim.atoms]] = 1
    low = np.array([claim.low for claim in claims] or [0], dtype=float)
    high = np.array([claim.high for claim in claims] or [0], dtype=float)
    limits = Bounds(np.zeros(len(atoms)), np.array([sizes[atom] for atom in atoms], dtype=float))

    def extreme(group: Atoms, sign: int) -> int:
        goal = np.zeros(len(atoms))
        goal[[column[atom] for atom in group]] = sign
        found = milp(
            goal,
            integrality=np.ones(len(atoms), dtype=int),
            bounds=limits,
            constraints=LinearConstraint(matrix, low, high),
        )
        if found.status == 2:
            raise Contradiction("no answers fit the published numbers")
        if not found.success:
            raise RuntimeError(f"the attack could not be finished: {found.message}")
        return sign * round(float(found.fun))

    return [(extreme(group, 1), extreme(group, -1)) for group in groups]
