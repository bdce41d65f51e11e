"""A Frictionless data package: the CSV, its codebook and a machine-readable description, in one zip."""

import io
import json
import zipfile
from hashlib import sha256

from survey_api.services.insights.exports.delimited import codebook_bytes, csv_bytes
from survey_api.services.insights.exports.rows import COLUMNS, Extract, State
from survey_api.services.insights.exports.workbook import reading_notes

_STAMP = (1980, 1, 1, 0, 0, 0)  # fixed: the same numbers give the same bytes


def package_bytes(extract: Extract) -> bytes:
    """datapackage.json (Data Package v1), data.csv, codebook.csv, README.txt."""
    data, codebook = csv_bytes(extract), codebook_bytes(extract)
    description = {
        "profile": "tabular-data-package",
        "name": "kizuki-released-numbers",
        "title": "子どもの生活アンケート 公表値",
        "description": " ".join(reading_notes(extract)[:4]),
        "resources": [
            {
                "name": "data",
                "path": "data.csv",
                "profile": "tabular-data-resource",
                "encoding": "utf-8",
                "bytes": len(data),
                "hash": f"sha256:{sha256(data).hexdigest()}",
                "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "header": True},
                "schema": {"fields": [_field(column.name) for column in COLUMNS], "missingValues": [""]},
            },
            {
                "name": "codebook",
                "path": "codebook.csv",
                "profile": "data-resource",
                "encoding": "utf-8",
                "bytes": len(codebook),
                "hash": f"sha256:{sha256(codebook).hexdigest()}",
            },
        ],
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (
            ("datapackage.json", json.dumps(description, ensure_ascii=False, indent=2).encode()),
            ("data.csv", data),
            ("codebook.csv", codebook),
            ("README.txt", "\r\n".join(reading_notes(extract)).encode()),
        ):
            archive.writestr(zipfile.ZipInfo(name, _STAMP), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _field(name: str) -> dict[str, object]:
    column = next(one for one in COLUMNS if one.name == name)
    field: dict[str, object] = {
        "name": column.name,
        "title": column.title,
        "type": column.kind,
        "description": column.definition,
    }
    if name == "state":
        field["constraints"] = {"required": True, "enum": [state.value for state in State]}
    return field
