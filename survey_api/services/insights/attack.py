"""The gate: before a release leaves, the product attacks it itself and refuses what can be pinned.

The attacker knows the plan, the method and how many girls and boys of every grade of every school answered;
only the answers and the key are unknown. Pure; the true answers are not an input.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from survey_api.services.insights.blocks import level_of
from survey_api.services.insights.bounds import Atoms, Claim, Contradiction, bounds
from survey_api.services.insights.leaks import missed_leaks
from survey_api.services.insights.plan import Partition, ReleasePlan
from survey_api.services.insights.refusal import ReleaseRefused
from survey_api.services.insights.safe import Place, PlaceKind, SafeTable

GroupSizes = Mapping[tuple[str, int, str], int]
"""(school, grade, sex or empty) → children who answered."""


class PinKind(StrEnum):
    """What became certain."""

    EXACT = "exact"
    ALL_YES = "all-yes"
    ALL_NO = "all-no"
    NARROWED = "narrowed-over-waves"


@dataclass(frozen=True, slots=True)
class Pin:
    """A group about which an outsider would know something for certain. Holds no number."""

    kind: PinKind
    wave: str
    indicator: str
    group: str


def refuse_if_pinned(
    table: SafeTable, plan: ReleasePlan, sizes: Mapping[str, GroupSizes], *, earlier: Sequence[SafeTable] = ()
) -> None:
    """Let a release pass or refuse it as a whole; never mend single cells.

    `sizes`: indicator id → how many answered, per school and grade. `earlier`: every table released before.
    """
    if missed_leaks():
        raise ReleaseRefused(
            "gate-broken",
            "公表前の検査が正しく働いていません。公表を止めました。保守担当に連絡してください。",
        )
    try:
        found = find_pins(table, plan, sizes) + narrowed(table, earlier)
    except Contradiction:
        raise ReleaseRefused(
            "gate-contradiction",
            "公表しようとした数字と回答者の数が合いません。公表を止めました。保守担当に連絡してください。",
        ) from None
    if found:
        titles = "、".join(sorted({table.indicator(pin.indicator).title for pin in found}))
        raise ReleaseRefused(
            "gate-pinned",
            f"この数字を出すと、一部の子どもの答えが分かってしまいます({titles})。公表を止めました。",
        )


def find_pins(table: SafeTable, plan: ReleasePlan, sizes: Mapping[str, GroupSizes]) -> list[Pin]:
    """Attack one wave, question by question. Questions share no source, so none helps with another."""
    pins = []
    places = {place.id: place for place in table.places}
    for note in table.indicators:
        cells = [
            cell for cell in table.cells if cell.indicator == note.id and _is_certain(places[cell.place])
        ]
        if not cells:
            continue
        known = {atom: n for atom, n in sizes[note.id].items() if n > 0 and atom[1] in note.grades}
        claims = [
            Claim(frozenset(atom for atom in known if places[cell.place].holds(*atom)), cell.low, cell.high)
            for cell in cells
        ]
        groups = _groups(plan.partition(note.grades), claims, known)
        for group, (low, high) in zip(groups, bounds(known, claims, groups), strict=True):
            kind = _certain(low, high, sum(known[atom] for atom in group))
            if kind is not None:
                pins.append(Pin(kind, table.wave, note.id, _name(group)))
    return pins


def narrowed(table: SafeTable, earlier: Sequence[SafeTable]) -> list[Pin]:
    """Traits that hardly change: do all waves together leave only one value for a group's count?

    Assumes the worst, that nobody came or left. Ranges that do not meet prove that somebody did.
    """
    pins = []
    stable = {note.id for note in table.indicators if note.stable}
    for cell in table.cells:
        if cell.indicator not in stable:
            continue
        same = [
            other
            for past in earlier
            for other in past.cells
            if (other.indicator, other.place) == (cell.indicator, cell.place)
        ]
        if max(one.low for one in [cell, *same]) == min(one.high for one in [cell, *same]):
            pins.append(Pin(PinKind.NARROWED, table.wave, cell.indicator, cell.place))
    return pins


def _is_certain(place: Place) -> bool:
    """Whether its range holds the truth for certain. Unbounded noise leaves every count possible."""
    return place.kind is not PlaceKind.GRADE


def _groups(partition: Partition, claims: Sequence[Claim], known: GroupSizes) -> list[Atoms]:
    """Every group worth protecting: girls and boys of a grade, grades, schools, girls and boys of a school,
    planned blocks, and everything that has a number."""
    groups: set[Atoms] = {frozenset({atom}) for atom in known}
    for school, grade, sex in known:
        level = level_of(grade)
        inside = [atom for atom in known if atom[0] == school and level_of(atom[1]) is level]
        groups.add(frozenset(inside))
        groups.add(frozenset(atom for atom in inside if atom[2] == sex))
        groups.add(frozenset(atom for atom in inside if atom[1] == grade))
    for unit in partition.units:
        schools = {school for school, _ in unit.members}
        for block in unit.blocks:
            groups.add(
                frozenset(atom for atom in known if atom[0] in schools and block.holds(atom[1], atom[2]))
            )
    groups.update(claim.atoms for claim in claims)
    return sorted((group for group in groups if group), key=_name)


def _certain(low: int, high: int, size: int) -> PinKind | None:
    if low == size:
        return PinKind.ALL_YES
    if high == 0:
        return PinKind.ALL_NO
    return PinKind.EXACT if low == high else None


def _name(group: Atoms) -> str:
    return ", ".join(sorted(str(atom) for atom in group))
