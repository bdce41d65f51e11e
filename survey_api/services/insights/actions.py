"""Keep a release. Append-only: a wave is released once, and what was released never changes.

One person asks, the job makes the signed bytes, another person lets exactly those bytes go.
"""

from datetime import timedelta
from hashlib import sha256

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete, insert, update

from survey_api.audit import trail
from survey_api.kit.ids import new_id
from survey_api.kit.work import Work
from survey_api.services.insights.refusal import ReleaseRefused
from survey_api.services.insights.report import SignedRelease
from survey_api.tables.releases import PreparedRelease, Release
from survey_api.vocabulary import AuditKind, PreparationState

GIVEN_UP_AFTER = timedelta(minutes=30)
"""A job that has not ended by then was killed; the release may be asked for again."""


def ask(work: Work, wave_id: str) -> None:
    """Note who wants this wave released. ReleaseRefused while somebody else's wish is still alive."""
    over = delete(PreparedRelease).where(
        col(PreparedRelease.wave_id) == wave_id,
        (col(PreparedRelease.state) == PreparationState.REFUSED)
        | (
            col(PreparedRelease.state).in_([PreparationState.WAITING, PreparationState.COUNTING])
            & (col(PreparedRelease.asked_at) < work.now - GIVEN_UP_AFTER)
        ),
    )
    connection = work.db.connection()
    connection.execute(over)
    row = insert(PreparedRelease).values(
        wave_id=wave_id,
        asked_at=work.now,
        asked_by=work.actor.id,
        state=PreparationState.WAITING,
        done=0,
        sentence="",
    )
    try:
        connection.execute(row)
    except IntegrityError as twice:
        raise ReleaseRefused(
            "already-asked",
            "この調査回の公表は、ほかの人がもう用意を始めています。画面を開き直して、進み具合を見てください。",
        ) from twice
    trail.record(work, AuditKind.RELEASE_ASKED, "wave", wave_id)


def tell_progress(work: Work, wave_id: str, percent: int) -> None:
    _change(work, wave_id, state=PreparationState.COUNTING, done=percent)


def keep_prepared(work: Work, wave_id: str, signed: SignedRelease) -> None:
    """The job's bytes, frozen until a second person decides."""
    _change(work, wave_id, state=PreparationState.READY, done=100, ready_at=work.now, bundle=signed.bundle)
    trail.record(
        work,
        AuditKind.RELEASE_PREPARED,
        "wave",
        wave_id,
        cells=len(signed.table.cells),
        sha256=sha256(signed.bundle).hexdigest(),
    )


def keep_refusal(work: Work, wave_id: str, code: str, sentence: str) -> None:
    """The job said no; the sentence waits for the person who asked."""
    _change(work, wave_id, state=PreparationState.REFUSED, sentence=sentence)
    trail.record(work, AuditKind.RELEASE_REFUSED, "wave", wave_id, code=code)


def send_back(work: Work, row: PreparedRelease) -> None:
    """Prepared bytes are thrown away unseen."""
    work.db.connection().execute(delete(PreparedRelease).where(col(PreparedRelease.wave_id) == row.wave_id))
    trail.record(
        work, AuditKind.RELEASE_SENT_BACK, "wave", row.wave_id, sha256=sha256(row.bundle or b"").hexdigest()
    )


def keep_release(work: Work, row: PreparedRelease, bundle: bytes, cells: int) -> str:
    """Store the prepared bytes as released; returns the release's id. ReleaseRefused when another was first."""
    release_id = new_id()
    made = insert(Release).values(
        id=release_id, wave_id=row.wave_id, made_at=work.now, made_by=work.actor.id, bundle=bundle
    )
    connection = work.db.connection()
    try:
        connection.execute(made)
    except IntegrityError as twice:
        raise ReleaseRefused(
            "already-released",
            "この調査回の数字は、ほかの人がいま公表しました。公表した数字は変えられません。",
        ) from twice
    connection.execute(delete(PreparedRelease).where(col(PreparedRelease.wave_id) == row.wave_id))
    trail.record(
        work,
        AuditKind.RELEASE_MADE,
        "wave",
        row.wave_id,
        cells=cells,
        sha256=sha256(bundle).hexdigest(),
        asked_by=row.asked_by,
    )
    return release_id


def _change(work: Work, wave_id: str, **values: object) -> None:
    changed = work.db.connection().execute(
        update(PreparedRelease)
        .where(
            col(PreparedRelease.wave_id) == wave_id,
            col(PreparedRelease.state).in_([PreparationState.WAITING, PreparationState.COUNTING]),
        )
        .values(**values)
    )
    if changed.rowcount != 1:
        raise ReleaseRefused("not-asked", "この調査回の公表は、だれも頼んでいません。")
