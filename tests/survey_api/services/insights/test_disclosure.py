"""What comes out of disclosure control: true ranges, sums that agree, and nothing for groups too small."""

import dataclasses
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
    return protect(planted.plan, INDICATORS, planted.counts(), key=key(number))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_truth_is_inside_every_range(seed: int) -> None:
    planted = city(seed)
    table = table_of(planted)
    assert table.withheld == ()
    for cell in table.cells:
        place = table.place(cell.place)
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


def test_schools_stay_useful() -> None:
    """Over planted cities the middle of a school's range is close to the truth, and nearly unbiased."""
    errors = []
    for seed in SEEDS:
        planted = city(seed)
        for place, cell in table_of(planted).of("common", PlaceKind.UNIT):
            inside = [atom for atom in planted.answered if place.holds(*atom)]
            yes = sum(planted.yes["common"][atom] for atom in inside)
            errors.append(((cell.low + cell.high) / 2 - yes) / sum(planted.answered[atom] for atom in inside))
    assert (sum(error * error for error in errors) / len(errors)) ** 0.5 < 0.03


def test_nothing_small_is_ever_exact() -> None:
    plan = make_plan("w", [School("a", "北小")], [GradeCount("a", 1, 30)])
    table = protect(plan, [indicator("q")], {"q": {"a.elementary/1": BlockCount(0, 30)}}, key=key())
    cell = next(table.of("q", PlaceKind.UNIT))[1]
    assert (cell.people, cell.share, cell.asked) == ("0〜2人", "10%以下", "30〜39人")


@pytest.mark.parametrize(
    ("answered", "yes", "share"), [(12, 0, "20%以下"), (12, 12, "80%以上"), (30, 30, "90%以上")]
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
        if "SEAL" in file.read_text(encoding="utf-8")
    }
    assert holders == {"safe.py", "disclosure.py", "bundle.py"}
