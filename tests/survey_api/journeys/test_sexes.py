"""A roster may say girl, boy or other: sealed, counted in memory, shown for large groups only, and never as a third."""

from collections.abc import Iterator

import pytest
from sqlmodel import select

from survey_api.access import traits
from survey_api.access.scope import Scope
from survey_api.kit.problems import KeyMissing
from survey_api.services.insights import released
from survey_api.services.insights.limits import GRADE_MIN, MIN_GROUP
from survey_api.services.insights.plan import ReleasePlan
from survey_api.services.insights.planning import RESPONSE, plan_for
from survey_api.services.insights.report import coin_of
from survey_api.services.insights.safe import PlaceKind, SafeTable
from survey_api.services.students import actions as students_actions
from survey_api.services.students import queries as students_queries
from survey_api.tables.schools import Student
from survey_api.tables.waves import Wave
from survey_api.vocabulary import Sex
from tests.answered import answer, close, release
from tests.house import SETUP, House, open_house

GIRLS, OTHERS = 33, 2


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """70 pupils of one grade: 35 girls and boys each, two of the girls told as other."""
    with open_house(tmp_path_factory.mktemp("sexes"), banks=("chu",), pupils=70) as opened:
        told = {
            pupil.pseudonym: Sex.FEMALE if n < GIRLS else Sex.OTHER if n < GIRLS + OTHERS else Sex.MALE
            for n, pupil in enumerate(opened.pupils)
        }
        with opened.runtime.work(SETUP) as work:
            students_actions.keep_sexes(work, told)
            wave = work.db.get_one(Wave, opened.wave_id)
            coin = coin_of(opened.runtime.keys)
            girls = sum((coin(who) if sex is Sex.OTHER else sex) is Sex.FEMALE for who, sex in told.items())
            north = opened.schools["north"]
            plan = plan_for(wave.id, [(north, "北の中学校", 0)], {(north, 7): 70}, {(north, 7): girls})
            wave.plan = plan.canonical().decode()
            work.db.add(wave)
        answer(opened, worried=20)
        close(opened)
        release(opened)
        yield opened


@pytest.fixture(scope="module")
def table(house: House) -> SafeTable:
    with house.runtime.reading() as db:
        (wave,) = released.released_waves(db, house.runtime.keys)
    return wave.release.table


def test_the_sex_is_sealed_equally_long_and_bound_to_pupil_and_school(house: House) -> None:
    with house.runtime.reading() as db:
        rows = db.exec(select(Student)).all()
        sealed = [row.sealed_sex for row in rows]
        assert len({len(one) for one in sealed if one is not None}) == 1
        assert len(set(sealed)) == len(rows)
        assert not any(letter in (one or b"") for one in sealed for letter in (b'"F"', b'"M"', b'"O"'))
        rows[0].sealed_sex, rows[1].sealed_sex = rows[1].sealed_sex, rows[0].sealed_sex
        with pytest.raises(KeyMissing):
            traits.open_sex(db, house.runtime.keys, rows[0])


def test_girls_and_boys_are_told_apart_where_both_are_enough(table: SafeTable) -> None:
    blocks = {place.sex: cell for place, cell in table.of("hungry", PlaceKind.BLOCK)}
    assert set(blocks) == {"F", "M"}
    assert blocks["F"].low <= 20 <= blocks["F"].high  # the first twenty girls were worried
    assert blocks["M"].low == 0
    whole = next(table.of("hungry", PlaceKind.UNIT))[1]
    assert whole.low <= 20 <= whole.high


def test_a_grade_of_the_city_has_girls_boys_and_their_sum_under_one_epsilon(table: SafeTable) -> None:
    grades = {place.sex: cell for place, cell in table.of("hungry", PlaceKind.GRADE)}
    assert set(grades) == {"F", "M", ""}
    assert all(cell.n_high >= GRADE_MIN for cell in grades.values())
    assert grades[""].high - grades[""].low > grades["M"].high - grades["M"].low


def test_other_is_counted_with_one_of_the_two_and_never_shown(house: House, table: SafeTable) -> None:
    assert {place.sex for place in table.places} == {"", "F", "M"}
    answered = {place.sex: cell for place, cell in table.of(RESPONSE.id, PlaceKind.GRADE)}
    assert answered[""].n_low == 70
    with house.client() as client:
        house.sign_in(client, "ito")
        page = client.get("/plan").text
        assert "70人、女子と男子に分ける" in page
        assert "33人" not in page
        assert "35人" not in page
        assert "女子" in client.get("/welfare/indicators/hungry").text


def test_the_coin_is_the_keys_and_always_falls_the_same_way(house: House) -> None:
    coin = coin_of(house.runtime.keys)
    drawn = [coin(f"pupil {n}") for n in range(400)]
    assert drawn == [coin(f"pupil {n}") for n in range(400)]
    assert 140 < sum(one is Sex.FEMALE for one in drawn) < 260


def test_who_moves_school_keeps_it_under_the_new_schools_key(house: House) -> None:
    with house.runtime.work(SETUP) as work:
        moving = students_actions.Placement(house.pupils[0].pseudonym, house.schools["south"], 7, "2")
        students_actions.place(work, [moving], left=[])
        assert students_queries.sexes(work.db, work.keys, Scope(None))[moving.pseudonym] is Sex.FEMALE


def plan_with(girls: int | None) -> ReleasePlan:
    held = {} if girls is None else {("a", 1): girls}
    return plan_for("w", [("a", "北小", 0)], {("a", 1): 24}, held)


@pytest.mark.parametrize(
    ("girls", "sexes"), [(None, {""}), (MIN_GROUP - 1, {""}), (MIN_GROUP, {"F", "M"}), (15, {""}), (24, {""})]
)
def test_a_band_is_split_only_when_both_parts_are_enough(girls: int | None, sexes: set[str]) -> None:
    plan = plan_with(girls)
    assert {block.sex for block in plan.partition(range(1, 13)).blocks} == sexes
    assert plan.sexed == (() if girls is None else (1,))


def test_the_public_plan_and_its_hash_do_not_tell_the_coin() -> None:
    """Somebody who knows every child but one could try both ways: neither the plan nor its hash may differ."""
    assert plan_with(11).canonical() == plan_with(12).canonical()
