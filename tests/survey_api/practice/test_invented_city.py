"""雪野市 is the same for the same seed, has the shape of a small city, and none of it can be real."""

from collections import Counter
from datetime import date

import pytest

from survey_api.practice.city import invent_city
from survey_api.practice.roster_zip import roster_zip_name, write_roster_zip
from survey_api.services.students.oneroster import read_roster
from survey_api.services.students.school_code import looks_like_school_code


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others():
    day = date(2026, 4, 8)
    assert write_roster_zip(invent_city(3, 0.1), day) == write_roster_zip(invent_city(3, 0.1), day)
    assert write_roster_zip(invent_city(3, 0.1), day) != write_roster_zip(invent_city(4, 0.1), day)


def test_the_city_has_its_schools_and_about_2400_pupils():
    city = invent_city(1)
    kinds = Counter(school.code[:2] for school in city.schools)
    assert kinds == {"B1": 6, "C1": 4, "C2": 1, "D1": 1}
    assert 2300 <= len(city.pupils) <= 2500
    grades = Counter((pupil.school_id, pupil.grade) for pupil in city.pupils)
    assert min(grades.values()) >= 4
    assert max(grades.values()) <= 70
    assert grades == {
        (school.source_id, grade): count for school in city.schools for grade, count in school.sizes
    }
    assert max(Counter(pupil.class_id for pupil in city.pupils).values()) <= 35
    assert any(len(homeroom.grades) == 2 for homeroom in city.classes)


def test_no_school_code_can_be_real():
    for school in invent_city(1).schools:
        assert looks_like_school_code(school.code)
        assert not 1 <= int(school.code[2:4]) <= 47


@pytest.mark.parametrize(("seed", "size"), [(1, 1.0), (2, 0.3), (99, 0.01)])
def test_what_is_written_is_read_back_without_a_problem(seed, size):
    city = invent_city(seed, size)
    roster, problems = read_roster(write_roster_zip(city, date(2027, 1, 20)))
    assert problems == []
    assert len(roster.pupils) == len(city.pupils)
    assert {each.code for each in roster.schools} == {school.code for school in city.schools}
    assert {each.source_id: each.grades for each in roster.classes} == {
        homeroom.source_id: homeroom.grades for homeroom in city.classes
    }


def test_the_file_is_named_as_the_profile_asks():
    assert roster_zip_name(date(2026, 4, 8)) == "RO_20260408_990010.zip"
