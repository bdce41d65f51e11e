"""Read every kind of file that leaves, as somebody would who has only the file."""

import csv
import io
import json
import re
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pypdf
import pyreadstat

from survey_api.services.insights.exports.rows import COLUMNS

Numbers = list[tuple[Any, ...]]
NAMES = [column.name for column in COLUMNS]


def read_csv(content: bytes) -> Numbers:
    assert content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert lines[0] == NAMES
    return [
        tuple(_value(column.kind, cell) for column, cell in zip(COLUMNS, line, strict=True))
        for line in lines[1:]
    ]


def read_xlsx(content: bytes) -> Numbers:
    sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=True)["数字"]
    cells = list(sheet.iter_rows())
    assert not [cell for row in cells for cell in row if cell.data_type == "f"]
    lines = [tuple(cell.value for cell in row) for row in cells]
    assert list(lines[0]) == NAMES
    return [_plain(line) for line in lines[1:]]


def read_parquet(content: bytes) -> Numbers:
    table = pq.read_table(io.BytesIO(content))
    assert table.schema.field("people_low").metadata[b"definition"]
    return [_plain(tuple(row[name] for name in NAMES)) for row in table.to_pylist()]


def read_sav(content: bytes, folder: Path) -> Numbers:
    return _labelled(content, folder / "x.sav", pyreadstat.read_sav)


def read_dta(content: bytes, folder: Path) -> Numbers:
    return _labelled(content, folder / "x.dta", pyreadstat.read_dta)


def read_zip(content: bytes) -> Numbers:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        described = json.loads(archive.read("datapackage.json"))
        data = archive.read("data.csv")
    (resource, _) = described["resources"]
    assert resource["hash"] == f"sha256:{sha256(data).hexdigest()}"
    assert [field["name"] for field in resource["schema"]["fields"]] == NAMES
    return read_csv(data)


def _labelled(content: bytes, path: Path, read: Any) -> Numbers:
    path.write_bytes(content)
    frame, about = read(str(path))
    assert list(frame.columns) == NAMES
    assert about.column_names_to_labels["people_low"] == "あてはまる人数（下）"
    assert about.variable_value_labels["place_width"][4.0] == "市全体"
    return [
        tuple(
            _value(column.kind, "" if cell != cell else str(cell).removesuffix(".0"))
            for column, cell in zip(COLUMNS, line, strict=True)
        )
        for line in frame.itertuples(index=False)
    ]


def _value(kind: str, cell: str) -> str | int | None:
    if kind == "string":
        return cell
    return int(cell) if cell else None


def _plain(line: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(
        ("" if cell is None else cell) if column.kind == "string" else cell
        for column, cell in zip(COLUMNS, line, strict=True)
    )


def text_of_pdf(content: bytes) -> str:
    """All words of all pages without spaces, and the words beside the pages (title, outline, alternatives)."""
    document = pypdf.PdfReader(io.BytesIO(content))
    beside = "".join(str(value) for value in (document.metadata or {}).values())
    said = "".join(page.extract_text() for page in document.pages)
    return re.sub(r"\s", "", said + beside)


def read_pdf(content: bytes) -> set[str]:
    """Every number of people that the pages name."""
    return set(re.findall(r"\d+〜\d+人", text_of_pdf(content)))


def read_any(kind: str, content: bytes, folder: Path) -> Numbers:
    """The rows of a file of this kind."""
    match kind:
        case "csv":
            return read_csv(content)
        case "xlsx":
            return read_xlsx(content)
        case "sav":
            return read_sav(content, folder)
        case "dta":
            return read_dta(content, folder)
        case "parquet":
            return read_parquet(content)
        case _:
            return read_zip(content)
