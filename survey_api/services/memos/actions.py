"""Cards are given out and taken back, memos come in, a person acts on them."""

import json
from datetime import date

from sqlmodel import col, delete, update

from survey_api.audit import trail
from survey_api.kit.clock import school_day
from survey_api.kit.crypto import seal
from survey_api.kit.ids import new_id
from survey_api.kit.problems import BadInput, NotFound, StaleForm
from survey_api.kit.work import Work
from survey_api.services.memos.queries import card_by_code, code_mac, inbox_key
from survey_api.services.memos.rules import LABEL_LENGTH, Memo, checked, new_code
from survey_api.tables.memos import MemoCard, NoticeMemo
from survey_api.vocabulary import AuditKind, Level, MemoState


def give_card(work: Work, label: str) -> str:
    """A card for a post; returns its number, which is shown once. BadInput without a label."""
    if not 1 <= len(label) <= LABEL_LENGTH:
        raise BadInput(f"渡す相手(役職・地区)を{LABEL_LENGTH}文字までで入れてください。")
    code, card_id = new_code(), new_id()
    work.db.add(
        MemoCard(
            id=card_id, label=label, mac=code_mac(work.keys, "card", code), active=True, made_at=work.now
        )
    )
    work.db.flush()
    trail.record(work, AuditKind.MEMO_CARD_SET, "memo_card", card_id, active=True)
    return code


def take_card_back(work: Work, card_id: str) -> None:
    """A card that was lost or given back opens nothing any more."""
    changed = work.db.connection().execute(
        update(MemoCard).where(col(MemoCard.id) == card_id).values(active=False)
    )
    if changed.rowcount != 1:
        raise NotFound
    trail.record(work, AuditKind.MEMO_CARD_SET, "memo_card", card_id, active=False)


def receive(work: Work, card_number: str, memo: Memo) -> tuple[str, str]:
    """Keep a memo; returns (its id, the receipt number for its sender). BadInput for a wrong card or field."""
    card = card_by_code(work.db, work.keys, card_number)
    if card is None:
        raise BadInput("札の番号がちがいます。市からもらった札を見て、もう一度入れてください。")
    kept = checked(memo)
    memo_id, receipt = new_id(), new_code()
    content = json.dumps(dict(kept.fields), ensure_ascii=False).encode()
    work.db.add(
        NoticeMemo(
            id=memo_id,
            card_id=card.id,
            school_id=kept.school_id,
            urgent=kept.urgent,
            state=MemoState.RECEIVED,
            received_on=school_day(work.now),
            received_at=work.now,
            receipt_mac=code_mac(work.keys, "receipt", receipt),
            sealed=seal(inbox_key(work.keys), content, f"memo|{memo_id}"),
        )
    )
    work.db.flush()
    trail.record(work, AuditKind.MEMO_RECEIVED, "memo", memo_id, urgent=kept.urgent)
    return memo_id, receipt


def act(work: Work, memo_id: str, case_id: str | None) -> None:
    """A person did something about it: it belongs to a case, or was settled without one. Once."""
    changed = work.db.connection().execute(
        update(NoticeMemo)
        .where(col(NoticeMemo.id) == memo_id, col(NoticeMemo.state) == MemoState.RECEIVED)
        .values(state=MemoState.ACTED, case_id=case_id)
    )
    if changed.rowcount != 1:
        raise StaleForm("このメモには、もうだれかが対応しました。")
    trail.record(work, AuditKind.MEMO_ACTED, "memo", memo_id, case_id=case_id)


def set_level(work: Work, memo_id: str, level: Level) -> None:
    """Which role an urgent memo waits for from now on."""
    work.db.connection().execute(update(NoticeMemo).where(col(NoticeMemo.id) == memo_id).values(level=level))


def drop_settled(work: Work, day: date) -> int:
    """Memos received on that day or before that somebody has acted on and that belong to no case; how many."""
    return (
        work.db.connection()
        .execute(
            delete(NoticeMemo).where(
                col(NoticeMemo.received_on) <= day,
                col(NoticeMemo.state) == MemoState.ACTED,
                col(NoticeMemo.case_id).is_(None),
            )
        )
        .rowcount
    )
