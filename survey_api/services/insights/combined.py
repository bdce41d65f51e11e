"""Look once more at released numbers that are put side by side: does the collection pin anybody?

Knows what an outsider knows: the public plan with its roster counts, and the numbers. Refuses as a whole.
"""

from collections.abc import Collection

from survey_api.services.insights.bounds import Atoms, Claim, Contradiction, bounds
from survey_api.services.insights.plan import Partition, ReleasePlan
from survey_api.services.insights.refusal import ReleaseRefused
from survey_api.services.insights.safe import Place, PlaceKind, SafeTable


def refuse_if_combined_pins(table: SafeTable, plan: ReleasePlan, kinds: Collection[PlaceKind]) -> None:
    """ReleaseRefused when the numbers of these widths together leave one value for a group, all yes or all no.

    Every planned block is looked at, everything that has a number, and what is left of a number when another
    inside it is taken away.
    """
    places = {place.id: place for place in table.places}
    for note in table.indicators:
        partition = plan.partition(note.grades)
        sizes = {block.id: block.children for block in partition.blocks}
        claims = []
        for cell in table.cells:
            place = places[cell.place]
            if cell.indicator == note.id and place.kind in kinds:
                atoms = _atoms(partition, place)
                if atoms:
                    room = sum(sizes[atom] for atom in atoms)
                    claims.append((Claim(atoms, cell.low, max(cell.low, min(cell.high, room))), cell.n_high))
        if not claims:
            continue
        for claim, most in claims:  # more can have answered than were on the roster when the plan was made
            lacking = max(0, most - sum(sizes[atom] for atom in claim.atoms))
            first = min(claim.atoms)
            sizes[first] += lacking
        known = [claim for claim, _ in claims]
        groups: set[Atoms] = {frozenset({atom}) for atom in sizes} | {claim.atoms for claim in known}
        groups |= {a.atoms - b.atoms for a in known for b in known if b.atoms < a.atoms}
        ordered = [group for group in groups if group]
        try:
            found = bounds(sizes, known, ordered)
        except Contradiction:
            raise _refused(note.title) from None
        for group, (low, high) in zip(ordered, found, strict=True):
            size = sum(sizes[atom] for atom in group)
            if size and (low == high or low >= size or high <= 0):
                raise _refused(note.title)


def _atoms(partition: Partition, place: Place) -> Atoms:
    return frozenset(
        block.id
        for unit in partition.units
        if set(unit.members) <= set(place.members) or place.kind in (PlaceKind.CITY, PlaceKind.LEVEL)
        for block in unit.blocks
        if any(place.holds(school, grade, block.sex) for school, _ in unit.members for grade in block.grades)
    )


def _refused(title: str) -> ReleaseRefused:
    return ReleaseRefused(
        "combination-pinned",
        f"選んだ数字を合わせると、一部の子どもの答えが分かってしまいます({title})。資料は作っていません。",
    )
