"""Keep a draft, keep an answer sheet. A child's own steps leave no trail line: their order would be readable."""

import secrets
from collections.abc import Collection, Mapping
from typing import Any, Protocol

from sqlalchemy import bindparam, delete, func, insert, update
from sqlmodel import col, select

from survey_api.access import school_locks, sealing
from survey_api.access.tablet_seal import new_key_pair, rewrapped
from survey_api.audit import trail
from survey_api.kit.actor import ActorKind
from survey_api.kit.clock import school_day
from survey_api.kit.crypto import token_hash
from survey_api.kit.db import table_of
from survey_api.kit.ids import new_id
from survey_api.kit.problems import Erased, IllegalMove
from survey_api.kit.work import Work
from survey_api.services.submissions.queries import OpenTicket, ticket_by_id, words_place
from survey_api.services.submissions.rules import CLOSED, RESERVED, AnswerValue, Intake
from survey_api.tables.submissions import Draft, LateSheet, Submission
from survey_api.tables.waves import Ticket, WaveKey
from survey_api.vocabulary import AuditKind, LateState, SubmissionState, TicketState

# Built once: on the path of a whole school pressing at one bell, building statements cost more than SQLite.
_DRAFTS, _SUBMISSIONS, _TICKETS = table_of(Draft), table_of(Submission), table_of(Ticket)
_LATE = table_of(LateSheet)
_ADD_DRAFT = insert(_DRAFTS)
_CHANGE_DRAFT = (
    update(_DRAFTS)
    .where(_DRAFTS.c.ticket_id == bindparam("this"))
    .values(sealed=bindparam("sealed"), day=bindparam("day"))
)
_DROP_DRAFT = delete(_DRAFTS).where(_DRAFTS.c.ticket_id == bindparam("this"))
_ADD_SUBMISSION = insert(_SUBMISSIONS)
_SET_TICKET = update(_TICKETS).where(_TICKETS.c.id == bindparam("this")).values(state=bindparam("state"))


def receipt_for(work: Work, ticket: OpenTicket, intake: Intake) -> str:
    """Keyed digest of what was answered, for this ticket.

    Where words are closed to the school's key, the tablet's own number goes into it: of that only a hash is kept, so
    that nobody who has the server's keys can try out what a child may have written.
    """
    if school_locks.public_of(work.db, ticket.school_id) is None:
        return work.keys.mac("receipts", ticket.id, intake.content()).hex()[:32]
    return work.keys.mac("receipts", ticket.id, intake.client_id, intake.content()).hex()[:32]


def mark_opened(work: Work, ticket: OpenTicket) -> None:
    _set_ticket(work, ticket, TicketState.OPENED)


def add_wave_key(work: Work, wave_id: str) -> None:
    """A fresh key pair for tablets of this wave: from now on it is the one given out; older ones still open."""
    number = work.db.exec(select(func.count()).where(col(WaveKey.wave_id) == wave_id)).one()
    pair = new_key_pair(work.keys)
    work.db.add(
        WaveKey(
            id=pair.id,
            wave_id=wave_id,
            number=number + 1,
            public=pair.public,
            sealed_private=pair.sealed_private,
        )
    )
    work.db.flush()
    if work.actor.kind is not ActorKind.STUDENT:  # the first ticket of a wave makes its first key
        trail.record(work, AuditKind.WAVE_KEY_RENEWED, "wave", wave_id, number=number + 1)


def rewrap_wave_keys(work: Work) -> int:
    """Put every private key of a wave under the newest wrapping key; returns how many were not. Part of a
    rotation, which has its line."""
    count = 0
    for row in work.db.exec(select(WaveKey)).all():
        fresh = rewrapped(work.keys, row.id, row.sealed_private)
        if fresh is not None:
            row.sealed_private = fresh
            work.db.add(row)
            count += 1
    work.db.flush()
    return count


def save_draft(work: Work, ticket: OpenTicket, draft: dict[str, Any]) -> None:
    """Replace the draft of this ticket."""
    sealed = sealing.seal_for_child(work.db, work.keys, ticket, f"draft|{ticket.id}", draft)
    day = school_day(work.now)
    values = {"this": ticket.id, "sealed": sealed, "day": day}
    changed = work.db.connection().execute(_CHANGE_DRAFT, values)
    if changed.rowcount == 0:
        work.db.connection().execute(_ADD_DRAFT, {"ticket_id": ticket.id, "sealed": sealed, "day": day})


def discard_draft(work: Work, ticket: OpenTicket) -> None:
    work.db.connection().execute(_DROP_DRAFT, {"this": ticket.id})


def close(work: Work, ticket: OpenTicket, intake: Intake, words: Mapping[str, AnswerValue]) -> str:
    """Seal and keep the answers, spend the ticket, drop the draft; returns the submission's id.

    `words`: what the child wrote itself; for a school with a lock they go into a box to its own key.
    """
    submission_id, client_id = new_id(), intake.client_id
    content = _content(work, ticket, submission_id, intake, words)
    if "words" in content:
        client_id = token_hash(client_id)[:32]
    sealed = sealing.seal_for_child(work.db, work.keys, ticket, f"submission|{submission_id}", content)
    receipt = receipt_for(work, ticket, intake)
    _keep(work, ticket, submission_id, client_id, receipt, SubmissionState.CLOSED, sealed)
    return submission_id


def _content(
    work: Work, child: sealing.OfChild, row_id: str, intake: Intake, words: Mapping[str, AnswerValue]
) -> dict[str, Any]:
    """What is sealed of a go. With a lock there is a box also where nothing was written: it must not tell."""
    content: dict[str, Any] = {"answers": intake.answers, "seconds": intake.seconds}
    if intake.supported is not None:
        content["supported"] = int(intake.supported)  # one letter either way
    closed = sealing.close_words(work.db, child.school_id, words_place(child, row_id), dict(words))
    if closed is not None:
        content["answers"] = {**intake.answers, **dict.fromkeys(words, CLOSED)}
        content["words"] = closed
    return content


def seal_anew(
    work: Work, school_id: str, public: bytes, texts: Mapping[str, frozenset[str]], limit: int
) -> int:
    """Put children's words of a school under this key of its own, at most `limit` sheets; returns how many.

    `texts`: bank → its items that are written. Part of locking a school, which has its line.
    """
    done = 0
    for row in work.db.exec(
        select(Submission).where(Submission.school_id == school_id, col(Submission.sealed).is_not(None))
    ).all():
        if done == limit:
            break
        written = texts.get(row.bank_sha256, frozenset())
        fresh = _sealed_anew(work, row, f"submission|{row.id}", row.sealed or b"", public, written)
        if fresh is None:
            continue
        was_open, row.sealed = fresh
        if was_open:  # a receipt made before would let somebody try out words
            row.client_id, row.receipt = token_hash(row.client_id)[:32], secrets.token_hex(16)
        work.db.add(row)
        done += 1
    for late in work.db.exec(
        select(LateSheet).where(LateSheet.school_id == school_id, col(LateSheet.sealed).is_not(None))
    ).all():
        if done == limit:
            break
        written = frozenset().union(*texts.values())
        fresh = _sealed_anew(work, late, f"late|{late.id}", late.sealed or b"", public, written)
        if fresh is not None:
            late.sealed = fresh[1]
            work.db.add(late)
            done += 1
    work.db.flush()
    return done


class _Row(sealing.OfChild, Protocol):
    @property
    def id(self) -> str: ...


def _sealed_anew(
    work: Work, row: _Row, place: str, sealed: bytes, public: bytes, written: frozenset[str]
) -> tuple[bool, bytes] | None:
    """(whether the words were open to the server, the row sealed anew); None when there is nothing to do."""
    try:
        content = sealing.open_for_child(work.db, work.keys, row, place, sealed)
    except Erased:
        return None
    closed = content.get("words")
    if sealing.is_current(public, closed):
        return None
    if closed is not None and sealing.is_lost(work.db, row.school_id, closed):
        return None
    if closed is not None:
        words = sealing.open_words(work.opened, row.school_id, words_place(row, row.id), closed)
    else:
        answers = content["answers"]
        words = {
            item: value
            for item, value in answers.items()
            if item in written and value and value not in RESERVED
        }
        content["answers"] = {**answers, **dict.fromkeys(words, CLOSED)}
    content["words"] = sealing.close_words(work.db, row.school_id, words_place(row, row.id), words)
    return closed is None, sealing.seal_for_child(work.db, work.keys, row, place, content)


def decline(work: Work, ticket: OpenTicket) -> None:
    """Keep only that this child declined: no answer row of any kind."""
    _keep(work, ticket, new_id(), "declined", "declined", SubmissionState.DECLINED, None)


def keep_late(work: Work, ticket: OpenTicket, intake: Intake, words: Mapping[str, AnswerValue]) -> str | None:
    """Keep a finished sheet that came after its end, sealed and unread; its id, or None when it is here already."""
    if work.db.exec(select(LateSheet.id).where(LateSheet.ticket_id == ticket.id)).first() is not None:
        return None
    sheet_id = new_id()
    content = _content(work, ticket, sheet_id, intake, words)
    work.db.add(
        LateSheet(
            id=sheet_id,
            ticket_id=ticket.id,
            wave_id=ticket.wave_id,
            school_id=ticket.school_id,
            pseudonym=ticket.pseudonym,
            sealed=sealing.seal_for_child(work.db, work.keys, ticket, f"late|{sheet_id}", content),
            day=school_day(work.now),
            state=LateState.WAITING,
        )
    )
    work.db.flush()
    return sheet_id


def decide_late(work: Work, sheet: LateSheet, state: LateState) -> None:
    """A person has decided: read like the others (its answers are the submission's now), or left as it is."""
    if sheet.state != LateState.WAITING:
        raise IllegalMove("この回答については、もう決まっています。")
    sheet.state = state
    if state is LateState.READ:
        sheet.sealed = None
    work.db.add(sheet)
    work.db.flush()
    kind = AuditKind.LATE_READ if state is LateState.READ else AuditKind.LATE_LEFT
    trail.record(work, kind, "late_sheet", sheet.id, wave_id=sheet.wave_id)


def erase(work: Work, pseudonym: str, wave_id: str) -> int:
    """Empty a pupil's answers and draft of a wave for ever; returns how many sheets were emptied."""
    connection = work.db.connection()
    mine = select(Ticket.id).where(Ticket.pseudonym == pseudonym, Ticket.wave_id == wave_id)
    connection.execute(delete(_DRAFTS).where(_DRAFTS.c.ticket_id.in_(mine)))
    late = connection.execute(
        update(_LATE)
        .where(_LATE.c.ticket_id.in_(mine), _LATE.c.sealed.is_not(None))
        .values(sealed=None, state=LateState.LEFT)
    ).rowcount
    return (
        late
        + connection.execute(
            update(_SUBMISSIONS)
            .where(
                _SUBMISSIONS.c.pseudonym == pseudonym,
                _SUBMISSIONS.c.wave_id == wave_id,
                _SUBMISSIONS.c.state == SubmissionState.CLOSED,
            )
            .values(state=SubmissionState.WITHDRAWN, sealed=None, client_id="withdrawn", receipt="withdrawn")
        ).rowcount
    )


def close_ticket(work: Work, pseudonym: str, wave_id: str) -> None:
    """A pupil who is not to answer: the ticket leads to the same quiet page as that of a child who declined."""
    for ticket_id in work.db.exec(
        select(Ticket.id).where(
            Ticket.pseudonym == pseudonym,
            Ticket.wave_id == wave_id,
            col(Ticket.state).in_([TicketState.UNUSED, TicketState.OPENED]),
        )
    ).all():
        ticket = ticket_by_id(work.db, ticket_id)
        if ticket is not None:
            decline(work, ticket)


def drop_drafts(work: Work, wave_id: str, schools: Collection[str] = (), pupils: Collection[str] = ()) -> int:
    """Delete what was begun and never sent in a wave, and late sheets that a person left unread, but not of these
    schools and pupils; returns how many. A late sheet about which nobody has decided stays.
    """
    connection = work.db.connection()
    asked = select(Ticket.id).where(
        Ticket.wave_id == wave_id,
        col(Ticket.school_id).not_in(schools),
        col(Ticket.pseudonym).not_in(pupils),
    )
    left = connection.execute(
        update(_LATE)
        .where(_LATE.c.ticket_id.in_(asked), _LATE.c.state == LateState.LEFT, _LATE.c.sealed.is_not(None))
        .values(sealed=None)
    ).rowcount
    return left + connection.execute(delete(_DRAFTS).where(_DRAFTS.c.ticket_id.in_(asked))).rowcount


def _keep(
    work: Work,
    ticket: OpenTicket,
    submission_id: str,
    client_id: str,
    receipt: str,
    state: SubmissionState,
    sealed: bytes | None,
) -> None:
    work.db.connection().execute(
        _ADD_SUBMISSION,
        {
            "id": submission_id,
            "ticket_id": ticket.id,
            "client_id": client_id,
            "receipt": receipt,
            "wave_id": ticket.wave_id,
            "school_id": ticket.school_id,
            "pseudonym": ticket.pseudonym,
            "bank_sha256": ticket.bank_sha256,
            "state": state,
            "sealed": sealed,
            "day": school_day(work.now),
        },
    )
    _set_ticket(work, ticket, TicketState.SPENT)
    discard_draft(work, ticket)


def _set_ticket(work: Work, ticket: OpenTicket, state: TicketState) -> None:
    work.db.connection().execute(_SET_TICKET, {"this": ticket.id, "state": state})
