"""Answers of single children leave for the lab: without names, asked for by one person, let go by another, once."""

from datetime import timedelta
from hashlib import sha256

from sqlmodel import Session

from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.access.scope import Scope
from survey_api.kit import age
from survey_api.kit.problems import IllegalMove, NotAllowed
from survey_api.kit.work import Work
from survey_api.services.banks import queries as banks_queries
from survey_api.services.banks.ruby import plain
from survey_api.services.insights.individual import actions, queries
from survey_api.services.insights.individual.writing import BankColumns, lab_zip
from survey_api.services.waves import queries as waves_queries
from survey_api.vocabulary import WaveState

GOOD_FOR = timedelta(days=7)
"""A yes that was not used by then is none any more."""


def ask(work: Work, wave_id: str, purpose: str, recipient: str, key: str) -> str:
    """The first person, with the lab's public key. IllegalMove while the wave still runs."""
    require(work.actor, Permission.EXPORT_FOR_LAB)
    _whole_city(Scope.of(work.actor, Permission.EXPORT_FOR_LAB))
    if waves_queries.wave_by_id(work.db, wave_id).state != WaveState.CLOSED:
        raise IllegalMove("この調査回はまだ終わっていません。終わってから頼んでください。")
    return actions.ask(work, wave_id, purpose, recipient, key)


def decide(work: Work, wish_id: str, *, let_go: bool) -> None:
    """The second person, who is another one."""
    require(work.actor, Permission.APPROVE_LAB_FILE)
    row = queries.wish_by_id(work.db, Scope.of(work.actor, Permission.APPROVE_LAB_FILE), wish_id)
    if row.asked_by == work.actor.id:
        raise IllegalMove("頼んだ人とは別の人が確かめます。")
    actions.decide(work, row, let_go=let_go)


def take(work: Work, wish_id: str) -> bytes:
    """The file, sealed to the lab, for the person who asked, once, within a week of the second person's yes.

    Whoever carries it cannot open it, and neither can the house: only the lab's private key can.
    """
    require(work.actor, Permission.EXPORT_FOR_LAB)
    scope = Scope.of(work.actor, Permission.EXPORT_FOR_LAB)
    row = queries.wish_by_id(work.db, scope, wish_id)
    if row.asked_by != work.actor.id:
        raise NotAllowed
    if row.decided_at is None or work.now > row.decided_at + GOOD_FOR:
        raise IllegalMove("まだ認められていないか、認められてから7日を過ぎています。もう一度頼んでください。")
    if not row.recipient_key:
        raise IllegalMove("研究室の公開鍵がない依頼です。もう一度頼んでください。")
    packed, children = lab_zip(
        _columns(work.db, row.wave_id), queries.sheets(work.db, work.keys, scope, row.wave_id)
    )
    made = age.seal(row.recipient_key, packed)
    actions.note_taken(work, row, children=children, digest=sha256(made).hexdigest())
    return made


def _columns(db: Session, wave_id: str) -> list[BankColumns]:
    """The banks of this wave with the questions of all their published versions."""
    asked = {banks_queries.published(db, mark).bank.id for mark in waves_queries.banks_of(db, wave_id)}
    found = []
    for bank in sorted(asked):
        versions: dict[str, int] = {}
        items: dict[str, str] = {}
        for row in banks_queries.versions_of(db, bank):
            loaded = banks_queries.published(db, row.sha256)
            versions[row.sha256] = row.version
            words = loaded.words()["items"]
            items |= {
                item.id: plain(words[item.id]["ask"])
                for item in loaded.bank.items.values()
                if item.kind != "text"
            }
        found.append(BankColumns(bank, versions, items))
    return found


def _whole_city(scope: Scope) -> None:
    if scope.schools is not None:
        raise NotAllowed
