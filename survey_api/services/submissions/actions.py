"""Keep a draft, keep an answer sheet. A child's own steps leave no trail line: their order would be readable."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, update
from sqlmodel import col, select

from survey_api.access import sealing
from survey_api.access.tablet_seal import new_key_pair, rewrapped
from survey_api.audit import trail
from survey_api.kit.actor import ActorKind
from survey_api.kit.clock import school_day
from survey_api.kit.db import table_of
from survey_api.kit.ids import new_id
from survey_api.kit.problems import IllegalMove
from survey_api.kit.work import Work
from survey_api.services.submissions.queries import OpenTicket, ticket_by_id
from survey_api.services.submissions.rules import Intake
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
    """Keyed digest of what was answered, for this ticket."""
    return work.keys.mac("receipts", ticket.id, intake.content()).hex()[:32]


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


def close(work: Work, ticket: OpenTicket, intake: Intake) -> str:
    """Seal and keep the answers, spend the ticket, drop the draft; returns the submission's id."""
    submission_id = new_id()
    content = {"answers": intake.answers, "seconds": intake.seconds}
    sealed = sealing.seal_for_child(work.db, work.keys, ticket, f"submission|{submission_id}", content)
    receipt = receipt_for(work, ticket, intake)
    _keep(work, ticket, submission_id, intake.client_id, receipt, SubmissionState.CLOSED, sealed)
    return submission_id


def decline(work: Work, ticket: OpenTicket) -> None:
    """Keep only that this child declined: no answer row of any kind."""
    _keep(work, ticket, new_id(), "declined", "declined", SubmissionState.DECLINED, None)


def keep_late(work: Work, ticket: OpenTicket, intake: Intake) -> str | None:
    """Keep a finished sheet that came after its wave, sealed and unread; its id, or None when it is here already."""
    if work.db.exec(select(LateSheet.id).where(LateSheet.ticket_id == ticket.id)).first() is not None:
        return None
    sheet_id = new_id()
    content = {"answers": intake.answers, "seconds": intake.seconds}
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
