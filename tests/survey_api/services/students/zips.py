"""Small roster zips to break in one place: the invented city at its smallest, with members replaced."""

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import date
from functools import cache

from survey_api.practice.city import City, invent_city
from survey_api.practice.roster_zip import write_roster_zip
from survey_api.services.students.roster import Problem

Rows = list[dict[str, str]]


@cache
def small_city() -> City:
    return invent_city(seed=7, size=0.05)


@cache
def small_zip() -> bytes:
    return write_roster_zip(small_city(), date(2026, 4, 8))


def members() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(small_zip())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_bytes(**replaced: bytes | None) -> bytes:
    """The zip with whole members replaced (`users=b"..."`) or taken out (`users=None`)."""
    files = members()
    for name, content in replaced.items():
        if content is None:
            del files[f"{name}.csv"]
        else:
            files[f"{name}.csv"] = content
    return packed(files)


def with_rows(name: str, change: Callable[[Rows], Rows | None]) -> bytes:
    """The zip with the rows of one member changed; row numbers in problems are index + 2."""
    return with_rows_of(**{name: change})


def with_rows_of(**changes: Callable[[Rows], Rows | None]) -> bytes:
    """The zip with the rows of several members changed, each by its own function."""
    files = members()
    for name, change in changes.items():
        rows = list(csv.DictReader(io.StringIO(files[f"{name}.csv"].decode(), newline="")))
        changed = change(rows)
        files[f"{name}.csv"] = as_csv(changed if changed is not None else rows)
    return packed(files)


def as_csv(rows: Rows, encoding: str = "utf-8") -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0].keys(), quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def places(problems: list[Problem], severity: str = "error") -> list[tuple[str, int | None, str]]:
    return [(each.file, each.row, each.column) for each in problems if each.severity == severity]
