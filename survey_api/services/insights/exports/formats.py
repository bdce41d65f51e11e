"""Which files there are, and how each is made. The heavy writers are loaded when somebody asks for one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

from survey_api.services.insights.exports.rows import NO_CODES, Codes, extract
from survey_api.services.insights.released import ReleasedWave


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    SAV = "sav"
    DTA = "dta"
    PARQUET = "parquet"
    PACKAGE = "zip"
    PDF = "pdf"


@dataclass(frozen=True)
class FileKind:
    """How a person chooses it and how a browser takes it."""

    title: str
    media_type: str
    maker: tuple[str, str]
    """Module and function: imported when a file is made, because some of them cost seconds."""


KINDS: Final = {
    Format.CSV: FileKind("CSV（表計算・統計）", "text/csv; charset=utf-8", ("delimited", "csv_bytes")),
    Format.XLSX: FileKind(
        "Excel",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ("workbook", "xlsx_bytes"),
    ),
    Format.SAV: FileKind("SPSS", "application/octet-stream", ("labelled", "sav_bytes")),
    Format.DTA: FileKind("Stata", "application/octet-stream", ("labelled", "dta_bytes")),
    Format.PARQUET: FileKind("Parquet", "application/vnd.apache.parquet", ("labelled", "parquet_bytes")),
    Format.PACKAGE: FileKind(
        "データパッケージ（CSVと項目の説明）", "application/zip", ("package", "package_bytes")
    ),
    Format.PDF: FileKind(
        "会議資料（PDF・新しい調査回だけ）", "application/pdf", ("meeting_pack", "pdf_bytes")
    ),
}


def file_bytes(
    kind: Format,
    waves: Sequence[ReleasedWave],
    choice: Mapping[str, Any] = MappingProxyType({}),
    codes: Codes = NO_CODES,
) -> bytes:
    """The file, from released waves; the meeting pack is about the newest of them."""
    module, function = KINDS[kind].maker
    make = getattr(import_module(f"survey_api.services.insights.exports.{module}"), function)
    made: bytes = make(waves, **choice) if kind is Format.PDF else make(extract(waves, codes))
    return made
