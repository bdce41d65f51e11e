"""Published banks. A published version never changes, so an opened one is kept for the life of the process."""

import json
from collections.abc import Sequence
from dataclasses import replace

from sqlmodel import Session, col, select

from survey_api.kit.problems import NotFound
from survey_api.services.banks.library import LoadedBank, bank_from_content
from survey_api.tables.instruments import BankVersion

_OPENED: dict[str, LoadedBank] = {}


def published(db: Session, sha256: str) -> LoadedBank:
    """The bank of this hash, opened and ready to ask and score."""
    if sha256 not in _OPENED:
        row = db.get(BankVersion, sha256)
        if row is None:
            raise NotFound
        places = {sentence: tuple(found) for sentence, found in json.loads(row.phrases).items()}
        _OPENED[sha256] = replace(bank_from_content(json.loads(row.content)), phrases=places)
    return _OPENED[sha256]


def versions_of(db: Session, bank: str) -> Sequence[BankVersion]:
    """Every published version of one bank, oldest first."""
    rows = db.exec(select(BankVersion).where(BankVersion.bank == bank).order_by(col(BankVersion.version)))
    return rows.all()


def newest_versions(db: Session) -> Sequence[BankVersion]:
    """The newest published version of every bank, in order of their name."""
    rows = db.exec(select(BankVersion).order_by(col(BankVersion.bank), col(BankVersion.version))).all()
    return list({row.bank: row for row in rows}.values())
