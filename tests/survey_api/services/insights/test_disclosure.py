"""What comes out of disclosure control: true ranges, sums that agree, and nothing for groups too small."""

import dataclasses
import re
from pathlib import Path

import pytest

import survey_api
from survey_api.services.insights.disclosure import protect
from survey_api.services.insights.limits import LEVEL_SCHOOLS, MIN_GROUP
from survey_api.services.insights.plan import GradeCount, School, make_plan
from survey_api.services.insights.refusal import ReleaseRefused
from survey_api.services.insights.rounding import BlockCount
from survey_api.services.insights.safe import PlaceKind, SafeCell, SafeTable
from tests.survey_api.services.insights.planted import INDICATORS, City, city, indicator, key

SEEDS = range(1, 7)


def table_of(planted: City, number: int = 1) -> SafeTable:
    return planted.table(key(number))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_truth_is_inside_every_range(seed: int) -> None:
    planted = city(seed)
    table = table_of(planted)
    assert table.withheld == ()
    for cell in table.cells:
        place = table.place(cell.place)
        if place.kind is PlaceKind.GRADE:  # true in 97 of 100 cases, tested with the noise
            continue
        inside = [atom for atom in planted.answered if place.holds(*atom)]
        yes = sum(planted.yes[cell.indicator][atom] for atom in inside)
        n = sum(planted.answered[atom] for atom in inside)
        assert cell.low <= yes <= cell.high
        assert cell.n_low <= n <= cell.n_high
        assert n >= MIN_GROUP
        assert cell.share_low <= 100 * yes / n <= cell.share_high


@pytest.mark.parametrize("seed", SEEDS)
def test_sensitive_and_stable_numbers_stop_at_the_level(seed: int) -> None:
    table = table_of(city(seed))
    for note in table.indicators:
        kinds = {table.place(cell.place).kind for cell in table.cells if cell.indicator == note.id}
        assert kinds == ({PlaceKind.LEVEL, PlaceKind.CITY} if note.level_only else set(PlaceKind))
    for place, _ in table.of("hurt", PlaceKind.LEVEL):
        assert len({school for school, _ in place.members}) >= LEVEL_SCHOOLS


def test_level_ranges_are_the_sums_of_the_school_ranges() -> None:
    table = table_of(city(2))
    schools = list(table.of("common", PlaceKind.UNIT))
    for level, cell in table.of("common", PlaceKind.LEVEL):
        inside = [one for place, one in schools if set(place.members) <= set(level.members)]
        assert cell.low == sum((one.low + one.high) // 2 for one in inside) - 2 * len(inside)
    total = next(table.of("common", PlaceKind.CITY))[1]
    assert total.low == sum(cell.low for _, cell in table.of("common", PlaceKind.LEVEL))


def test_numbers_stay_useful() -> None:
    """Root mean square errors over planted cities: 3 points for a school of 20 and more, half for the city."""
    large, small, city_wide, bias = [], [], [], []
    for seed in range(1, 21):
        planted = city(seed)
        table = table_of(planted)
        for kind in (PlaceKind.UNIT, PlaceKind.CITY):
            for place, cell in table.of("common", kind):
                inside = [atom for atom in planted.answered if place.holds(*atom)]
                n = sum(planted.answered[atom] for atom in inside)
                missed = (cell.low + cell.high) / 2 - sum(planted.yes["common"][atom] for atom in inside)
                into = city_wide if kind is PlaceKind.CITY else large if n >= 20 else small
                into.append(missed / n)
                if cell.low > 0:  # the lowest range is 0 to 2, its middle is 1
                    bias.append(missed)
    assert rms(large) < 0.03
    assert rms(small) < 0.10
    assert rms(city_wide) < 0.005
    assert abs(sum(bias) / len(bias)) < 0.25


def rms(errors: list[float]) -> float:
    return (sum(error * error for error in errors) / len(errors)) ** 0.5


@pytest.mark.parametrize("seed", SEEDS)
def test_every_school_that_is_large_enough_has_a_number(seed: int) -> None:
    planted = city(seed)
    titles = {place.title for place, _ in table_of(planted).of("common", PlaceKind.UNIT)}
    for school in planted.plan.schools:
        n = sum(count for atom, count in planted.answered.items() if atom[0] == school.id)
        if n >= MIN_GROUP and school.id != "both":  # a school of two levels has a row for each, or shares one
            assert any(school.name in title for title in titles), school.name


def test_one_answer_more_moves_a_published_number_by_three_at_most() -> None:
    """Over 300 keys: the shown values of two neighbouring cities are the same few, none apart from the rest."""
    plan = make_plan("w", [School("a", "北小")], [GradeCount("a", 1, 12), GradeCount("a", 2, 14)])
    seen: list[set[int]] = []
    for first in (4, 5):
        counts = {
            "q": {"a.elementary/1": BlockCount(first, 12), "a.elementary/2": BlockCount(7, 14)},
        }
        shown = set()
        for number in range(300):
            table = protect(plan, [indicator("q")], counts, key=key(number))
            shown.add(next(table.of("q", PlaceKind.BLOCK))[1].low)
        seen.append(shown)
    assert seen[0] == seen[1] == {1, 4}


def test_the_same_answers_in_two_waves_do_not_show_the_same_numbers() -> None:
    differ, total = 0, 0
    for seed in SEEDS:
        first, second = (city(seed, wave) for wave in ("w1", "w2"))
        assert first.yes == second.yes
        pairs = zip(
            table_of(first).of("common", PlaceKind.BLOCK),
            table_of(second).of("common", PlaceKind.BLOCK),
            strict=True,
        )
        for (place, before), (_, after) in pairs:
            if sum(first.yes["common"][atom] for atom in first.answered if place.holds(*atom)) % 3:
                total += 1
                differ += before.low != after.low
    assert differ / total >= 0.2


def test_nothing_small_is_ever_exact() -> None:
    plan = make_plan("w", [School("a", "北小")], [GradeCount("a", 1, 30)])
    table = protect(plan, [indicator("q")], {"q": {"a.elementary/1": BlockCount(0, 30)}}, key=key())
    cell = next(table.of("q", PlaceKind.UNIT))[1]
    assert (cell.people, cell.share, cell.asked) == ("0〜2人", "0〜10%", "30〜39人")


@pytest.mark.parametrize(
    ("answered", "yes", "share"), [(12, 0, "0〜20%"), (12, 12, "80〜100%"), (30, 30, "90〜100%")]
)
def test_the_ends_are_coded(answered: int, yes: int, share: str) -> None:
    plan = make_plan("w", [School("a", "北小")], [GradeCount("a", 1, answered)])
    counts = {"q": {"a.elementary/1": BlockCount(yes, answered)}}
    cell = next(protect(plan, [indicator("q")], counts, key=key()).of("q", PlaceKind.UNIT))[1]
    assert cell.share == share


def test_a_wave_that_nobody_answered_is_refused() -> None:
    planted = city(1)
    with pytest.raises(ReleaseRefused, match="10人に満たない"):
        protect(planted.plan, INDICATORS, {}, key=key())


def test_a_school_that_refused_has_no_number_and_the_others_have() -> None:
    schools = [School("a", "北小"), School("b", "南小")]
    plan = make_plan("w", schools, [GradeCount("a", 1, 30), GradeCount("b", 1, 30)])
    counts = {"q": {"a.elementary/1": BlockCount(6, 28), "b.elementary/1": BlockCount(0, 0)}}
    table = protect(plan, [indicator("q"), indicator("s", sensitive=True)], counts, key=key())
    assert [place.title for place, _ in table.of("q", PlaceKind.UNIT)] == ["北小"]
    assert table.withheld == (("s", "too-few-answers"),)


def test_a_block_outside_the_plan_is_refused() -> None:
    planted = city(1)
    with pytest.raises(ValueError, match="does not hold"):
        protect(planted.plan, INDICATORS, {"rare": {"elsewhere": BlockCount(1, 20)}}, key=key())


def test_a_safe_table_cannot_be_written_by_hand() -> None:
    table = table_of(city(1))
    with pytest.raises(TypeError, match="never written by hand"):
        dataclasses.replace(table, wave="w2")
    with pytest.raises(TypeError, match="never written by hand"):
        SafeCell("q", "p", 0, 2, 10, 19, 0, 20, 0, 20)


def test_only_disclosure_control_and_the_signed_bundle_hold_the_seal() -> None:
    room = Path(survey_api.__file__).parents[1]
    holders = {
        file.name
        for package in ("survey_api", "survey_ui")
        for file in (room / package).rglob("*.py")
        if re.search(r"\bSEAL\b", file.read_text(encoding="utf-8"))  # LockState.SEALED is another seal
    }
    assert holders == {"safe.py", "disclosure.py", "bundle.py"}
