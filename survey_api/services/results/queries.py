"""Stored results, opened."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from survey_api.access import sealing
from survey_api.access.scope import Scope
from survey_api.kit.crypto import Keyring
from survey_api.kit.problems import NotFound
from survey_api.services.results.rules import ERASED_DIGEST, NOTHING
from survey_api.tables.cases import Case
from survey_api.tables.results import Result
from survey_api.tables.waves import Wave


@dataclass(frozen=True)
class OpenResult:
    """One result with its assessment as data, and the previous summary it was computed with."""

    id: str
    submission_id: str
    wave_id: str
    school_id: str
    bank_sha256: str
    digest: str
    assessment: dict[str, Any]
    previous: dict[str, Any] | None


def open_result(db: Session, keys: Keyring, row: Result) -> OpenResult:
    content: dict[str, Any]
    if row.digest == ERASED_DIGEST:
        content = {"assessment": dict(NOTHING), "previous": None}
    else:
        content = sealing.open_for_child(db, keys, row, _place(row), row.sealed)
    return _opened(row, content)


def _place(row: Result) -> str:
    return f"result|{row.id}"


def _opened(row: Result, content: dict[str, Any]) -> OpenResult:
    return OpenResult(
        row.id,
        row.submission_id,
        row.wave_id,
        row.school_id,
        row.bank_sha256,
        row.digest,
        content["assessment"],
        content["previous"],
    )


def result_by_id(db: Session, keys: Keyring, scope: Scope, result_id: str) -> OpenResult | None:
    row = db.get(Result, result_id)
    if row is None or not scope.covers(row.school_id):
        return None
    return open_result(db, keys, row)


def results_by_ids(
    db: Session, keys: Keyring, scope: Scope, result_ids: Iterable[str]
) -> dict[str, OpenResult]:
    """Several results of the actor's schools at once, by id."""
    found = db.exec(select(Result).where(col(Result.id).in_(list(result_ids)))).all()
    rows = [row for row in found if scope.covers(row.school_id)]
    kept = [row for row in rows if row.digest != ERASED_DIGEST]
    contents = sealing.open_for_children(db, keys, [(row, _place(row), row.sealed) for row in kept])
    opened = {row.id: _opened(row, content) for row, content in zip(kept, contents, strict=True)}
    return opened | {row.id: open_result(db, keys, row) for row in rows if row.id not in opened}


def unflagged_ids(db: Session, scope: Scope, wave_id: str, school_id: str) -> list[str]:
    """Ids of a school's results of a wave for which nobody was called, in the order of their random ids."""
    scope.require(school_id)
    asked = select(Result.id).where(
        Result.wave_id == wave_id,
        Result.school_id == school_id,
        col(Result.urgency).is_(None),
        Result.digest != ERASED_DIGEST,
    )
    return list(db.exec(asked.order_by(col(Result.id))).all())


def pseudonym_of(db: Session, scope: Scope, result_id: str) -> str:
    """Whose result it is; NotFound outside the actor's schools."""
    row = db.get(Result, result_id)
    if row is None:
        raise NotFound
    scope.require(row.school_id)
    return row.pseudonym


_LATEST_BEFORE = (
    select(Result.id)
    .join(Wave, col(Wave.id) == Result.wave_id)
    .where(
        Result.pseudonym == bindparam("who"),
        Result.wave_id != bindparam("this"),
        Result.digest != ERASED_DIGEST,
    )
    .order_by(col(Wave.opens_on).desc())
    .limit(1)
)


def latest_before(db: Session, keys: Keyring, pseudonym: str, wave_id: str) -> OpenResult | None:
    """The pupil's newest result from another wave: what this one is compared with."""
    found = db.connection().execute(_LATEST_BEFORE, {"who": pseudonym, "this": wave_id}).first()
    return open_result(db, keys, db.get_one(Result, found[0])) if found else None


def history(db: Session, keys: Keyring, scope: Scope, pseudonym: str) -> list[OpenResult]:
    """Every result of one pupil in the actor's schools, oldest wave first."""
    rows = db.exec(
        select(Result)
        .join(Wave, col(Wave.id) == Result.wave_id)
        .where(Result.pseudonym == pseudonym, Result.digest != ERASED_DIGEST)
        .order_by(col(Wave.opens_on))
    ).all()
    return [open_result(db, keys, row) for row in rows if scope.covers(row.school_id)]


def that_called_nobody(db: Session, scope: Scope, wave_id: str) -> list[tuple[str, str]]:
    """(pseudonym, school) of a wave's results that are still there and no case points to."""
    rows = db.exec(
        select(Result.pseudonym, Result.school_id)
        .join(Case, col(Case.result_id) == col(Result.id), isouter=True)
        .where(Result.wave_id == wave_id, Result.digest != ERASED_DIGEST, col(Case.id).is_(None))
        .order_by(col(Result.pseudonym))
    ).all()
    return [(pseudonym, school_id) for pseudonym, school_id in rows if scope.covers(school_id)]
