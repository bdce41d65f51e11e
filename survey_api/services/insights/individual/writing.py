"""The lab file: per bank a table that `kizuki rescore` reads, a codebook and the conditions, in one zip.

Columns come from every published version of a bank, never from the data, so that nobody can read off a missing
column what no child answered. No name, pseudonym, sex, grade, class, day or free text; child and school get
numbers drawn for this file alone, so that two files cannot be laid side by side.
"""

import csv
import io
import secrets
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from survey_api.services.insights.individual.queries import Sheet

CONDITIONS = (
    "名前、仮の番号、性別、学年、学級、日付、自由記述は入っていません。子どもと学校の番号は、このファイルだけのものです。",
    "一人ひとりの答えです。だれの答えかを探ること、ほかの資料と突き合わせること、渡した相手の外に出すことはできません。",
    "目的がすんだら消してください。市の数字として公表するときは、公表の手続き(二人)を通してください。",
)


@dataclass(frozen=True)
class BankColumns:
    """A bank over all its published versions. `items`: question → its words in the newest of them."""

    bank: str
    versions: Mapping[str, int]
    """Hash → version."""
    items: Mapping[str, str]


def lab_zip(banks: Sequence[BankColumns], sheets: Iterable[Sheet]) -> tuple[bytes, int]:
    """The file and the number of children in it."""
    schools: dict[str, str] = {}
    rows: dict[str, list[list[str]]] = {one.bank: [] for one in banks}
    of_hash = {sha256: one for one in banks for sha256 in one.versions}
    for sheet in sheets:
        columns = of_hash[sheet.bank_sha256]
        school = schools.setdefault(sheet.school_id, secrets.token_hex(4))
        rows[columns.bank].append(
            [
                secrets.token_hex(8),
                school,
                str(columns.versions[sheet.bank_sha256]),
                sheet.label,
                *(_cell(sheet.answers.get(item)) for item in columns.items),
            ]
        )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in banks:
            lines = sorted(rows[one.bank])  # by the random number: the order says nothing either
            archive.writestr(
                f"{one.bank}.csv", _csv([["pseudonym", "school", "version", "label", *one.items], *lines])
            )
        book = [[one.bank, item, words] for one in banks for item, words in one.items.items()]
        archive.writestr("codebook.csv", _csv([["bank", "column", "question"], *book]))
        archive.writestr("README.txt", "\r\n".join(CONDITIONS))
    return packed.getvalue(), sum(len(held) for held in rows.values())


def _cell(answer: object) -> str:
    if isinstance(answer, (list, tuple, set, frozenset)):
        return "|".join(sorted(str(code) for code in answer))
    return "" if answer is None else str(answer)


def _csv(lines: Iterable[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    return text.getvalue()
