"""Memos in the inbox of the actor's own schools, and those whose school nobody knows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from survey_api.access.scope import Scope
from survey_api.kit.crypto import Keyring, open_sealed
from survey_api.kit.problems import NotFound
from survey_api.services.memos.rules import Memo, typed
from survey_api.tables.memos import MemoCard, NoticeMemo
from survey_api.vocabulary import Level, MemoState


@dataclass(frozen=True)
class OpenMemo:
    """One memo, opened, with the post that sent it."""

    id: str
    sender: str
    state: MemoState
    received_on: date
    case_id: str | None
    level: Level
    memo: Memo


def inbox_key(keys: Keyring) -> bytes:
    """The key of the city inbox: a memo may belong to no school yet."""
    return keys.mac("lookup", "memo-inbox")


def code_mac(keys: Keyring, purpose: str, text: str) -> str:
    """How a number of a card or receipt is stored."""
    return _code_macs(keys, purpose, text)[0]


def _code_macs(keys: Keyring, purpose: str, text: str) -> list[str]:
    """How it may be stored: under this key, or under one of those before it."""
    return [mac.hex() for mac in keys.macs("tickets", f"memo-{purpose}", typed(text))]


def card_by_code(db: Session, keys: Keyring, text: str) -> MemoCard | None:
    """The card with this number, while it is in use."""
    card = db.exec(select(MemoCard).where(col(MemoCard.mac).in_(_code_macs(keys, "card", text)))).first()
    return card if card is not None and card.active else None


def state_by_receipt(db: Session, keys: Keyring, text: str) -> MemoState | None:
    """What the sender of a memo may know of it."""
    macs = _code_macs(keys, "receipt", text)
    state = db.exec(select(NoticeMemo.state).where(col(NoticeMemo.receipt_mac).in_(macs))).first()
    return MemoState(state) if state else None


def cards(db: Session) -> Sequence[MemoCard]:
    """Every card, without its number."""
    return db.exec(select(MemoCard).order_by(col(MemoCard.label))).all()


def inbox(db: Session, keys: Keyring, scope: Scope) -> list[OpenMemo]:
    """Open memos first, the urgent ones above, then the newest; those of other schools are not there."""
    rows = db.exec(
        select(NoticeMemo, MemoCard.label)
        .join(MemoCard, col(MemoCard.id) == col(NoticeMemo.card_id))
        .order_by(
            col(NoticeMemo.state).desc(), col(NoticeMemo.urgent).desc(), col(NoticeMemo.received_on).desc()
        )
    ).all()
    return [_opened(keys, row, label) for row, label in rows if _in_reach(scope, row)]


@dataclass(frozen=True)
class UrgentMemo:
    """One that cannot wait and that nobody has acted on, as the clocks see it: none of its words."""

    id: str
    school_id: str | None
    received_on: date
    received_at: datetime | None
    level: Level


def urgent_waiting(db: Session, scope: Scope) -> list[UrgentMemo]:
    """Urgent memos in reach that wait for somebody, oldest first."""
    asked = select(NoticeMemo).where(
        col(NoticeMemo.urgent).is_(True), col(NoticeMemo.state) == MemoState.RECEIVED
    )
    return [
        UrgentMemo(row.id, row.school_id, row.received_on, row.received_at, Level(row.level))
        for row in db.exec(asked.order_by(col(NoticeMemo.received_on), col(NoticeMemo.id))).all()
        if _in_reach(scope, row)
    ]


def memo_by_id(db: Session, keys: Keyring, scope: Scope, memo_id: str) -> OpenMemo:
    """One memo; NotFound when it belongs to another school."""
    row = db.get(NoticeMemo, memo_id)
    if row is None or not _in_reach(scope, row):
        raise NotFound
    card = db.get(MemoCard, row.card_id)
    return _opened(keys, row, card.label if card else "")


def _in_reach(scope: Scope, row: NoticeMemo) -> bool:
    return row.school_id is None or scope.covers(row.school_id)


def _opened(keys: Keyring, row: NoticeMemo, label: str) -> OpenMemo:
    fields = json.loads(open_sealed(inbox_key(keys), row.sealed, f"memo|{row.id}"))
    memo = Memo(fields, row.urgent, row.school_id)
    return OpenMemo(row.id, label, MemoState(row.state), row.received_on, row.case_id, Level(row.level), memo)
