"""XLSX: the numbers, what the columns and indicators mean, and how to read them; texts stay texts."""

import io
from datetime import datetime

import xlsxwriter

from survey_api.services.insights.exports.rows import COLUMNS, LICENCE, Extract
from survey_api.services.insights.limits import CHANGE_OVER

_MADE = datetime(2000, 1, 1)  # noqa: DTZ001 - a fixed stamp: the same numbers give the same bytes


def xlsx_bytes(extract: Extract) -> bytes:
    """Three sheets: 数字, 項目と指標, 読み方."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(
        file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": "子どもの生活アンケート 公表値", "created": _MADE})
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    numbers = book.add_worksheet("数字")
    numbers.freeze_panes(1, 0)
    for at, column in enumerate(COLUMNS):
        numbers.write_string(0, at, column.name, head)
        numbers.set_column(at, at, 22 if column.kind == "string" else 11)
    for line, row in enumerate(extract.rows, start=1):
        for at, value in enumerate(row.values()):
            if isinstance(value, int):
                numbers.write_number(line, at, value)
            elif value is not None:
                numbers.write_string(line, at, value)
    numbers.autofilter(0, 0, max(len(extract.rows), 1), len(COLUMNS) - 1)
    meanings = book.add_worksheet("項目と指標")
    meanings.set_column(0, 1, 18)
    meanings.set_column(2, 2, 30)
    meanings.set_column(3, 3, 90)
    told = [("kind", "name", "title", "definition")]
    told += [("column", column.name, column.title, column.definition) for column in COLUMNS]
    told += [("indicator", one.indicator, one.title, one.definition) for one in extract.meanings]
    for line, texts in enumerate(told):
        for at, text in enumerate(texts):
            meanings.write_string(line, at, text, head if line == 0 else None)
    reading = book.add_worksheet("読み方")
    reading.set_column(0, 0, 110)
    for line, text in enumerate(reading_notes(extract)):
        reading.write_string(line, 0, text)
    book.close()
    return file.getvalue()


def reading_notes(extract: Extract) -> tuple[str, ...]:
    """How to read the numbers, for every file that has room for sentences."""
    return (
        "数字は、一人の子どもが分からないように守られた幅です。本当の人数は必ず幅の中にあります。"
        "ただし、1つの学年（市全体）の数字と、子どもがどうなったかの数字は、幅に限りのないゆらぎを加えて作るので、"
        "本当の人数が幅の中にある見込みは100回に97回です。",
        "幅どうしを引き算しないでください。「変わった」と読めるのは、前と後の幅が重ならないときだけで、"
        f"まん中どうしの差が{CHANGE_OVER}人までなら丸めだけでも起こります。それより大きくても偶然のことがあります。",
        "回答しなかった子ども、答えたくないと選んだ問いは「あてはまらない」に数えています。",
        LICENCE,
        f"調査回：{'、'.join(extract.waves)}",
        *(f"公表計画の識別値：{digest}" for digest in extract.digests),
    )
