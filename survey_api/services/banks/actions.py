"""Freeze a bank version."""

import json

from survey_api.audit import trail
from survey_api.kit.work import Work
from survey_api.services.banks.library import LoadedBank, canonical
from survey_api.services.banks.phrases import phrases_of
from survey_api.tables.instruments import BankVersion
from survey_api.vocabulary import AuditKind


def publish(work: Work, loaded: LoadedBank) -> None:
    """Store the whole content under its hash; it can never change afterwards."""
    work.db.add(
        BankVersion(
            sha256=loaded.sha256,
            bank=loaded.bank.id,
            version=loaded.bank.version,
            content=canonical(loaded.content).decode(),
            phrases=json.dumps(phrases_of(loaded.texts["ja"]), ensure_ascii=False),
            published_at=work.now,
        )
    )
    work.db.flush()
    trail.record(
        work,
        AuditKind.BANK_PUBLISHED,
        "bank",
        loaded.sha256,
        bank=loaded.bank.id,
        version=loaded.bank.version,
    )
