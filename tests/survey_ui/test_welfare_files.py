"""Released numbers as files: every format is read back and holds exactly what the signed bundle holds."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pypdf
import pytest
from httpx2 import Response
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select, text
from starlette.testclient import TestClient

from survey_api.kit.actor import Actor
from survey_api.services.insights import released
from survey_api.services.insights.exports.delimited import inert
from survey_api.services.insights.exports.formats import Format
from survey_api.services.insights.exports.rows import Codes, _school_code, extract
from survey_api.services.insights.released import ReleasedWave
from survey_api.services.insights.safe import PlaceKind
from survey_api.tables.audit import AuditEntry
from survey_api.tables.releases import DataExport
from tests.answered import answer, close
from tests.house import House, open_house
from tests.survey_ui.read_files import (
    NAMES,
    read_csv,
    read_dta,
    read_parquet,
    read_pdf,
    read_sav,
    read_xlsx,
    read_zip,
    text_of_pdf,
)
from tests.survey_ui.test_welfare_attack import sums
from tests.survey_ui.test_welfare_pages import csrf_of, release_over_pages

CITY = "052078"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("files"), banks=("sho-high", "chu"), pupils=14) as opened:
        settings = opened.runtime.settings.model_copy(update={"city_code": CITY})
        opened.runtime = replace(opened.runtime, settings=settings)
        answer(opened, worried=4, silent=1)
        close(opened)
        yield opened


@pytest.fixture(scope="module")
def officer(house: House) -> Iterator[TestClient]:
    with house.client() as client:
        house.sign_in(client, "ito")
        release_over_pages(house, client)
        yield client


@pytest.fixture(scope="module")
def waves(house: House, officer: TestClient) -> tuple[ReleasedWave, ...]:
    with house.runtime.reading() as db:
        return released.released_waves(db, house.runtime.keys)


def take(officer: TestClient, kind: str, **changes: str) -> Response:
    fields = {"format": kind, "wave": "", "purpose": "会議の資料", "recipient": "会議の委員", **changes}
    return officer.post("/welfare/files", data={"csrf": csrf_of(officer), **fields})


def known_codes(house: House) -> Codes:
    return Codes(CITY, {house.schools["north"]: "C105200000000"})


def test_each_row_says_its_unit_and_the_codes_by_which_others_know_city_and_school(
    house: House, officer: TestClient
) -> None:
    rows = [dict(zip(NAMES, row, strict=True)) for row in read_csv(take(officer, "csv").content)]
    assert {row["area_code"] for row in rows} == {CITY}
    of_one_school = [row for row in rows if row["place_width"] in (1, 2) and row["state"] == "released"]
    assert {row["school_code"] for row in of_one_school} == {"C105200000000"}
    assert {row["school_code"] for row in rows if row not in of_one_school} == {""}
    for low, unit, word in (("people_low", "people_unit", "人"), ("share_low", "share_unit", "%")):
        assert {(row[low] is None, row[unit]) for row in rows} == {(False, word), (True, "")}


def test_a_row_about_two_schools_and_a_school_without_a_code_leave_the_code_empty(
    waves: tuple[ReleasedWave, ...], house: House
) -> None:
    assert {row.school_code for row in extract(waves, Codes(CITY)).rows} == {""}
    (wave,) = waves
    unit = next(place for place in wave.release.table.places if place.kind is PlaceKind.UNIT)
    two = replace(unit, members=(*unit.members, ("001-other", unit.members[0][1])))
    assert _school_code(unit, known_codes(house)) == "C105200000000"
    assert _school_code(two, known_codes(house)) == ""


def test_every_format_carries_the_bundles_numbers_and_nothing_else(
    house: House, officer: TestClient, waves: tuple[ReleasedWave, ...], tmp_path: Path
) -> None:
    expected = [row.values() for row in extract(waves, known_codes(house)).rows]
    cells = [cell for wave in waves for cell in wave.release.table.cells]
    asked = NAMES.index("asked_low")
    assert [row[NAMES.index("people_unit") :] for row in expected if row[asked] is not None] == [
        ("人", c.low, c.high, c.n_low, c.n_high, "%", c.share_low, c.share_high, c.likely_low, c.likely_high)
        for c in cells
    ]
    assert read_csv(take(officer, "csv").content) == expected
    assert read_xlsx(take(officer, "xlsx").content) == expected
    assert read_parquet(take(officer, "parquet").content) == expected
    assert read_sav(take(officer, "sav").content, tmp_path) == expected
    assert read_dta(take(officer, "dta").content, tmp_path) == expected
    assert read_zip(take(officer, "zip").content) == expected


def test_the_meeting_pack_is_tagged_small_and_says_only_released_numbers(
    officer: TestClient, waves: tuple[ReleasedWave, ...]
) -> None:
    answered = take(officer, "pdf")
    assert answered.headers["content-type"] == "application/pdf"
    assert len(answered.content) < 2_000_000
    document = pypdf.PdfReader(io.BytesIO(answered.content))
    root: Any = document.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "ja"
    fonts = [font.get_object() for page in document.pages for font in page["/Resources"]["/Font"].values()]
    for font in fonts:
        inner = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        assert {"/FontFile2", "/FontFile3"} & set(inner)
    last = re.sub(r"\s", "", document.pages[-1].extract_text())
    assert last.index("読み方と限界") < last.index("順位はつけていません"), (
        "a last page with a line of them alone"
    )
    (_, noised) = text_of_pdf(answered.content).split("本当の人数は必ず幅の中にあります。")
    assert noised.startswith("ただし、1つの学年（市全体）の数字と、子どもがどうなったかの数字は"), (
        "noise is not certain"
    )
    shown = read_pdf(answered.content)
    table = waves[-1].release.table
    known = {cell.people for cell in table.cells} | {cell.asked for cell in table.cells}
    assert {cell.people for _, cell in table.of("hungry", PlaceKind.CITY)} <= shown
    assert shown <= known | sums(table)


def test_the_same_numbers_give_the_same_bytes(officer: TestClient) -> None:
    for kind in ("csv", "xlsx", "zip", "parquet", "pdf"):
        assert take(officer, kind).content == take(officer, kind).content, kind


def test_who_took_what_for_whom_is_kept_and_cannot_be_changed(house: House, officer: TestClient) -> None:
    content = take(officer, "csv", purpose="議会への説明", recipient="市議会").content
    with house.runtime.reading() as db:
        row = db.exec(select(DataExport).order_by(col(DataExport.made_at).desc())).all()
        line = db.exec(select(AuditEntry).order_by(col(AuditEntry.seq).desc())).first()
    kept = next(one for one in row if one.purpose == "議会への説明")
    assert (kept.recipient, kept.format, kept.sha256) == ("市議会", "csv", sha256(content).hexdigest())
    assert line is not None
    assert line.kind == "release.file_taken"
    assert "市議会" not in line.facts
    assert "議会への説明" in officer.get("/welfare/files").text
    with pytest.raises(DBAPIError), house.runtime.work(Actor.terminal("test")) as work:
        work.db.execute(text("DELETE FROM data_exports"))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"purpose": ""}, "使う目的"),
        ({"recipient": ""}, "渡す相手"),
        ({"format": "exe"}, "ファイルの形"),
        ({"wave": "elsewhere"}, "調査回"),
    ],
)
def test_a_missing_field_is_named_and_nothing_is_made(
    house: House, officer: TestClient, changes: dict[str, str], says: str
) -> None:
    def count() -> int:
        with house.runtime.reading() as db:
            return len(db.exec(select(DataExport)).all())

    before = count()
    answered = take(officer, changes.pop("format", "csv"), **changes)
    assert answered.status_code == 422
    assert says in answered.text
    assert count() == before


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "＝", "＠"])
def test_no_text_becomes_a_formula(start: str) -> None:
    assert inert(f"{start}HYPERLINK()").startswith("'")


def test_every_format_is_offered(officer: TestClient) -> None:
    page = officer.get("/welfare/files").text
    assert all(f'value="{kind.value}"' in page for kind in Format)
