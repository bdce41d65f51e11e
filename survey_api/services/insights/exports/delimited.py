"""CSV: UTF-8 with a byte order mark (Excel opens it as it is), RFC 4180, no cell that Excel would run."""

import csv
import io

from survey_api.services.insights.exports.rows import COLUMNS, Extract

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")


def inert(text: str) -> str:
    """A text that no spreadsheet takes for a formula (OWASP ASVS 5.0, 1.2.10)."""
    return f"'{text}" if text.startswith(_STARTS) else text


def csv_bytes(extract: Extract) -> bytes:
    """One header row with the column names, then the rows."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow([column.name for column in COLUMNS])
    for row in extract.rows:
        writer.writerow([inert(value) if isinstance(value, str) else value for value in row.values()])
    return b"\xef\xbb\xbf" + written.getvalue().encode()


def codebook_bytes(extract: Extract) -> bytes:
    """What every column and every indicator means, as a CSV of its own."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(["kind", "name", "title", "definition"])
    for column in COLUMNS:
        writer.writerow(["column", column.name, inert(column.title), inert(column.definition)])
    for meaning in extract.meanings:
        writer.writerow(["indicator", meaning.indicator, inert(meaning.title), inert(meaning.definition)])
    return b"\xef\xbb\xbf" + written.getvalue().encode()
