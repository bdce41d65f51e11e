"""Write a result once."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, update

from survey_api.access import sealing
from survey_api.kit.db import table_of
from survey_api.kit.ids import new_id
from survey_api.kit.work import Work
from survey_api.services.results.rules import ERASED_DIGEST, digest_of
from survey_api.tables.results import Result

_ADD = insert(table_of(Result))


@dataclass(frozen=True)
class _Child:
    school_id: str
    pseudonym: str
    wave_id: str


def record(
    work: Work,
    *,
    submission_id: str,
    wave_id: str,
    school_id: str,
    pseudonym: str,
    bank_sha256: str,
    assessment: dict[str, Any],
    assessment_bytes: bytes,
    previous: dict[str, Any] | None,
    urgency: str | None,
) -> str:
    """Seal and keep what the answers meant; returns the result's id."""
    result_id = new_id()
    content = {"assessment": assessment, "previous": previous}
    child = _Child(school_id, pseudonym, wave_id)
    sealed = sealing.seal_for_child(work.db, work.keys, child, f"result|{result_id}", content)
    work.db.connection().execute(
        _ADD,
        {
            "id": result_id,
            "submission_id": submission_id,
            "wave_id": wave_id,
            "school_id": school_id,
            "pseudonym": pseudonym,
            "bank_sha256": bank_sha256,
            "urgency": urgency,
            "digest": digest_of(work.keys, submission_id, assessment_bytes),
            "sealed": sealed,
        },
    )
    return result_id


def erase(work: Work, pseudonym: str, wave_id: str) -> int:
    """Empty what a pupil's answers meant in a wave; the empty row stays for the case that points to it."""
    rows = table_of(Result)
    return (
        work.db.connection()
        .execute(
            update(rows)
            .where(rows.c.pseudonym == pseudonym, rows.c.wave_id == wave_id, rows.c.digest != ERASED_DIGEST)
            .values(sealed=b"", urgency=None, digest=ERASED_DIGEST)
        )
        .rowcount
    )
