"""The invented 雪野市: schools, homerooms, pupils and teachers, the same for the same seed; nobody is real.

Shaped like a small snow-country city: six elementary schools, four junior high schools, one small combined
school (義務教育学校) and one high school, grades of 4 to 70, about 2,400 pupils, fewer in the younger grades.

The school codes have the published shape but prefecture digits 99, which no prefecture has (01 to 47), so
that none of them can ever be the code of a real school.
"""

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from survey_api.practice.names import (
    BOY_NAMES,
    FAMILY_NAMES,
    GIRL_NAMES,
    NEWCOMER_FAMILY_NAMES,
    NEWCOMER_GIVEN_NAMES,
    Name,
)

CITY_NAME = "雪野市"
BOARD_NAME = "雪野市教育委員会"
BOARD_CODE = "990010"
CLASS_SIZE = 35
MULTI_GRADE_LIMIT = 8
"""Two neighbouring grades share one class (複式学級) when together they have no more pupils than this."""
NEWCOMER_SHARE = 0.03
"""Share of pupils with another home language (assumed; used for the languages of the answers only)."""
SMALLEST_GRADE, LARGEST_GRADE = 4, 70

Sex = Literal["f", "m"]


@dataclass(frozen=True, slots=True)
class InventedSchool:
    """One school; `sizes` maps grade (1..12) to number of pupils."""

    source_id: str
    code: str
    name: str
    sizes: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class InventedClass:
    """One homeroom, of one grade or of two."""

    source_id: str
    school_id: str
    title: str
    grades: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class InventedPupil:
    """One pupil; the home language never enters the roster file, only the simulated answers."""

    source_id: str
    master_id: str
    family: Name
    given: Name
    sex: Sex
    home_language: str
    grade: int
    school_id: str
    class_id: str
    number: int


@dataclass(frozen=True, slots=True)
class InventedTeacher:
    """The homeroom teacher of one class: real rosters carry teachers, and the reader must pass them by."""

    source_id: str
    family: Name
    given: Name
    school_id: str
    class_id: str


@dataclass(frozen=True, slots=True)
class City:
    """Everybody who goes to school in 雪野市."""

    seed: int
    schools: tuple[InventedSchool, ...]
    classes: tuple[InventedClass, ...]
    pupils: tuple[InventedPupil, ...]
    teachers: tuple[InventedTeacher, ...]


_PLANS: tuple[tuple[str, str, range, int], ...] = (
    ("B1", "雪野市立雪野小学校", range(1, 7), 68),
    ("B1", "雪野市立しらかば小学校", range(1, 7), 62),
    ("B1", "雪野市立みなみ小学校", range(1, 7), 50),
    ("B1", "雪野市立川べり小学校", range(1, 7), 38),
    ("B1", "雪野市立三ツ森小学校", range(1, 7), 24),
    ("B1", "雪野市立山ノ手小学校", range(1, 7), 12),
    ("C1", "雪野市立第一中学校", range(7, 10), 70),
    ("C1", "雪野市立第二中学校", range(7, 10), 67),
    ("C1", "雪野市立東中学校", range(7, 10), 57),
    ("C1", "雪野市立北中学校", range(7, 10), 40),
    ("C2", "雪野市立こだま義務教育学校", range(1, 10), 5),
    ("D1", "秋雪県立雪野高等学校", range(10, 13), 69),
)
"""Kind of school (first two letters of its code), invented name, grades, and pupils in its oldest grade."""

_HOME_LANGUAGES = ("vi", "zh", "pt", "en", "tl")


def invent_city(seed: int = 1, size: float = 1.0) -> City:
    """The city for this seed; `size` scales every grade (0.1 = a village for tests, 1.0 = about 2,400)."""
    rng = random.Random(seed)  # noqa: S311  (invented people must be repeatable, not secret)
    schools = tuple(_school(rng, place, plan, size) for place, plan in enumerate(_PLANS, start=1))
    classes: list[InventedClass] = []
    pupils: list[InventedPupil] = []
    for school in schools:
        for homeroom, members in _homerooms(rng, school):
            classes.append(homeroom)
            pupils.extend(_pupils(rng, homeroom, members))
    teachers = tuple(_teacher(rng, homeroom) for homeroom in classes)
    return City(seed, schools, tuple(classes), tuple(pupils), teachers)


def _school(rng: random.Random, place: int, plan: tuple[str, str, range, int], size: float) -> InventedSchool:
    kind, name, grades, oldest = plan
    sizes = []
    for grade in grades:
        births = 1.0 - 0.02 * (grades[-1] - grade)  # every younger year is about two per cent smaller
        pupils = round(oldest * births * size * rng.uniform(0.94, 1.06))
        sizes.append((grade, min(max(pupils, SMALLEST_GRADE), LARGEST_GRADE)))
    return InventedSchool(_id(rng), f"{kind}992{place:07d}0", name, tuple(sizes))


def _homerooms(rng: random.Random, school: InventedSchool) -> Iterator[tuple[InventedClass, dict[int, int]]]:
    """(class, grade → how many pupils) for one school; small neighbouring grades share a class."""
    waiting: tuple[int, int] | None = None
    for grade, count in (*school.sizes, (0, 0)):
        if waiting is not None:
            first, first_count = waiting
            shares = first % 2 == 1 and grade == first + 1 <= 6 and first_count + count <= MULTI_GRADE_LIMIT
            waiting = None
            if shares:
                yield _class(rng, school, "複式", (first, grade)), {first: first_count, grade: count}
                continue
            yield from _single_grade(rng, school, first, first_count)
        waiting = (grade, count)


def _single_grade(
    rng: random.Random, school: InventedSchool, grade: int, count: int
) -> Iterator[tuple[InventedClass, dict[int, int]]]:
    rooms = -(-count // CLASS_SIZE)
    for room in range(rooms):
        members = count // rooms + (room < count % rooms)
        yield _class(rng, school, f"{room + 1}組", (grade,)), {grade: members}


def _class(rng: random.Random, school: InventedSchool, title: str, grades: tuple[int, ...]) -> InventedClass:
    return InventedClass(_id(rng), school.source_id, f"{_years(school, grades)}{title}", grades)


def _years(school: InventedSchool, grades: tuple[int, ...]) -> str:
    """The years as the school itself counts them: from 1 again at each school, through to 9 at a combined one."""
    first = school.sizes[0][0]
    return "・".join(str(grade - first + 1) for grade in grades) + "年"


def _pupils(rng: random.Random, homeroom: InventedClass, members: dict[int, int]) -> Iterator[InventedPupil]:
    """The pupils of a class, numbered by kana as schools do."""
    invented = [_person(rng) for _ in range(sum(members.values()))]
    grades = [grade for grade, count in members.items() for _ in range(count)]
    ordered = sorted(zip(invented, grades, strict=True), key=lambda pair: (pair[0][0].kana, pair[0][1].kana))
    for number, ((family, given, sex, language), grade) in enumerate(ordered, start=1):
        yield InventedPupil(
            source_id=_id(rng),
            master_id=_id(rng),
            family=family,
            given=given,
            sex=sex,
            home_language=language,
            grade=grade,
            school_id=homeroom.school_id,
            class_id=homeroom.source_id,
            number=number,
        )


def _person(rng: random.Random) -> tuple[Name, Name, Sex, str]:
    sex: Sex = rng.choice(("f", "m"))
    if rng.random() < NEWCOMER_SHARE:
        return (
            rng.choice(NEWCOMER_FAMILY_NAMES),
            rng.choice(NEWCOMER_GIVEN_NAMES),
            sex,
            rng.choice(_HOME_LANGUAGES),
        )
    return rng.choice(FAMILY_NAMES), rng.choice(GIRL_NAMES if sex == "f" else BOY_NAMES), sex, "ja"


def _teacher(rng: random.Random, homeroom: InventedClass) -> InventedTeacher:
    family, given, _, _ = _person(rng)
    return InventedTeacher(_id(rng), family, given, homeroom.school_id, homeroom.source_id)


def _id(rng: random.Random) -> str:
    """A version 4 UUID from the seeded generator."""
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))
