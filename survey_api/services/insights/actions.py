"""Keep a release. Append-only: a wave is released once, and what was released never changes."""

from hashlib import sha256

from sqlalchemy.exc import IntegrityError
from sqlmodel import insert

from survey_api.audit import trail
from survey_api.kit.ids import new_id
from survey_api.kit.work import Work
from survey_api.services.insights.refusal import ReleaseRefused
from survey_api.services.insights.report import SignedRelease
from survey_api.tables.releases import Release
from survey_api.vocabulary import AuditKind


def keep_release(work: Work, wave_id: str, signed: SignedRelease) -> str:
    """Store the bundle and its trail line; returns the release's id. ReleaseRefused when another was first."""
    release_id = new_id()
    row = insert(Release).values(
        id=release_id, wave_id=wave_id, made_at=work.now, made_by=work.actor.id, bundle=signed.bundle
    )
    try:
        work.db.connection().execute(row)
    except IntegrityError as twice:
        raise ReleaseRefused(
            "already-released",
            "この調査回の数字は、ほかの人がいま公表しました。公表した数字は変えられません。",
        ) from twice
    trail.record(
        work,
        AuditKind.RELEASE_MADE,
        "wave",
        wave_id,
        cells=len(signed.table.cells),
        sha256=sha256(signed.bundle).hexdigest(),
    )
    return release_id
