"""A roster with mistakes: each names file, row and column, all at once, and nothing is raised."""

import re

import pytest

from survey_api.services.students.oneroster import read_roster
from tests.survey_api.services.students.zips import (
    Rows,
    as_csv,
    members,
    places,
    small_city,
    small_zip,
    with_bytes,
    with_rows,
    with_rows_of,
)


def set_value(name: str, row: int, column: str, value: str) -> bytes:
    """The zip with one cell changed; `row` as a spreadsheet counts."""

    def change(rows: Rows) -> None:
        rows[row - 2][column] = value

    return with_rows(name, change)


@pytest.mark.parametrize(
    ("name", "row", "column", "value", "expected"),
    [
        ("users", 4, "familyName", "", ("users.csv", 4, "familyName")),
        ("users", 4, "givenName", "あ" * 61, ("users.csv", 4, "givenName")),
        ("users", 4, "grades", "P7", ("users.csv", 4, "grades")),
        ("users", 4, "grades", "P1,P2", ("users.csv", 4, "grades")),
        ("users", 4, "grades", "", ("users.csv", 4, "grades")),
        ("users", 4, "sourcedId", "", ("users.csv", 4, "sourcedId")),
        ("users", 4, "status", "gone", ("users.csv", 4, "status")),
        ("users", 4, "metadata.jp.homeClass", "nowhere", ("users.csv", 4, "metadata.jp.homeClass")),
        ("roles", 4, "orgSourcedId", "nowhere", ("roles.csv", 4, "orgSourcedId")),
        ("classes", 3, "schoolSourcedId", "nowhere", ("classes.csv", 3, "schoolSourcedId")),
        ("classes", 3, "grades", "K1", ("classes.csv", 3, "grades")),
        ("classes", 3, "title", "", ("classes.csv", 3, "title")),
        ("orgs", 3, "name", "", ("orgs.csv", 3, "name")),
        ("manifest", 4, "value", "delta", ("manifest.csv", 4, "value")),
    ],
)
def test_one_wrong_cell_is_named(name, row, column, value, expected):
    reading = read_roster(set_value(name, row, column, value))
    assert expected in places(reading.problems)
    assert not reading.may_be_applied


@pytest.mark.parametrize(
    ("name", "row", "column", "value"),
    [
        ("users", 5, "metadata.jp.kanaFamilyName", ""),
        ("users", 5, "metadata.jp.kanaGivenName", "Anna"),
        ("users", 5, "enabledUser", "false"),
        ("users", 5, "userMasterIdentifier", "12345"),
        ("users", 5, "familyName", "山\u200b田"),
        ("enrollments", 5, "metadata.jp.ShussekiNo", ""),
        ("enrollments", 5, "metadata.jp.ShussekiNo", "三"),
        ("orgs", 4, "identifier", "4711"),
    ],
)
def test_what_can_be_lived_with_is_a_warning(name, row, column, value):
    reading = read_roster(set_value(name, row, column, value))
    assert (f"{name}.csv", row, column) in places(reading.problems, "warning")
    assert reading.may_be_applied
    assert len(reading.roster.pupils) == len(read_roster(small_zip()).roster.pupils)


def test_letters_nobody_can_see_are_taken_out():
    reading = read_roster(set_value("users", 2, "familyName", "\u202e山\u200b田"))
    assert reading.roster.pupils[0].family_name == "山田"


def test_the_same_id_twice_names_the_earlier_row():
    def double(rows: Rows) -> None:
        rows[5]["sourcedId"] = rows[2]["sourcedId"]

    problems = read_roster(with_rows("users", double)).problems
    assert places(problems)[0] == ("users.csv", 7, "sourcedId")
    assert problems[0].message.startswith("4行目")


def test_two_pupils_with_one_master_identifier_are_refused():
    def merge(rows: Rows) -> None:
        rows[5]["userMasterIdentifier"] = rows[2]["userMasterIdentifier"].upper()

    assert places(read_roster(with_rows("users", merge)).problems) == [
        ("users.csv", 7, "userMasterIdentifier")
    ]


def test_a_pupil_without_any_homeroom_is_an_error_not_a_silent_gap():
    pupil = small_city().pupils[0].source_id

    def forget(rows: Rows) -> None:
        for row in rows:
            if row["sourcedId"] == pupil:
                row["metadata.jp.homeClass"] = ""

    def leave(rows: Rows) -> Rows:
        return [row for row in rows if row["userSourcedId"] != pupil]

    reading = read_roster(with_rows_of(users=forget, enrollments=leave))
    assert places(reading.problems) == [("users.csv", 2, "metadata.jp.homeClass")]


def test_two_homerooms_and_no_word_which_is_an_error():
    first = small_city().pupils[0]

    def forget(rows: Rows) -> None:
        rows[0]["metadata.jp.homeClass"] = ""

    def enrol_twice(rows: Rows) -> Rows:
        other = next(each for each in small_city().classes if each.source_id != first.class_id)
        return [*rows, {**rows[0], "sourcedId": "second", "classSourcedId": other.source_id}]

    reading = read_roster(with_rows_of(users=forget, enrollments=enrol_twice))
    assert places(reading.problems) == [("users.csv", 2, "metadata.jp.homeClass")]


def test_a_graded_user_without_a_student_role_is_an_error():
    def leave(rows: Rows) -> Rows:
        return rows[1:]

    assert places(read_roster(with_rows("roles", leave)).problems) == [("users.csv", 2, "sourcedId")]


def test_a_class_of_another_school_is_an_error():
    def swap(rows: Rows) -> None:
        rows[0]["metadata.jp.homeClass"] = next(
            row["metadata.jp.homeClass"]
            for row in rows
            if row["metadata.jp.homeClass"] and row["primaryOrgSourcedId"] != rows[0]["primaryOrgSourcedId"]
        )

    assert places(read_roster(with_rows("users", swap)).problems) == [
        ("users.csv", 2, "metadata.jp.homeClass")
    ]


def test_every_missing_file_and_column_is_named_at_once():
    def drop(rows: Rows) -> Rows:
        return [
            {name: value for name, value in row.items() if name not in {"grades", "familyName"}}
            for row in rows
        ]

    broken = with_rows("users", drop)
    assert places(read_roster(broken).problems) == [
        ("users.csv", 1, "familyName"),
        ("users.csv", 1, "grades"),
    ]
    lacking = read_roster(with_bytes(roles=None, orgs=None)).problems
    assert [file for file, _, _ in places(lacking)] == ["orgs.csv", "roles.csv"]


def test_two_schools_may_not_share_a_code():
    def same(rows: Rows) -> None:
        rows[3]["identifier"] = rows[2]["identifier"]

    assert ("orgs.csv", 5, "identifier") in places(read_roster(with_rows("orgs", same)).problems)


def test_a_short_row_and_an_open_quotation_mark_name_their_row():
    users = members()["users.csv"].split(b"\r\n")
    users[3] = b'"only","three","fields"'
    assert ("users.csv", 4, "") in places(read_roster(with_bytes(users=b"\r\n".join(users))).problems)
    users[5] = b'"never closed,' + users[5]
    problems = read_roster(with_bytes(users=b"\r\n".join(users))).problems
    assert ("users.csv", 6, "") in places(problems)
    assert "引用符" in next(problem.message for problem in problems if problem.row == 6)


def test_undecodable_bytes_name_the_row():
    users = members()["users.csv"].split(b"\r\n")
    users[2] = users[2] + b"\xff\xfd"
    assert places(read_roster(with_bytes(users=b"\r\n".join(users))).problems) == [("users.csv", 3, "")]


def test_a_roster_of_teachers_only_says_so():
    def teach(rows: Rows) -> None:
        for row in rows:
            row["role"] = "teacher"

    reading = read_roster(with_rows("roles", teach))
    assert reading.roster.pupils == ()
    assert not reading.may_be_applied


def test_every_message_is_a_japanese_sentence():
    problems = read_roster(with_bytes(users=as_csv([{"sourcedId": "1"}]), roles=None, extra=b"x")).problems
    assert len(problems) >= 4
    for problem in problems:
        assert problem.message.endswith("。")
        assert re.search("[ぁ-ん]", problem.message)
