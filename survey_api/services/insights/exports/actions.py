"""Take released numbers away as a file: who, in what form, for what and for whom is written down first."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from survey_api.audit import trail
from survey_api.kit.ids import new_id
from survey_api.kit.problems import BadInput
from survey_api.kit.work import Work
from survey_api.services.insights.exports.formats import Format, file_bytes
from survey_api.services.insights.exports.rows import NO_CODES, Codes
from survey_api.services.insights.released import ReleasedWave
from survey_api.tables.releases import DataExport
from survey_api.vocabulary import AuditKind

LONGEST = 200


def take(
    work: Work,
    kind: Format,
    waves: Sequence[ReleasedWave],
    purpose: str,
    recipient: str,
    choice: Mapping[str, Any] = MappingProxyType({}),
    codes: Codes = NO_CODES,
) -> bytes:
    """The file. BadInput names the field that is missing; then nothing is made and nothing written.

    `choice`: for the meeting pack its sections and whether schools are named. `codes`: of the city and
    its schools, for the files of rows.
    """
    for words, said in (("使う目的", purpose), ("渡す相手", recipient)):
        if not 2 <= len(said) <= LONGEST:
            raise BadInput(f"「{words}」を2〜{LONGEST}文字で入れてください。")
    if not waves:
        raise BadInput("公表した調査回がまだありません。")
    made = file_bytes(kind, waves, choice, codes)
    digest = sha256(made).hexdigest()
    work.db.add(
        DataExport(
            id=new_id(),
            made_at=work.now,
            made_by=work.actor.id,
            format=kind,
            waves=len(waves),
            purpose=purpose,
            recipient=recipient,
            sha256=digest,
        )
    )
    work.db.flush()
    trail.record(
        work,
        AuditKind.EXPORT_MADE,
        "release",
        waves[-1].wave_id,
        format=str(kind),
        waves=len(waves),
        sha256=digest,
    )
    return made
