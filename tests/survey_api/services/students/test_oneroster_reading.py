"""A good roster is read whole: encodings, kana, homerooms, attendance numbers and identity."""

from survey_api.services.students.oneroster import read_roster
from survey_api.services.students.roster import PROBLEMS_PER_FILE
from tests.survey_api.services.students.zips import (
    Rows,
    as_csv,
    members,
    packed,
    places,
    small_city,
    small_zip,
    with_bytes,
    with_rows,
)


def test_every_pupil_of_the_city_is_read_and_no_teacher():
    roster, problems = read_roster(small_zip())
    city = small_city()
    assert problems == []
    assert {pupil.source_id for pupil in roster.pupils} == {pupil.source_id for pupil in city.pupils}
    invented = {pupil.source_id: pupil for pupil in city.pupils}
    schools = {school.source_id: school.code for school in city.schools}
    classes = {homeroom.source_id: homeroom.title for homeroom in city.classes}
    for pupil in roster.pupils:
        original = invented[pupil.source_id]
        assert (pupil.family_name, pupil.given_name) == (original.family.written, original.given.written)
        assert (pupil.family_kana, pupil.given_kana) == (original.family.kana, original.given.kana)
        assert (pupil.grade, pupil.attendance_number) == (original.grade, original.number)
        assert pupil.school_code == schools[original.school_id]
        assert pupil.class_name == classes[original.class_id]
        assert pupil.person_key == f"umi:{original.master_id}"


def test_shift_jis_and_a_byte_order_mark_are_recognised_per_file():
    files = members()
    files["users.csv"] = files["users.csv"].decode().encode("cp932")
    files["orgs.csv"] = b"\xef\xbb\xbf" + files["orgs.csv"]
    roster, problems = read_roster(packed(files))
    assert problems == []
    assert roster.pupils == read_roster(small_zip()).roster.pupils
    assert dict(roster.files_read)["users.csv"] == "Shift_JIS"
    assert dict(roster.files_read)["orgs.csv"] == "UTF-8"


def test_without_home_class_the_only_homeroom_enrolment_counts():
    def forget(rows: Rows) -> None:
        for row in rows:
            row["metadata.jp.homeClass"] = ""

    roster, problems = read_roster(with_rows("users", forget))
    assert problems == []
    assert roster.pupils == read_roster(small_zip()).roster.pupils


def test_without_a_master_identifier_the_files_own_id_identifies():
    def forget(rows: Rows) -> None:
        for row in rows:
            row["userMasterIdentifier"] = "NULL"

    roster, _ = read_roster(with_rows("users", forget))
    assert {pupil.person_key for pupil in roster.pupils} == {
        f"sid:{pupil.source_id}" for pupil in small_city().pupils
    }


def test_half_width_kana_becomes_full_width():
    def narrow(rows: Rows) -> None:
        rows[0]["metadata.jp.kanaFamilyName"] = "ｶﾞｸﾄ"

    roster, problems = read_roster(with_rows("users", narrow))
    assert problems == []
    assert roster.pupils[0].family_kana == "ガクト"


def test_rows_marked_for_deletion_are_not_in_the_roster():
    gone = small_city().pupils[0].source_id

    def delete(rows: Rows) -> None:
        for row in rows:
            if row["sourcedId"] == gone:
                row["status"] = "tobedeleted"

    roster, problems = read_roster(with_rows("users", delete))
    assert gone not in {pupil.source_id for pupil in roster.pupils}
    assert len(roster.pupils) == len(small_city().pupils) - 1
    assert not [problem for problem in problems if problem.severity == "error"]


def test_one_folder_around_the_files_is_no_obstacle():
    files = {f"名簿/{name}": content for name, content in members().items()}
    files["__MACOSX/._users.csv"] = b"\x00"
    roster, problems = read_roster(packed(files))
    assert problems == []
    assert len(roster.pupils) == len(small_city().pupils)


def test_names_stay_out_of_repr_and_of_messages():
    def blank(rows: Rows) -> None:
        for row in rows:
            row["metadata.jp.kanaGivenName"] = ""
            row["grades"] = "P9"

    reading = read_roster(with_rows("users", blank))
    good = read_roster(small_zip()).roster
    names = {pupil.family_name for pupil in good.pupils} | {pupil.given_name for pupil in good.pupils}
    text = repr(good.pupils) + "".join(problem.message for problem in reading.problems)
    assert not [name for name in names if len(name) > 1 and name in text]


def test_problems_of_one_file_are_capped_and_the_rest_is_counted():
    def repeat(rows: Rows) -> Rows:
        return [{**rows[0], "sourcedId": f"extra-{number}", "role": "student"} for number in range(700)]

    extra = with_rows("roles", lambda rows: [*rows, *repeat(rows[-1:])])
    _, problems = read_roster(extra)
    errors = [problem for problem in problems if problem.severity == "error" and problem.file == "roles.csv"]
    assert len(errors) <= PROBLEMS_PER_FILE + 1

    def unknown_person(rows: Rows) -> None:
        for row in rows:
            row["userSourcedId"] = "nobody"

    many = with_rows("roles", lambda rows: [*repeat(rows), *rows] if unknown_person(rows) is None else None)
    _, problems = read_roster(many)
    warnings = [
        problem for problem in problems if problem.severity == "warning" and problem.file == "roles.csv"
    ]
    assert len(warnings) == PROBLEMS_PER_FILE + 1
    assert "ほかに" in warnings[-1].message


def test_a_whole_file_in_utf_16_is_named():
    _, problems = read_roster(with_bytes(users=as_csv([{"sourcedId": "1"}], "utf-16")))
    assert places(problems) == [("users.csv", None, "")]
    assert "UTF-16" in problems[0].message
