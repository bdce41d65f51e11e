"""Bundles that were released, opened and checked. What pages and files read; nothing here counts."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sqlmodel import Session, col, select

from survey_api.kit.crypto import Keyring
from survey_api.services.insights.bundle import Release, open_bundle
from survey_api.services.insights.keys import release_key
from survey_api.services.insights.refusal import ReleaseRefused
from survey_api.tables.releases import Release as ReleaseRow
from survey_api.tables.waves import Wave


@dataclass(frozen=True)
class ReleasedWave:
    """One wave with its release."""

    wave_id: str
    name: str
    opens_on: date
    closes_on: date
    release: Release


@dataclass(frozen=True)
class WaveStanding:
    """A wave as the release page lists it."""

    wave_id: str
    name: str
    opens_on: date
    closes_on: date
    state: str
    released: bool


def released_waves(db: Session, keys: Keyring) -> tuple[ReleasedWave, ...]:
    """Every released wave, oldest first. ReleaseRefused when a bundle was altered or has another key."""
    verifier = release_key(keys.keys.get("rounding"), keys.keys.get("release")).verifier
    rows = db.exec(
        select(ReleaseRow.bundle, Wave)
        .join(Wave, col(Wave.id) == col(ReleaseRow.wave_id))
        .order_by(col(Wave.opens_on), col(Wave.id))
    ).all()
    return tuple(
        ReleasedWave(wave.id, wave.name, wave.opens_on, wave.closes_on, _opened(bundle, wave.id, verifier))
        for bundle, wave in rows
    )


def standings(db: Session) -> tuple[WaveStanding, ...]:
    """All waves, newest first, and whether their numbers were released. No counts."""
    released = set(db.exec(select(ReleaseRow.wave_id)).all())
    waves = db.exec(select(Wave).order_by(col(Wave.opens_on).desc(), col(Wave.id))).all()
    return tuple(
        WaveStanding(wave.id, wave.name, wave.opens_on, wave.closes_on, wave.state, wave.id in released)
        for wave in waves
    )


def is_released(db: Session, wave_id: str) -> bool:
    return db.exec(select(ReleaseRow.id).where(ReleaseRow.wave_id == wave_id)).first() is not None


@lru_cache(maxsize=32)
def _opened(bundle: bytes, wave_id: str, verifier: bytes) -> Release:
    release = open_bundle(bundle, verifiers=[verifier])
    if release.table.wave != wave_id:
        raise ReleaseRefused(
            "release-tampered",
            "公表データが別の調査回のものと入れかわっています。表示を止めました。バックアップから戻してください。",
        )
    return release
