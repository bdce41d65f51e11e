"""Finds the pupils in users, roles and enrollments; it names what is missing and guesses nothing."""

from __future__ import annotations

import re
import unicodedata
import uuid
from dataclasses import dataclass, replace

from survey_api.services.students import profile
from survey_api.services.students.roster import GRADE_CODES, ProblemList, Pupil, School, SchoolClass
from survey_api.services.students.sheets import Row

USERS, ROLES, ENROLLMENTS = "users.csv", "roles.csv", "enrollments.csv"
DEMOGRAPHICS = "demographics.csv"
MAX_NAME = 60
KANA = re.compile(r"[ぁ-ゖァ-ヺー・゛゜ヽヾゝゞ\s]*")


@dataclass(frozen=True, slots=True)
class _Seat:
    """A pupil's place in one homeroom, as the enrollments say it."""

    class_source_id: str
    number: int | None


@dataclass(frozen=True, slots=True)
class _Books:
    """What the other files say, indexed by user."""

    schools: dict[str, School]
    classes: dict[str, SchoolClass]
    school_of: dict[str, str]
    adults: frozenset[str]
    seats: dict[str, list[_Seat]]


def read_pupils(
    users: list[Row],
    roles: list[Row],
    enrollments: list[Row],
    *,
    schools: dict[str, School],
    classes: dict[str, SchoolClass],
    problems: ProblemList,
) -> list[Pupil]:
    """Every pupil whose school, grade and homeroom are clear; the others become problems."""
    user_ids = {row.get("sourcedId") for row in users}
    school_of, adults = _read_roles(roles, user_ids, schools, problems)
    seats = _read_seats(enrollments, user_ids, classes, problems)
    books = _Books(schools, classes, school_of, adults, seats)
    pupils: list[Pupil] = []
    key_seen: dict[str, int] = {}
    for row in users:
        pupil = _read_pupil(row, books, problems)
        if pupil is None:
            continue
        if pupil.person_key in key_seen:
            problems.error(
                USERS,
                row.number,
                "userMasterIdentifier",
                f"{key_seen[pupil.person_key]}行目と同じ番号です。別の子が1人にまとまってしまうため、"
                "どちらかの番号を直してください。",
            )
            continue
        key_seen[pupil.person_key] = row.number
        pupils.append(pupil)
    _check_attendance_numbers(pupils, key_seen, classes, problems)
    return pupils


def with_sex(pupils: list[Pupil], rows: list[Row], problems: ProblemList) -> list[Pupil]:
    """The pupils with the sex their demographics row tells; other where there is none."""
    told: dict[str, str] = {}
    for row in rows:
        word = row.get(profile.SEX).lower()
        if word not in profile.SEXES:
            problems.warning(
                DEMOGRAPHICS,
                row.number,
                profile.SEX,
                "female、male、other、unspecified のどれでもないため、「その他・答えない」として読みました。",
            )
        told[row.get("sourcedId")] = profile.SEXES.get(word, "O")
    return [replace(pupil, sex=told.get(pupil.source_id, "O")) for pupil in pupils]


def _read_roles(
    rows: list[Row], user_ids: set[str], schools: dict[str, School], problems: ProblemList
) -> tuple[dict[str, str], frozenset[str]]:
    """(pupil → school of the primary student role, people who are here in another role)."""
    school_of: dict[str, str] = {}
    adults: set[str] = set()
    for row in rows:
        user = row.get("userSourcedId")
        if user not in user_ids:
            problems.warning(
                ROLES, row.number, "userSourcedId", "この人はusers.csvにいません。この行は使わずに進みます。"
            )
            continue
        if row.get("role").lower() != profile.STUDENT:
            adults.add(user)
            continue
        school = schools.get(row.get("orgSourcedId"))
        if school is None:
            problems.error(
                ROLES,
                row.number,
                "orgSourcedId",
                "この学校がorgs.csvにありません。学校を含めて書き出すか、学校の番号を直してください。",
            )
        elif user in school_of and school_of[user] != school.code:
            if row.get("roleType").lower() == profile.PRIMARY:
                problems.error(
                    ROLES,
                    row.number,
                    "orgSourcedId",
                    "同じ児童生徒が2つの学校に主として在籍しています。転出した学校の行を消してください。",
                )
        else:
            school_of[user] = school.code
    return school_of, frozenset(adults)


def _read_seats(
    rows: list[Row], user_ids: set[str], classes: dict[str, SchoolClass], problems: ProblemList
) -> dict[str, list[_Seat]]:
    """Homeroom enrolments of students; other lessons are of no interest."""
    seats: dict[str, list[_Seat]] = {}
    for row in rows:
        class_id = row.get("classSourcedId")
        if row.get("role").lower() != profile.STUDENT or class_id not in classes:
            continue
        user = row.get("userSourcedId")
        if user not in user_ids:
            problems.warning(
                ENROLLMENTS,
                row.number,
                "userSourcedId",
                "この人はusers.csvにいません。この行は使わずに進みます。",
            )
            continue
        seats.setdefault(user, []).append(_Seat(class_id, _attendance_number(row, problems)))
    return seats


def _attendance_number(row: Row, problems: ProblemList) -> int | None:
    raw = unicodedata.normalize("NFKC", row.get(profile.ATTENDANCE_NUMBER))
    if re.fullmatch(r"[0-9]{1,4}", raw):
        return int(raw)
    what = "出席番号が数字ではありません" if raw else "出席番号がありません"
    problems.warning(
        ENROLLMENTS,
        row.number,
        profile.ATTENDANCE_NUMBER,
        f"{what}。番号なしで取り込みます。用紙を番号順に配るには、番号を入れて取り込み直してください。",
    )
    return None


def _read_pupil(row: Row, books: _Books, problems: ProblemList) -> Pupil | None:
    source_id = row.get("sourcedId")
    if source_id not in books.school_of:
        _explain_no_student_role(row, books, problems)
        return None
    grade = _grade(row, problems)
    names = _names(row, problems)
    seat = _seat(row, books, problems)
    if grade is None or names is None or seat is None:
        return None
    homeroom = books.classes[seat.class_source_id]
    if homeroom.grades and grade not in homeroom.grades:
        problems.warning(
            USERS,
            row.number,
            "grades",
            "学級の学年と、この子の学年が違います。どちらが正しいか確かめてください。",
        )
    if row.get("enabledUser").lower() == "false":
        problems.warning(
            USERS,
            row.number,
            "enabledUser",
            "利用停止(false)になっています。在籍していれば、そのまま取り込めます。",
        )
    family, given, family_kana, given_kana = names
    return Pupil(
        person_key=_person_key(row, problems),
        source_id=source_id,
        family_name=family,
        given_name=given,
        family_kana=family_kana,
        given_kana=given_kana,
        grade=grade,
        class_source_id=seat.class_source_id,
        class_name=homeroom.title,
        attendance_number=seat.number,
        school_code=homeroom.school_code,
    )


def _explain_no_student_role(row: Row, books: _Books, problems: ProblemList) -> None:
    """A child must not be left out silently; a grown-up without a role may."""
    if row.get("sourcedId") in books.adults:
        return
    if row.get("grades"):
        problems.error(
            USERS,
            row.number,
            "sourcedId",
            "学年があるのに、児童生徒(student)としての在籍がroles.csvにありません。在籍を加えるか、この行を消してください。",
        )
    else:
        problems.warning(
            USERS,
            row.number,
            "sourcedId",
            "roles.csvに役割がないため、取り込みません。児童生徒なら在籍を加えてください。",
        )


def _grade(row: Row, problems: ProblemList) -> int | None:
    code = row.get("grades")
    if code in GRADE_CODES:
        return GRADE_CODES[code]
    if code in profile.KINDERGARTEN_GRADES:
        problems.warning(USERS, row.number, "grades", "小学校より前の学年なので、取り込みません。")
        return None
    what = f"学年「{code[:20]}」が分かりません" if code else "学年が空です"
    problems.error(
        USERS, row.number, "grades", f"{what}。P1〜P6、J1〜J3、H1〜H3のどれか1つを書いてください。"
    )
    return None


def _names(row: Row, problems: ProblemList) -> tuple[str, str, str, str] | None:
    """(family, given, family kana, given kana); kana full width, and empty when the file has none."""
    whole = True
    for column in ("familyName", "givenName"):
        if not row.get(column):
            whole = False
            problems.error(
                USERS,
                row.number,
                column,
                "名前が空です。名簿システムで名前を入れて、書き出し直してください。",
            )
        elif len(row.get(column)) > MAX_NAME:
            whole = False
            problems.error(
                USERS,
                row.number,
                column,
                f"名前が長すぎます({MAX_NAME}文字まで)。列がずれていないか確かめてください。",
            )
    kana: list[str] = []
    for column in profile.KANA_COLUMNS:
        value = unicodedata.normalize("NFKC", row.get(column))
        if not value:
            problems.warning(
                USERS,
                row.number,
                column,
                "ふりがながありません。なくても取り込めますが、呼び出しの読み間違いに気をつけてください。",
            )
        elif not KANA.fullmatch(value) or len(value) > MAX_NAME:
            problems.warning(
                USERS,
                row.number,
                column,
                "ふりがなに、かな以外の文字があります。元の名簿を確かめてください。",
            )
        kana.append(value[:MAX_NAME])
    if not whole:
        return None
    return row.get("familyName"), row.get("givenName"), kana[0], kana[1]


def _seat(row: Row, books: _Books, problems: ProblemList) -> _Seat | None:
    """The homeroom: the one the user row names, else the only one the pupil is enrolled in."""
    seats = books.seats.get(row.get("sourcedId"), [])
    named = row.get(profile.HOME_CLASS)
    if named and named not in books.classes:
        problems.error(
            USERS,
            row.number,
            profile.HOME_CLASS,
            "この学級がclasses.csvの学級(homeroom)にありません。学級の番号を直してください。",
        )
        return None
    if named:
        chosen = next((seat for seat in seats if seat.class_source_id == named), _Seat(named, None))
    elif len(seats) == 1:
        chosen = seats[0]
    elif seats:
        problems.error(
            USERS,
            row.number,
            profile.HOME_CLASS,
            f"学級(homeroom)が{len(seats)}つあり、どれが本人の学級か分かりません。homeClassに1つ書いてください。",
        )
        return None
    else:
        problems.error(
            USERS,
            row.number,
            profile.HOME_CLASS,
            "学級が決まっていません。学級が分からないと用紙を配れないので、homeClassか在籍を加えてください。",
        )
        return None
    if books.classes[chosen.class_source_id].school_code != books.school_of[row.get("sourcedId")]:
        problems.error(
            USERS,
            row.number,
            profile.HOME_CLASS,
            "在籍している学校と、学級の学校が違います。別の学校の人に見えてしまわないよう、どちらかを直してください。",
        )
        return None
    return chosen


def _person_key(row: Row, problems: ProblemList) -> str:
    """`umi:` + master identifier when there is one, else `sid:` + the file's own id."""
    master = row.get("userMasterIdentifier")
    if not master:
        return f"sid:{row.get('sourcedId')}"
    try:
        return f"umi:{uuid.UUID(master)}"
    except ValueError:
        problems.warning(
            USERS,
            row.number,
            "userMasterIdentifier",
            "UUIDの形ではありません。このまま使いますが、次の取り込みで変わると別の子として扱われます。",
        )
        return f"umi:{master}"


def _check_attendance_numbers(
    pupils: list[Pupil],
    row_of: dict[str, int],
    classes: dict[str, SchoolClass],
    problems: ProblemList,
) -> None:
    taken: dict[tuple[str, int, int], int] = {}
    for pupil in pupils:
        if pupil.attendance_number is None:
            continue
        seat = (pupil.class_source_id, pupil.grade, pupil.attendance_number)
        if seat in taken and not classes[pupil.class_source_id].special_needs:
            problems.warning(
                USERS,
                row_of[pupil.person_key],
                profile.ATTENDANCE_NUMBER,
                f"{taken[seat]}行目の子と、学級も出席番号も同じです。用紙を配る前に番号を確かめてください。",
            )
        taken.setdefault(seat, row_of[pupil.person_key])
