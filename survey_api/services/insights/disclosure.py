"""Disclosure control: true counts go in, a SafeTable comes out. The only way for a count to leave.

One number per block and question, rounded as in rounding.py; every larger number is a sum of those, so
that nothing published overlaps. What does overlap (grades of the whole city, outcomes) carries the unbounded
noise of noise.py instead. Pure: no database, no clock, no settings.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from types import MappingProxyType

from survey_api.services.insights.blocks import level_of
from survey_api.services.insights.intervals import Z95, wilson
from survey_api.services.insights.keys import ReleaseKey
from survey_api.services.insights.limits import (
    BASE,
    EPSILON,
    GRADE_MIN,
    LEVEL_SCHOOLS,
    MIN_GROUP,
    SHARE_STEP,
    SLACK,
    SMALL_GROUP,
)
from survey_api.services.insights.measures import Indicator
from survey_api.services.insights.noise import geometric, spread
from survey_api.services.insights.outcomes import Tally
from survey_api.services.insights.plan import Block, Partition, ReleasePlan, Unit, coarsen
from survey_api.services.insights.plan_words import SEX_WORDS, band_word, grades_word, levels_word, unit_title
from survey_api.services.insights.refusal import ReleaseRefused
from survey_api.services.insights.rounding import BlockCount, round_unit
from survey_api.services.insights.safe import (
    SEAL,
    IndicatorNote,
    Place,
    PlaceKind,
    SafeCell,
    SafeMeasure,
    SafePart,
    SafeTable,
)
from survey_api.vocabulary import Stage

METHOD = f"blocks-{MIN_GROUP}/balanced-{BASE}/geometric-{EPSILON}/3"


@dataclass(frozen=True, slots=True)
class _Rounded:
    """A block after rounding. `answered` and `roster` serve to word ranges and are then forgotten."""

    block: Block
    unit: Unit
    published: int
    answered: int
    roster: int
    top: int


def protect(
    plan: ReleasePlan,
    indicators: Sequence[Indicator],
    counts: Mapping[str, Mapping[str, BlockCount]],
    *,
    key: ReleaseKey,
    grades: Mapping[str, Mapping[tuple[int, str], BlockCount]] = MappingProxyType({}),
    tallies: Sequence[Tally] = (),
    wordings: Mapping[str, str] = MappingProxyType({}),
) -> SafeTable:
    """Protect all counts of one wave at once.

    `counts`: indicator id → planned block id → true count; a block that is absent had no answers.
    `grades`: indicator id → (grade, sex or empty) → true count over the whole city; girls and boys only in
    grades where the roster tells all of them apart. `tallies`: what became of children.
    `wordings`: indicator id → a mark of the words it was asked in.
    Refuses when fewer than MIN_GROUP children answered everything together; ValueError for a block that
    the plan does not hold.
    """
    places: dict[str, Place] = {}
    cells: list[SafeCell] = []
    withheld: list[tuple[str, str]] = []
    for indicator in indicators:
        planned = plan.partition(indicator.grades)
        effective, rounded = _round(plan.wave, planned, indicator, counts.get(indicator.id, {}), key)
        reason = _reason_to_withhold(effective, indicator)
        if reason:
            withheld.append((indicator.id, reason))
            continue
        for place, members in _places(plan, effective, rounded, level_only=indicator.level_only):
            places.setdefault(place.id, place)
            cells.append(_cell(indicator.id, place.id, members))
        for place, cell in _grade_cells(effective, indicator, grades.get(indicator.id, {}), plan.wave, key):
            places.setdefault(place.id, place)
            cells.append(cell)
    if not cells:
        raise ReleaseRefused(
            "too-few-answers",
            f"回答が{MIN_GROUP}人に満たないため、数字を公表できません。次の回をお待ちください。",
        )
    return SafeTable(
        wave=plan.wave,
        plan_digest=plan.digest(),
        method=METHOD,
        indicators=tuple(
            IndicatorNote(
                one.id,
                one.title,
                one.definition,
                one.grades,
                one.level_only,
                one.stable,
                wordings.get(one.id, ""),
            )
            for one in indicators
        ),
        places=tuple(places.values()),
        cells=tuple(cells),
        withheld=tuple(withheld),
        measures=tuple(_measure(tally, plan.wave, key) for tally in tallies),
        seal=SEAL,
    )


def _reason_to_withhold(effective: Partition, indicator: Indicator) -> str:
    if not effective.units:
        return "too-few-answers"
    if indicator.level_only and len(effective.units) < LEVEL_SCHOOLS:
        return "too-few-schools"
    return ""


def _round(
    wave: str,
    planned: Partition,
    indicator: Indicator,
    counts: Mapping[str, BlockCount],
    key: ReleaseKey,
) -> tuple[Partition, list[_Rounded]]:
    """Join blocks with few answers, then round unit by unit."""
    unknown = set(counts) - {block.id for block in planned.blocks}
    if unknown:
        raise ValueError(f"{indicator.id}: counts for blocks that the plan does not hold: {sorted(unknown)}")
    effective = coarsen(planned, {block: count.answered for block, count in counts.items()})
    yes: dict[str, int] = {}
    answered: dict[str, int] = {}
    roster: dict[str, int] = {}
    present = {member for unit in effective.units for member in unit.members}
    for unit in planned.units:
        if not set(unit.members) <= present:
            continue
        for block in unit.blocks:
            school = next(s for s, level in unit.members if level is level_of(block.grades[0]))
            into = effective.block_of(school, block.grades[0], block.sex).id
            count = counts.get(block.id, BlockCount(0, 0))
            yes[into] = yes.get(into, 0) + count.yes
            answered[into] = answered.get(into, 0) + count.answered
            known = max(block.children, count.answered)
            # of girls and boys no size is told, so none may show through where a range ends at it
            roster[into] = roster.get(into, 0) + (known - known % 10 + 9 if block.sex else known)
    rounded = []
    for unit in effective.units:
        true = {block.id: BlockCount(yes[block.id], answered[block.id]) for block in unit.blocks}
        shown = round_unit(true, key=key.noise, wave=wave, question=indicator.id, unit=unit.id)
        for block in unit.blocks:
            rounded.append(_rounded(block, unit, shown[block.id], true[block.id].answered, roster[block.id]))
    return effective, rounded


def _rounded(block: Block, unit: Unit, published: int, answered: int, roster: int) -> _Rounded:
    """`top`: how far the truth can lie above a number that had no room to go up (see rounding.at_top)."""
    spare = answered - published
    return _Rounded(block, unit, published, answered, roster, top=spare if spare < BASE else 0)


def _places(
    plan: ReleasePlan, effective: Partition, rounded: Sequence[_Rounded], *, level_only: bool
) -> Iterable[tuple[Place, list[_Rounded]]]:
    """Everything that gets a number, narrowest first, each with the blocks it is the sum of."""
    if not level_only:
        for one in rounded:
            title = f"{unit_title(plan, one.unit)} {band_word(one.block)}"
            yield _place(PlaceKind.BLOCK, one.block.id, title, [one]), [one]
        for unit in effective.units:
            inside = [one for one in rounded if one.unit is unit]
            yield _place(PlaceKind.UNIT, unit.id, unit_title(plan, unit), inside), inside
    for levels in effective.wide_level_groups() if level_only else effective.level_groups():
        inside = [one for one in rounded if set(one.unit.levels) <= set(levels)]
        yield _place(PlaceKind.LEVEL, "+".join(levels), levels_word(levels), inside), inside
    yield _place(PlaceKind.CITY, "city", "市全体", rounded), list(rounded)


def _place(kind: PlaceKind, name: str, title: str, inside: Sequence[_Rounded]) -> Place:
    grades = tuple(sorted({grade for one in inside for grade in one.block.grades}))
    members = tuple(sorted({member for one in inside for member in _members(one)}))
    return Place(
        id=f"{kind}:{name}:{'.'.join(str(grade) for grade in grades)}",
        kind=kind,
        title=title,
        members=members,
        grades=grades,
        sex=inside[0].block.sex if kind is PlaceKind.BLOCK else "",
    )


def _members(one: _Rounded) -> list[tuple[str, Stage]]:
    levels = {level_of(grade) for grade in one.block.grades}
    return [member for member in one.unit.members if member[1] in levels]


def _cell(indicator: str, place: str, inside: Sequence[_Rounded]) -> SafeCell:
    """Word a sum of rounded blocks as ranges that certainly hold the truth.

    A unit's sum is at most SLACK from the truth, more only where a block had no room to go up; a block
    alone never needs the extra room.
    """
    published = sum(one.published for one in inside)
    answered = sum(one.answered for one in inside)
    units = len({one.unit.id for one in inside})
    extra = sum(one.top for one in inside) if len(inside) > 1 else 0
    low = max(0, published - SLACK * units)
    high = min(published + SLACK * units + extra, sum(one.roster for one in inside))
    share_low, share_high = _share(low, min(high, answered), answered)
    n_low = answered - answered % 10
    return SafeCell(
        indicator=indicator,
        place=place,
        low=low,
        high=high,
        n_low=n_low,
        n_high=n_low + 9,
        share_low=share_low,
        share_high=share_high,
        likely_low=floor(100 * wilson(low, answered, -Z95)),
        likely_high=ceil(100 * wilson(min(high, answered), answered, Z95)),
        seal=SEAL,
    )


def _grade_cells(
    effective: Partition,
    indicator: Indicator,
    counts: Mapping[tuple[int, str], BlockCount],
    wave: str,
    key: ReleaseKey,
) -> Iterable[tuple[Place, SafeCell]]:
    """Each large grade over all schools, with unbounded noise. Never for sensitive or lasting things.

    Where girls and boys are both many enough each has a number of its own, and the grade's is their sum:
    every child is then noised once, so that one question still spends EPSILON and not more.
    """
    if indicator.level_only:
        return
    for grade in sorted({grade for grade, _ in counts}):
        apart = {sex: count for (one, sex), count in sorted(counts.items()) if one == grade}
        both = BlockCount(
            sum(count.yes for count in apart.values()), sum(count.answered for count in apart.values())
        )
        if both.answered < GRADE_MIN:
            continue
        if len(apart) > 1 and all(count.answered >= GRADE_MIN for count in apart.values()):
            parts = {sex: (_grade_place(effective, grade, sex), count) for sex, count in apart.items()}
        else:
            parts = {"": (_grade_place(effective, grade, ""), both)}
        noised = {
            sex: count.yes + geometric(key.noise, wave, indicator.id, place.id)
            for sex, (place, count) in parts.items()
        }
        for sex, (place, count) in parts.items():
            yield place, _noised_cell(indicator.id, place.id, noised[sex], count.answered)
        if len(parts) > 1:
            place, total = _grade_place(effective, grade, ""), sum(noised.values())
            yield place, _noised_cell(indicator.id, place.id, total, both.answered, draws=len(parts))


def _grade_place(effective: Partition, grade: int, sex: str) -> Place:
    members = tuple(
        sorted(member for unit in effective.units for member in unit.members if member[1] is level_of(grade))
    )
    return Place(
        id=f"{PlaceKind.GRADE}:{grade}{sex}:{grade}",
        kind=PlaceKind.GRADE,
        title=f"{grades_word((grade,))}{SEX_WORDS[sex]}(市全体)",
        members=members,
        grades=(grade,),
        sex=sex,
    )


def _noised_cell(indicator: str, place: str, noised: int, answered: int, draws: int = 1) -> SafeCell:
    """Limits come from the tens that are shown anyway, so that no exact size can be read off them."""
    n_low = answered - answered % 10
    low = min(n_low, max(0, noised - spread(draws)))
    high = min(n_low + 9, max(noised, 0) + spread(draws))
    share_low, share_high = _share(low, min(high, answered), answered)
    return SafeCell(
        indicator=indicator,
        place=place,
        low=low,
        high=high,
        n_low=n_low,
        n_high=n_low + 9,
        share_low=share_low,
        share_high=share_high,
        likely_low=floor(100 * wilson(low, answered, -Z95)),
        likely_high=ceil(100 * wilson(min(high, answered), answered, Z95)),
        seal=SEAL,
    )


def _measure(tally: Tally, wave: str, key: ReleaseKey) -> SafeMeasure:
    """Noise on every part; nothing at all when about fewer than MIN_GROUP children are left, or (where the parts are
    groups of children) in one of the parts. Decided after the noise, so that the absence tells no more than a number."""
    noised = [
        (part, max(0, count + geometric(key.noise, wave, f"outcome {tally.note.id}", part.id)))
        for part, count in tally.counts
    ]
    held = min if tally.note.each else sum
    enough = held(about for _, about in noised) >= MIN_GROUP
    return SafeMeasure(
        id=tally.note.id,
        title=tally.note.title,
        definition=tally.note.definition,
        parts=tuple(SafePart(part.id, part.title, about, seal=SEAL) for part, about in noised if enough),
        goal=tally.note.goal,
        seal=SEAL,
    )


def _share(low: int, high: int, answered: int) -> tuple[int, int]:
    """The range as percent, widened to whole steps; the ends of the scale are coded."""
    end = 2 * SHARE_STEP if answered < SMALL_GROUP else SHARE_STEP
    share_low = SHARE_STEP * (100 * low // (SHARE_STEP * answered))
    share_high = SHARE_STEP * -(-100 * high // (SHARE_STEP * answered))
    return min(share_low, 100 - end), max(share_high, end)
