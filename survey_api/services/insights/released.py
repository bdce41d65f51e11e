"""Bundles that were released, opened and checked. What pages and files read; nothing here counts."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256

from sqlmodel import Session, col, select

from survey_api.kit.crypto import Keyring
from survey_api.services.insights.bundle import Release, open_bundle
from survey_api.services.insights.keys import release_keys
from survey_api.services.insights.plan import ReleasePlan, plan_from
from survey_api.services.insights.refusal import ReleaseRefused
from survey_api.tables.releases import PreparedRelease
from survey_api.tables.releases import Release as ReleaseRow
from survey_api.tables.waves import Wave
from survey_api.vocabulary import PreparationState


@dataclass(frozen=True)
class ReleasedWave:
    """One wave with its release."""

    wave_id: str
    name: str
    opens_on: date
    closes_on: date
    release: Release


@dataclass(frozen=True)
class Preparation:
    """A release on its way, without one number of it."""

    asked_by: str
    asked_at: datetime
    state: PreparationState
    done: int
    sentence: str
    sha256: str


@dataclass(frozen=True)
class WaveStanding:
    """A wave as the release page lists it."""

    wave_id: str
    name: str
    opens_on: date
    closes_on: date
    state: str
    released: bool
    prepared: Preparation | None


def released_waves(db: Session, keys: Keyring) -> tuple[ReleasedWave, ...]:
    """Every released wave, oldest first. ReleaseRefused when a bundle was altered or has another key."""
    verifiers = _verifiers(keys)
    rows = db.exec(
        select(ReleaseRow.bundle, Wave)
        .join(Wave, col(Wave.id) == col(ReleaseRow.wave_id))
        .order_by(col(Wave.opens_on), col(Wave.id))
    ).all()
    return tuple(
        ReleasedWave(wave.id, wave.name, wave.opens_on, wave.closes_on, _opened(bundle, wave.id, verifiers))
        for bundle, wave in rows
    )


@dataclass(frozen=True)
class PublicPlan:
    """Which groups will be counted in a wave: known to everybody from the day it opens."""

    wave_id: str
    name: str
    opens_on: date
    plan: ReleasePlan


def plans(db: Session) -> tuple[PublicPlan, ...]:
    """The plans of all waves that have begun, newest first. Roster counts of blocks, never an answer."""
    rows = db.exec(select(Wave).order_by(col(Wave.opens_on).desc(), col(Wave.id))).all()
    return tuple(
        PublicPlan(row.id, row.name, row.opens_on, plan_from(document))
        for row in rows
        if (document := json.loads(row.plan))
    )


def standings(db: Session) -> tuple[WaveStanding, ...]:
    """All waves, newest first: released, on the way, or neither. No counts."""
    released = set(db.exec(select(ReleaseRow.wave_id)).all())
    on_the_way = {row.wave_id: _preparation(row) for row in db.exec(select(PreparedRelease)).all()}
    waves = db.exec(select(Wave).order_by(col(Wave.opens_on).desc(), col(Wave.id))).all()
    return tuple(
        WaveStanding(
            wave.id,
            wave.name,
            wave.opens_on,
            wave.closes_on,
            wave.state,
            wave.id in released,
            on_the_way.get(wave.id),
        )
        for wave in waves
    )


def prepared_of(db: Session, wave_id: str) -> PreparedRelease | None:
    """Whatever is on its way for this wave, in any state."""
    return db.get(PreparedRelease, wave_id)


def prepared(db: Session, wave_id: str) -> PreparedRelease:
    """The release that waits for its second person; ReleaseRefused when there is none."""
    row = db.get(PreparedRelease, wave_id)
    if row is None or row.state != PreparationState.READY:
        raise ReleaseRefused(
            "not-ready", "公表できる数字がまだ用意できていません。画面を開き直して、進み具合を見てください。"
        )
    return row


def open_prepared(row: PreparedRelease, keys: Keyring) -> tuple[bytes, Release]:
    """The prepared bytes and what they hold, checked against the key of today."""
    bundle = row.bundle or b""
    verifiers = _verifiers(keys)
    return bundle, _opened(bundle, row.wave_id, verifiers)


def released_since(db: Session, row: PreparedRelease) -> bool:
    """Whether another wave left after these bytes were made."""
    later = select(ReleaseRow.id).where(col(ReleaseRow.made_at) >= row.ready_at)
    return db.exec(later).first() is not None


def is_released(db: Session, wave_id: str) -> bool:
    return db.exec(select(ReleaseRow.id).where(ReleaseRow.wave_id == wave_id)).first() is not None


def _preparation(row: PreparedRelease) -> Preparation:
    return Preparation(
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        state=PreparationState(row.state),
        done=row.done,
        sentence=row.sentence,
        sha256=sha256(row.bundle).hexdigest() if row.bundle else "",
    )


def _verifiers(keys: Keyring) -> tuple[bytes, ...]:
    return tuple(key.verifier for key in release_keys(keys))


@lru_cache(maxsize=32)
def _opened(bundle: bytes, wave_id: str, verifiers: tuple[bytes, ...]) -> Release:
    release = open_bundle(bundle, verifiers=verifiers)
    if release.table.wave != wave_id:
        raise ReleaseRefused(
            "release-tampered",
            "公表データが別の調査回のものと入れかわっています。表示を止めました。バックアップから戻してください。",
        )
    return release
