"""A roster through the real pages: looked at first, then applied, whole or not at all."""

import csv
import io
import random
import zipfile
from pathlib import Path

from survey_api.access.scope import Scope
from survey_api.services.students import queries as students_queries
from survey_api.services.students.oneroster import read_roster
from survey_api.vocabulary import Sex
from tests.house import House
from tests.survey_api.services.students.zips import Rows, members, packed, small_zip, with_bytes, with_rows
from tests.survey_ui.office.office_door import OfficeDesk, fingerprint, rows, words

TABLES = ("students", "schools", "audit_entries")


def test_looking_at_a_roster_writes_not_a_byte(desk: OfficeDesk, tmp_path: Path) -> None:
    desk.csrf()  # the first page of a session may note that the person was seen
    before = fingerprint(tmp_path)
    shown = desk.upload(small_zip())
    assert shown.status_code == 200
    assert f"{len(read_roster(small_zip()).roster.pupils)}人" in words(shown)
    assert fingerprint(tmp_path) == before


def test_applied_once_it_is_there_and_applied_twice_changes_nothing(desk: OfficeDesk) -> None:
    pupils = read_roster(small_zip()).roster.pupils
    before = len(rows(desk.house, "students"))
    assert f"追加 {len(pupils)}人" in words(desk.enrol(small_zip()))
    assert len(rows(desk.house, "students")) == before + len(pupils)

    kept = {table: rows(desk.house, table) for table in TABLES}
    names = desk.house.runtime.vault.known()
    assert f"そのまま {len(pupils)}人" in words(desk.enrol(small_zip()))
    assert {table: rows(desk.house, table) for table in TABLES} == kept
    assert desk.house.runtime.vault.known() == names


def test_a_corrected_name_is_seen_and_written_to_the_vault(desk: OfficeDesk) -> None:
    desk.enrol(small_zip())
    known = desk.house.runtime.vault.known()

    def marry(table: Rows) -> None:
        child = next(row for row in table if row["grades"] == "P1")
        child["familyName"] = "改姓した"

    shown = desk.upload(with_rows("users", marry))
    assert "学年・名前の変更" in words(shown)
    desk.apply(shown)
    vault = desk.house.runtime.vault
    assert vault.known() == known, "a pupil keeps the pseudonym"
    assert sum(name.family == "改姓した" for name in vault.names_of(known.values()).values()) == 1


def test_a_malformed_file_names_file_row_and_column_and_changes_nothing(desk: OfficeDesk) -> None:
    def spoil(table: Rows) -> None:
        next(row for row in table if row["grades"])["grades"] = "P9"

    data = with_rows("users", spoil)
    row = next(number for number, line in enumerate(_lines(data), start=2) if line["grades"] == "P9")
    kept = {table: rows(desk.house, table) for table in TABLES}
    shown = desk.upload(data)
    assert f"users.csv {row}行目 grades" in words(shown)
    assert 'action="/office/roster/apply"' not in shown.text
    assert {table: rows(desk.house, table) for table in TABLES} == kept


def test_a_missing_file_is_named(desk: OfficeDesk) -> None:
    assert "users.csvがZIPの中にありません" in words(desk.upload(with_bytes(users=None)))
    assert "ZIPファイルとして開けません" in words(desk.upload(b"not a zip at all"))


def test_only_the_file_that_was_shown_can_be_applied(desk: OfficeDesk) -> None:
    kept = rows(desk.house, "students")
    for sealed in ("", "AAAA", "%%%"):
        form = {"csrf": desk.csrf(), "sealed": sealed}
        answer = desk.client.post("/office/roster/apply", data=form)
        assert answer.status_code == 422
        assert "もう一度選んで" in words(answer)
    assert rows(desk.house, "students") == kept


def test_no_name_of_the_roster_is_in_the_survey_database(desk: OfficeDesk, tmp_path: Path) -> None:
    before = b"".join(file.read_bytes() for file in sorted(tmp_path.glob("survey.db*")))
    desk.enrol(small_zip())
    held = b"".join(file.read_bytes() for file in sorted(tmp_path.glob("survey.db*")))
    for pupil in read_roster(small_zip()).roster.pupils:
        for name in (pupil.family_name + pupil.given_name, f"{pupil.family_name} {pupil.given_name}"):
            assert name.encode() not in held
        kana = pupil.family_kana.encode()
        assert kana in before or kana not in held  # リー also stands in フリースクール
        assert pupil.person_key.encode() not in held


def test_signs_are_unique_in_each_school(desk: OfficeDesk) -> None:
    desk.enrol(small_zip())
    with desk.house.runtime.reading() as db:
        found = db.connection().exec_driver_sql("SELECT school_id, sign FROM students").all()
    assert len(set(found)) == len(found)


def test_pupils_who_left_are_kept_but_not_asked(house: House, desk: OfficeDesk) -> None:
    desk.enrol(small_zip())
    gone = read_roster(small_zip()).roster.pupils[0]

    def without(table: Rows) -> Rows:
        return [row for row in table if gone.source_id not in (row["sourcedId"], row.get("userSourcedId"))]

    desk.enrol(with_rows("users", without))
    pseudonym = house.runtime.vault.known()[house.runtime.vault.lookup(gone.person_key)]
    with house.runtime.reading() as db:
        active = (
            db.connection()
            .exec_driver_sql("SELECT active FROM students WHERE pseudonym = ?", (pseudonym,))
            .scalar_one()
        )
    assert not active


def _lines(data: bytes) -> list[dict[str, str]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return list(csv.DictReader(io.StringIO(archive.read("users.csv").decode())))


def test_a_big_file_makes_the_trip_through_the_page(desk: OfficeDesk) -> None:
    ballast = random.Random(1).randbytes(2_000_000)  # does not pack: larger than any ordinary form may be
    shown = desk.upload(packed(members() | {"photos.bin": ballast}))
    assert "photos.bin" in words(shown)
    assert desk.apply(shown).status_code == 200


def test_a_sex_in_the_file_is_sealed_and_a_file_without_it_is_as_good(desk: OfficeDesk) -> None:
    desk.enrol(with_bytes(demographics=None))
    assert not any(known_sexes(desk).values())
    pupils = read_roster(small_zip()).roster.pupils
    assert {pupil.sex for pupil in pupils} == {"F", "M"}
    shown = desk.upload(small_zip())
    assert f"{len(pupils)}人分を新しく覚えます" in words(shown)
    desk.apply(shown)
    told = [sex for sex in known_sexes(desk).values() if sex]
    assert sorted(told) == sorted(pupil.sex for pupil in pupils)
    assert "新しく覚えます" not in words(desk.upload(small_zip()))


def known_sexes(desk: OfficeDesk) -> dict[str, Sex | None]:
    with desk.house.runtime.reading() as db:
        return students_queries.sexes(db, desk.house.runtime.keys, Scope(None))


def test_a_sex_that_is_no_word_of_the_profile_is_other_and_named(desk: OfficeDesk) -> None:
    def spoil(table: Rows) -> None:
        table[0]["sex"] = "女"
        table[1]["sex"] = "unspecified"

    reading = read_roster(with_rows("demographics", spoil))
    assert sorted(pupil.sex for pupil in reading.roster.pupils).count("O") == 2
    assert [(one.file, one.row, one.column) for one in reading.problems if one.column == "sex"] == [
        ("demographics.csv", 2, "sex")
    ]
