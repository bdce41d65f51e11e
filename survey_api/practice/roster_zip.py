"""Writes an invented city as a OneRoster 1.2 Japan Profile zip (bulk), which the product reads like any other.

Every value quoted, CRLF, UTF-8 without a byte order mark, and one fixed time stamp: the same city gives the
same bytes.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from survey_api.practice.city import BOARD_CODE, BOARD_NAME, City, InventedPupil, InventedTeacher

FULL_MANIFEST = (
    "academicSessions",
    "classes",
    "courses",
    "demographics",
    "enrollments",
    "orgs",
    "roles",
    "users",
)
ABSENT = (
    "categories",
    "classResources",
    "courseResources",
    "lineItems",
    "lineItemLearningObjectiveIds",
    "lineItemScoreScales",
    "resources",
    "resultLearningObjectiveIds",
    "results",
    "resultScoreScales",
    "scoreScales",
    "userProfiles",
    "userResources",
)
BOARD_ID = "org-board"
SEX_WORDS = {"f": "female", "m": "male"}
_GRADE_CODES = {
    **{year: f"P{year}" for year in range(1, 7)},
    **{6 + year: f"J{year}" for year in range(1, 4)},
    **{9 + year: f"H{year}" for year in range(1, 4)},
}
_HEADERS: Mapping[str, tuple[str, ...]] = {
    "manifest": ("propertyName", "value"),
    "academicSessions": (
        "sourcedId", "status", "dateLastModified", "title", "type", "startDate", "endDate",
        "parentSourcedId", "schoolYear",
    ),
    "orgs": ("sourcedId", "status", "dateLastModified", "name", "type", "identifier", "parentSourcedId"),
    "courses": (
        "sourcedId", "status", "dateLastModified", "schoolYearSourcedId", "title", "courseCode", "grades",
        "orgSourcedId", "subjects", "subjectCodes",
    ),
    "classes": (
        "sourcedId", "status", "dateLastModified", "title", "grades", "courseSourcedId", "classCode",
        "classType", "location", "schoolSourcedId", "termSourcedIds", "subjects", "subjectCodes", "periods",
        "metadata.jp.specialNeeds",
    ),
    "users": (
        "sourcedId", "status", "dateLastModified", "enabledUser", "username", "userIds", "givenName",
        "familyName", "middleName", "identifier", "email", "sms", "phone", "agentSourcedIds", "grades",
        "password", "userMasterIdentifier", "preferredGivenName", "preferredMiddleName",
        "preferredFamilyName", "primaryOrgSourcedId", "pronouns", "metadata.jp.kanaGivenName",
        "metadata.jp.kanaFamilyName", "metadata.jp.kanaMiddleName", "metadata.jp.homeClass",
    ),
    "demographics": ("sourcedId", "status", "dateLastModified", "birthDate", "sex"),
    "enrollments": (
        "sourcedId", "status", "dateLastModified", "classSourcedId", "schoolSourcedId", "userSourcedId",
        "role", "primary", "beginDate", "endDate", "metadata.jp.ShussekiNo", "metadata.jp.PublicFlg",
    ),
    "roles": (
        "sourcedId", "status", "dateLastModified", "userSourcedId", "roleType", "role", "beginDate",
        "endDate", "orgSourcedId", "userProfileSourcedId",
    ),
}  # fmt: skip
"""Column order as the profile lists it."""

Record = Mapping[str, str]


def roster_zip_name(day: date) -> str:
    """The file name the profile asks for; the whole board instead of one school code."""
    return f"RO_{day:%Y%m%d}_{BOARD_CODE}.zip"


def write_roster_zip(city: City, day: date) -> bytes:
    """The city's roster of this day's school year (April to March)."""
    year = day.year if day.month >= 4 else day.year - 1
    files: Mapping[str, Iterable[Record]] = {
        "manifest": _manifest(),
        "academicSessions": [
            {
                "sourcedId": f"year-{year}",
                "title": f"{year}年度",
                "type": "schoolYear",
                "startDate": f"{year}-04-01",
                "endDate": f"{year + 1}-03-31",
                "schoolYear": str(year),
            }
        ],
        "orgs": _orgs(city),
        "courses": _courses(city, year),
        "classes": _classes(city, year),
        "users": [*map(_pupil_user, city.pupils), *map(_teacher_user, city.teachers)],
        "demographics": [
            {"sourcedId": pupil.source_id, "sex": SEX_WORDS[pupil.sex]} for pupil in city.pupils
        ],
        "enrollments": [*map(_pupil_enrollment, city.pupils), *map(_teacher_enrollment, city.teachers)],
        "roles": [_role(person, "student") for person in city.pupils]
        + [_role(person, "teacher") for person in city.teachers],
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, records in files.items():
            stamp = zipfile.ZipInfo(f"{name}.csv", date_time=(day.year, day.month, day.day, 0, 0, 0))
            stamp.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(stamp, _csv(_HEADERS[name], records))
    return packed.getvalue()


def _csv(header: tuple[str, ...], records: Iterable[Record]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header, restval="", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue().encode()


def _manifest() -> Sequence[Record]:
    stated = {"manifest.version": "1.0", "oneroster.version": "1.2"}
    stated |= {f"file.{name}": "bulk" for name in FULL_MANIFEST}
    stated |= {f"file.{name}": "absent" for name in ABSENT}
    stated |= {"source.systemName": "Kizuki practice roster", "source.systemCode": "kizuki-practice"}
    return [{"propertyName": name, "value": value} for name, value in stated.items()]


def _orgs(city: City) -> list[Record]:
    board = {"sourcedId": BOARD_ID, "name": BOARD_NAME, "type": "district", "identifier": BOARD_CODE}
    schools = (
        {
            "sourcedId": school.source_id,
            "name": school.name,
            "type": "school",
            "identifier": school.code,
            "parentSourcedId": BOARD_ID,
        }
        for school in city.schools
    )
    return [board, *schools]


def _courses(city: City, year: int) -> list[Record]:
    return [
        {
            "sourcedId": f"course-{school.source_id}",
            "schoolYearSourcedId": f"year-{year}",
            "title": "学級",
            "orgSourcedId": school.source_id,
        }
        for school in city.schools
    ]


def _classes(city: City, year: int) -> list[Record]:
    return [
        {
            "sourcedId": homeroom.source_id,
            "title": homeroom.title,
            "grades": ",".join(_GRADE_CODES[grade] for grade in homeroom.grades),
            "courseSourcedId": f"course-{homeroom.school_id}",
            "classType": "homeroom",
            "schoolSourcedId": homeroom.school_id,
            "termSourcedIds": f"year-{year}",
            "metadata.jp.specialNeeds": "false",
        }
        for homeroom in city.classes
    ]


def _pupil_user(pupil: InventedPupil) -> Record:
    return {
        "sourcedId": pupil.source_id,
        "enabledUser": "true",
        "username": f"s{pupil.source_id[:8]}",
        "givenName": pupil.given.written,
        "familyName": pupil.family.written,
        "grades": _GRADE_CODES[pupil.grade],
        "userMasterIdentifier": pupil.master_id,
        "primaryOrgSourcedId": pupil.school_id,
        "metadata.jp.kanaGivenName": pupil.given.kana,
        "metadata.jp.kanaFamilyName": pupil.family.kana,
        "metadata.jp.homeClass": pupil.class_id,
    }


def _teacher_user(teacher: InventedTeacher) -> Record:
    return {
        "sourcedId": teacher.source_id,
        "enabledUser": "true",
        "username": f"t{teacher.source_id[:8]}",
        "givenName": teacher.given.written,
        "familyName": teacher.family.written,
        "primaryOrgSourcedId": teacher.school_id,
        "metadata.jp.kanaGivenName": teacher.given.kana,
        "metadata.jp.kanaFamilyName": teacher.family.kana,
    }


def _pupil_enrollment(pupil: InventedPupil) -> Record:
    return {
        **_enrollment(pupil, "student"),
        "metadata.jp.ShussekiNo": str(pupil.number),
        "metadata.jp.PublicFlg": "true",
    }


def _teacher_enrollment(teacher: InventedTeacher) -> Record:
    return _enrollment(teacher, "teacher")


def _enrollment(person: InventedPupil | InventedTeacher, role: str) -> Record:
    return {
        "sourcedId": f"enrollment-{person.source_id}",
        "classSourcedId": person.class_id,
        "schoolSourcedId": person.school_id,
        "userSourcedId": person.source_id,
        "role": role,
        "primary": "false" if role == "student" else "true",
    }


def _role(person: InventedPupil | InventedTeacher, role: str) -> Record:
    return {
        "sourcedId": f"role-{person.source_id}",
        "userSourcedId": person.source_id,
        "roleType": "primary",
        "role": role,
        "orgSourcedId": person.school_id,
    }
