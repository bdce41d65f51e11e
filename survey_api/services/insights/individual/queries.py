"""Wishes for lab files, and the answers of one wave child by child. The second is for the journey of a lab file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from survey_api.access import sealing
from survey_api.access.scope import Scope
from survey_api.kit.crypto import Keyring
from survey_api.kit.problems import NotAllowed, NotFound
from survey_api.tables.cases import Case
from survey_api.tables.desk import CheckItem
from survey_api.tables.releases import LabFile
from survey_api.tables.results import Result
from survey_api.tables.submissions import Submission
from survey_api.vocabulary import SubmissionState


@dataclass(frozen=True)
class Sheet:
    """One child's answers, for the time it takes to write a row."""

    school_id: str
    bank_sha256: str
    answers: Mapping[str, Any]
    label: str


def wishes(db: Session, scope: Scope) -> Sequence[LabFile]:
    """All of them, newest first; whole city only."""
    if scope.schools is not None:
        raise NotAllowed
    return db.exec(select(LabFile).order_by(col(LabFile.asked_at).desc())).all()


def wish_by_id(db: Session, scope: Scope, wish_id: str) -> LabFile:
    if scope.schools is not None:
        raise NotAllowed
    row = db.get(LabFile, wish_id)
    if row is None:
        raise NotFound
    return row


def sheets(db: Session, keys: Keyring, scope: Scope, wave_id: str) -> Iterator[Sheet]:
    """Every submission that stands, in the order of its random id. Withdrawn and declined ones are not there."""
    if scope.schools is not None:
        raise NotAllowed
    found = {
        result_id: label
        for result_id, label in [
            *db.exec(select(CheckItem.result_id, CheckItem.label).where(col(CheckItem.label).is_not(None))),
            *db.exec(select(Case.result_id, Case.label).where(Case.wave_id == wave_id)),
        ]
        if label
    }
    rows = db.exec(
        select(Submission, Result.id)
        .join(Result, col(Result.submission_id) == col(Submission.id))
        .where(Submission.wave_id == wave_id, Submission.state == SubmissionState.CLOSED)
        .order_by(col(Submission.id))
    )
    for row, result_id in rows:
        if row.sealed is not None:
            opened = sealing.open_for_child(db, keys, row, f"submission|{row.id}", row.sealed)
            yield Sheet(row.school_id, row.bank_sha256, opened["answers"], found.get(result_id, ""))
