"""An upload is not trusted: size, count, names, method and ratio are checked before anything is unpacked."""

import io
import zipfile

import pytest

from survey_api.services.students import archive, sheets
from survey_api.services.students.oneroster import read_roster
from survey_api.services.students.roster import Roster
from tests.survey_api.services.students.zips import members, packed, places, small_zip


def refused(data: bytes) -> str:
    """The one message for an upload that gives nothing."""
    roster, problems = read_roster(data)
    assert roster == Roster()
    assert problems
    assert all(problem.severity == "error" for problem in problems)
    return problems[0].message


def test_what_is_not_a_zip_is_said_in_words():
    assert "ZIPファイルとして開けません" in refused(b"sourcedId,givenName\n")
    assert "ZIPファイルとして開けません" in refused(b"")


def test_too_many_bytes_are_not_even_opened(monkeypatch):
    monkeypatch.setattr(archive, "MAX_ZIP_BYTES", len(small_zip()) - 1)
    assert "20MB" in refused(small_zip())


def test_the_declared_unpacked_size_is_limited(monkeypatch):
    monkeypatch.setattr(archive, "MAX_UNPACKED_BYTES", 1000)
    assert "200MB" in refused(small_zip())


def test_a_bomb_is_recognised_by_its_ratio():
    bomb = packed({**members(), "demographics.csv": b"0" * (8 * 1024 * 1024)})
    assert "圧縮率" in refused(bomb)


def test_too_many_members_are_refused():
    many = packed({**members(), **{f"extra-{number}.csv": b"x" for number in range(60)}})
    assert "上限は50個" in refused(many)


@pytest.mark.parametrize("name", ["../users.csv", "/etc/users.csv", "a\\..\\users.csv", "C:/users.csv"])
def test_names_that_lead_elsewhere_are_refused(name):
    files = members()
    files[name] = files.pop("users.csv")
    assert "場所の指定" in refused(packed(files))


def test_two_members_of_one_name_are_refused():
    files = members()
    files["again/users.csv"] = files["users.csv"]
    assert "同じ名前" in refused(packed(files))


def test_a_password_is_asked_to_be_taken_off():
    locked = bytearray(small_zip())
    with zipfile.ZipFile(io.BytesIO(small_zip())) as whole:
        first = whole.infolist()[0]
    locked[first.header_offset + 6] |= 1
    central = locked.index(b"PK\x01\x02")
    locked[central + 8] |= 1
    assert "パスワード" in refused(bytes(locked))


def test_an_unusual_method_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as lzma:
        for name, content in members().items():
            lzma.writestr(name, content)
    assert "圧縮方法" in refused(out.getvalue())


def test_a_damaged_member_is_named_and_nothing_is_read():
    damaged = bytearray(small_zip())
    with zipfile.ZipFile(io.BytesIO(small_zip())) as whole:
        users = whole.getinfo("users.csv")
    start = users.header_offset + 30 + len("users.csv")
    damaged[start + 40 : start + 80] = bytes(40)
    roster, problems = read_roster(bytes(damaged))
    assert roster == Roster()
    assert ("users.csv", None, "") in places(problems)


def test_an_empty_zip_says_so():
    assert "空です" in refused(packed({}))


def test_too_many_rows_or_columns_stop_the_file(monkeypatch):
    files = members()
    files["users.csv"] = b",".join(f"c{number}".encode() for number in range(100_000)) + b"\r\n"
    assert "列" in refused(packed(files))
    monkeypatch.setattr(sheets, "MAX_ROWS", 3)
    problems = read_roster(small_zip()).problems
    assert ("users.csv", 5, "") in places(problems)
