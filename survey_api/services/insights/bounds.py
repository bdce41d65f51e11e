"""What an outsider can work out: the smallest and largest count possible in any group of children.

Exact integer bounds from everything published, given how many children there are in each indivisible group
(atom). Groups that nest like boxes are solved by passing ranges up and down the tree, which is exact; groups
that cross are solved by an integer programme.
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
    solved: dict[Atoms, tuple[int, int]] = {frozenset(): (0, 0)}
    waiting = {group for group in groups if group and not _crosses(group, tree)}
    while waiting:
        nested, waiting = _nest(universe, published | waiting)
        solved |= _by_nesting(sizes, claims, nested)
    if not solved.keys() >= published:
        solved |= _by_nesting(sizes, claims, tree)
    hard = [group for group in dict.fromkeys(groups) if group not in solved]
    solved |= dict(zip(hard, _by_programme(sizes, claims, hard), strict=True)) if hard else {}
    return [solved[group] for group in groups]


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


def _crosses(group: Atoms, tree: Mapping[Atoms, Atoms | None]) -> bool:
    """Whether the group shares some but not all children with a box and does not lie inside it."""
    shared: dict[Atoms, int] = {}
    for atom in group:
        box: Atoms | None = frozenset({atom})
        while box is not None:
            shared[box] = shared.get(box, 0) + 1
            box = tree[box]
    return any(count not in (len(box), len(group)) for box, count in shared.items())


def _by_nesting(
    sizes: Sizes, claims: Sequence[Claim], parents: Mapping[Atoms, Atoms | None]
) -> dict[Atoms, tuple[int, int]]:
    children: dict[Atoms, list[Atoms]] = {box: [] for box in parents}
    for box, parent in parents.items():
        if parent is not None:
            children[parent].append(box)
    low = dict.fromkeys(parents, 0)
    high = {box: sum(sizes[atom] for atom in box) for box in parents}
    for claim in claims:
        if claim.atoms:
            low[claim.atoms] = max(low[claim.atoms], claim.low)
            high[claim.atoms] = min(high[claim.atoms], claim.high)
    order = list(parents)
    for box in reversed(order):
        if children[box]:
            low[box] = max(low[box], sum(low[child] for child in children[box]))
            high[box] = min(high[box], sum(high[child] for child in children[box]))
        if low[box] > high[box]:
            raise Contradiction(f"{sorted(map(str, box))}: at least {low[box]} and at most {high[box]}")
    for box in order:
        total_low = sum(low[child] for child in children[box])
        total_high = sum(high[child] for child in children[box])
        tightened = {
            child: (
                max(low[child], low[box] - (total_high - high[child])),
                min(high[child], high[box] - (total_low - low[child])),
            )
            for child in children[box]
        }
        for child, (least, most) in tightened.items():
            low[child], high[child] = least, most
    return {box: (low[box], high[box]) for box in parents}


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
