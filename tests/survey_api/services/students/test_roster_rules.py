"""Comparing a roster with who is known: each pupil in exactly one place, twice the same changes nothing."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from survey_api.services.students.roster import Pupil, Roster, School
from survey_api.services.students.rules import KnownPupil, compare

SCHOOLS = tuple(School(f"org-{code}", code, f"{code}学校") for code in ("A", "B", "C"))


def pupil(key: str, school: str = "A", grade: int = 3, class_name: str = "3年1組", number: int = 1) -> Pupil:
    return Pupil(
        person_key=key,
        source_id=key,
        family_name="雪田",
        given_name="灯",
        family_kana="ユキタ",
        given_kana="アカリ",
        grade=grade,
        class_source_id=class_name,
        class_name=class_name,
        attendance_number=number,
        school_code=school,
    )


def known(each: Pupil) -> KnownPupil:
    return KnownPupil(each.person_key, each.school_code, each.grade, each.class_name, mark(each))


def mark(each: Pupil) -> str:
    return f"{each.family_name}|{each.given_name}|{each.attendance_number}"


def roster(*pupils: Pupil, schools: tuple[School, ...] = SCHOOLS) -> Roster:
    return Roster(schools=schools, pupils=pupils)


def test_new_moved_changed_left_and_unchanged_are_told_apart():
    stays, moves, grows, renamed, leaves = (pupil(key) for key in "smgrl")
    diff = compare(
        [known(each) for each in (stays, moves, grows, renamed, leaves)],
        roster(
            stays,
            replace(moves, school_code="B"),
            replace(grows, grade=4),
            replace(renamed, family_name="奥山"),
            pupil("new"),
        ),
        mark,
    )
    assert [each.person_key for each in diff.added] == ["new"]
    assert [(each.after.person_key, each.fields) for each in diff.moved] == [("m", ("school_code",))]
    assert {each.after.person_key: each.fields for each in diff.changed} == {"g": ("grade",), "r": ("name",)}
    assert [each.person_key for each in diff.left] == ["l"]
    assert [each.person_key for each in diff.unchanged] == ["s"]
    assert not diff.changes_nothing


def test_without_a_name_mark_names_are_not_compared():
    diff = compare([known(pupil("r"))], roster(replace(pupil("r"), family_name="奥山")))
    assert diff.changes_nothing


def test_a_file_of_one_school_says_nothing_about_another():
    elsewhere = known(pupil("e", school="B"))
    assert compare([elsewhere], roster(pupil("a"), schools=SCHOOLS[:1])).left == ()
    assert compare([elsewhere], roster(pupil("a"))).left == (elsewhere,)


def test_a_pupil_who_had_left_and_is_back_has_moved():
    back = replace(known(pupil("b")), active=False)
    diff = compare([back], roster(pupil("b")))
    assert [each.fields for each in diff.moved] == [("active",)]
    assert compare([back], roster()).changes_nothing


def test_many_leaving_one_school_at_once_is_a_warning():
    school = [pupil(str(number)) for number in range(30)]
    diff = compare([known(each) for each in school], roster(*school[:20]))
    assert len(diff.left) == 10
    assert [problem.severity for problem in diff.problems] == ["warning"]
    assert "在籍30人のうち10人" in diff.problems[0].message
    assert compare([known(each) for each in school], roster(*school[:27])).problems == ()


pupils = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=3),
    st.tuples(
        st.sampled_from("ABC"), st.integers(1, 12), st.sampled_from(["1組", "2組"]), st.integers(1, 40)
    ),
    max_size=30,
).map(lambda drawn: [pupil(key, *facts) for key, facts in drawn.items()])


@given(pupils, pupils)
def test_everybody_is_in_exactly_one_place(before, after):
    diff = compare([known(each) for each in before], roster(*after), mark)
    placed = [each.person_key for each in diff.added + diff.unchanged]
    placed += [each.after.person_key for each in diff.changed + diff.moved]
    assert sorted(placed) == sorted(each.person_key for each in after)
    assert {each.person_key for each in diff.left} == {each.person_key for each in before} - set(placed)


@given(pupils, pupils)
def test_applying_a_roster_twice_changes_nothing(before, after):
    first = compare([known(each) for each in before], roster(*after), mark)
    kept = [known(each) for each in after]
    kept += [replace(each, active=False) for each in first.left]
    assert compare(kept, roster(*after), mark).changes_nothing
