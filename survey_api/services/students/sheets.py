"""Turns the bytes of one CSV into rows of text: encoding, quoting, header and limits; it gives no meaning."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from survey_api.services.students.roster import ProblemList

MAX_ROWS = 100_000
MAX_COLUMNS = 200
MAX_VALUE = 1_000
"""No value of a roster is longer; a longer one means a quotation mark was lost."""

ENCODING_NAMES = {"utf-8": "UTF-8", "cp932": "Shift_JIS"}
RE_EXPORT = "名簿システムから「UTF-8」でもう一度書き出してください。"


@dataclass(frozen=True, slots=True)
class Row:
    """One record; `number` counts as a spreadsheet does, the header line being 1."""

    number: int
    values: dict[str, str]

    def get(self, column: str) -> str:
        """The value without surrounding blanks; `NULL` and a missing column count as empty."""
        return self.values.get(column, "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One CSV file, reduced to the columns that were asked for."""

    file: str
    encoding: str
    columns: frozenset[str]
    rows: tuple[Row, ...]


def read_sheet(file: str, data: bytes, wanted: Collection[str], problems: ProblemList) -> Sheet | None:
    """The rows of one file, or None when not even its header can be read."""
    decoded = _decode(file, data, problems)
    if decoded is None:
        return None
    text, encoding = decoded
    records = _records(file, text, problems)
    header = next(records, None)
    if header is None:
        problems.error(file, None, "", f"中身がありません。{RE_EXPORT}")
        return None
    names = [name.strip() for name in header[1]]
    if not _header_is_usable(file, names, problems):
        return None
    places = [(place, name) for place, name in enumerate(names) if name in wanted]
    rows = tuple(_rows(file, records, len(names), places, problems))
    return Sheet(file, ENCODING_NAMES[encoding], frozenset(names), rows)


def _decode(file: str, data: bytes, problems: ProblemList) -> tuple[str, str] | None:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        problems.error(file, None, "", f"文字コードがUTF-16です。{RE_EXPORT}")
        return None
    body = data.removeprefix(b"\xef\xbb\xbf")
    for encoding in ENCODING_NAMES:
        try:
            return body.decode(encoding), encoding
        except UnicodeDecodeError as failure:
            row = body.count(b"\n", 0, failure.start) + 1
    problems.error(file, row, "", f"この行に、UTF-8でもShift_JISでも読めない文字があります。{RE_EXPORT}")
    return None


def _records(file: str, text: str, problems: ProblemList) -> Iterator[tuple[int, list[str]]]:
    """(row number, fields) of every line that is not blank; stops at the first broken quotation mark."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    number = 0
    while True:
        number += 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error:
            problems.error(
                file,
                number,
                "",
                'この行の引用符(")または区切りが正しくないため、ここから先を読めません。'
                "表計算ソフトで保存し直さず、名簿システムからもう一度書き出してください。",
            )
            return
        if number > MAX_ROWS + 1:
            problems.error(
                file,
                number,
                "",
                f"行が多すぎます(上限は{MAX_ROWS:,}行)。学校ごとに分けて書き出してください。",
            )
            return
        if fields:
            yield number, fields


def _header_is_usable(file: str, names: list[str], problems: ProblemList) -> bool:
    if len(names) > MAX_COLUMNS:
        problems.error(
            file,
            1,
            "",
            f"列が{len(names):,}列あります(上限は{MAX_COLUMNS}列)。名簿システムから書き出し直してください。",
        )
        return False
    doubled = sorted({name for name in names if name and names.count(name) > 1})
    for name in doubled:
        problems.error(file, 1, name[:80], "同じ見出しの列が2つあります。片方を消してください。")
    return not doubled


def _rows(
    file: str,
    records: Iterator[tuple[int, list[str]]],
    width: int,
    places: list[tuple[int, str]],
    problems: ProblemList,
) -> Iterator[Row]:
    for number, fields in records:
        if len(fields) != width:
            problems.error(
                file,
                number,
                "",
                f"列の数が見出しと違います(見出し{width}列、この行{len(fields)}列)。"
                "「,」や引用符が抜けていないか確かめてください。",
            )
            continue
        values: dict[str, str] = {}
        for place, name in places:
            values[name] = _clean(file, number, name, fields[place], problems)
        yield Row(number, values)


def _clean(file: str, number: int, column: str, raw: str, problems: ProblemList) -> str:
    """The value as a person would read it; letters nobody can see are taken out and reported."""
    value = raw.strip()
    if value.isascii() and value.isprintable() and len(value) <= MAX_VALUE:
        return "" if value == "NULL" else value
    visible = "".join(letter for letter in value if unicodedata.category(letter) not in {"Cc", "Cf"})
    if visible != value:
        problems.warning(
            file,
            number,
            column,
            "目に見えない文字が入っていたので取りのぞきました。元の名簿も直しておいてください。",
        )
    if len(visible) > MAX_VALUE:
        problems.error(
            file,
            number,
            column,
            f'値が長すぎます({len(visible):,}文字)。引用符(")が抜けていないか確かめてください。',
        )
        return ""
    return visible.strip()
