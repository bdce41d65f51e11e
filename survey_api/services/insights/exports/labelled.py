"""SPSS (.sav), Stata (.dta) and Parquet, with labels, for people who calculate."""

import io
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat

from survey_api.services.insights.exports.rows import (
    COLUMNS,
    STATE_WORDS,
    WIDTH_WORDS,
    WIDTHS,
    Extract,
)

_TITLE = "子どもの生活アンケート 公表値"
_WIDTH_LABELS: dict[int | float, str] = {code: WIDTH_WORDS[kind] for kind, code in WIDTHS.items()}


def sav_bytes(extract: Extract) -> bytes:
    """SPSS: variable labels, value labels for the width and the state."""
    labels: dict[str, Any] = {
        "place_width": _WIDTH_LABELS,
        "state": {str(k): word for k, word in STATE_WORDS.items()},
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kizuki.sav"
        pyreadstat.write_sav(
            _frame(extract),
            str(path),
            file_label=_TITLE,
            column_labels=[column.title for column in COLUMNS],
            variable_value_labels=labels,
        )
        return path.read_bytes()


def dta_bytes(extract: Extract) -> bytes:
    """Stata 14 and later (format 118, Unicode)."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kizuki.dta"
        pyreadstat.write_dta(
            _frame(extract),
            str(path),
            file_label=_TITLE[:80],
            column_labels=[column.title for column in COLUMNS],
            variable_value_labels={"place_width": _WIDTH_LABELS},
            version=14,
        )
        return path.read_bytes()


def parquet_bytes(extract: Extract) -> bytes:
    """Parquet with the titles and definitions of the columns in its schema."""
    schema = pa.schema(
        [
            pa.field(
                column.name,
                pa.int32() if column.kind == "integer" else pa.string(),
                metadata={"title": column.title, "definition": column.definition},
            )
            for column in COLUMNS
        ]
    )
    columns = list(zip(*(row.values() for row in extract.rows), strict=True)) or [()] * len(COLUMNS)
    table = pa.Table.from_arrays(
        [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)],
        schema=schema,
    )
    file = io.BytesIO()
    pq.write_table(table, file)
    return file.getvalue()


def _frame(extract: Extract) -> pd.DataFrame:
    """Numbers as floats, a missing one as NaN: what SPSS and Stata call system-missing."""
    frame = pd.DataFrame([row.values() for row in extract.rows], columns=[column.name for column in COLUMNS])
    for column in COLUMNS:
        if column.kind == "integer":
            frame[column.name] = frame[column.name].astype("float64")
    return frame
