"""What the OneRoster 1.2 Japan Profile asks of each file: names, columns and the words of its code lists."""

from __future__ import annotations

from dataclasses import dataclass

MANIFEST = "manifest.csv"


@dataclass(frozen=True, slots=True)
class FileRule:
    """Columns a file must have, columns read when present, and whether the file itself must be there."""

    name: str
    must_have: tuple[str, ...]
    may_have: tuple[str, ...] = ()
    required: bool = True

    @property
    def wanted(self) -> frozenset[str]:
        return frozenset(self.must_have + self.may_have)


KANA_COLUMNS = ("metadata.jp.kanaFamilyName", "metadata.jp.kanaGivenName")
HOME_CLASS = "metadata.jp.homeClass"
ATTENDANCE_NUMBER = "metadata.jp.ShussekiNo"
SPECIAL_NEEDS = "metadata.jp.specialNeeds"
SEX = "sex"
SEXES = {"female": "F", "male": "M", "other": "O", "unspecified": "O", "": "O"}
"""The words of the profile → what is kept (vocabulary.Sex)."""

FILES: tuple[FileRule, ...] = (
    FileRule(MANIFEST, ("propertyName", "value")),
    FileRule("academicSessions.csv", ("sourcedId", "title", "schoolYear"), ("status",)),
    FileRule("orgs.csv", ("sourcedId", "name", "type", "identifier"), ("status", "parentSourcedId")),
    FileRule("courses.csv", ("sourcedId", "title"), ("status", "orgSourcedId")),
    FileRule(
        "classes.csv",
        ("sourcedId", "title", "grades", "classType", "schoolSourcedId"),
        ("status", SPECIAL_NEEDS),
    ),
    FileRule(
        "users.csv",
        ("sourcedId", "givenName", "familyName", "grades"),
        ("status", "enabledUser", "userMasterIdentifier", HOME_CLASS, *KANA_COLUMNS),
    ),
    FileRule(
        "enrollments.csv",
        ("sourcedId", "classSourcedId", "schoolSourcedId", "userSourcedId", "role"),
        ("status", ATTENDANCE_NUMBER),
    ),
    FileRule("roles.csv", ("sourcedId", "userSourcedId", "role", "orgSourcedId"), ("status", "roleType")),
    FileRule("demographics.csv", ("sourcedId",), ("status", SEX), required=False),
    FileRule("userProfiles.csv", ("sourcedId",), (), required=False),
)

SCHOOL_TYPE = "school"
HOMEROOM = "homeroom"
STUDENT = "student"
PRIMARY = "primary"
ACTIVE_STATUSES = frozenset({"", "active"})
DELETED_STATUS = "tobedeleted"

KINDERGARTEN_GRADES = frozenset({"E1", "E2", "E3"})
"""Grades that exist in the profile but are never asked here."""
