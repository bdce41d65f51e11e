"""Tickets, drafts and submissions, seen from one child's go."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from survey_api.access import sealing
from survey_api.access.scope import Scope
from survey_api.access.tablet_seal import KeyPair
from survey_api.access.tickets import code_fits, code_selectors, qr_macs
from survey_api.kit.clock import school_day
from survey_api.kit.crypto import Keyring
from survey_api.kit.opened import Opened
from survey_api.kit.problems import NotFound, SealBroken, TicketRevoked, TicketSpent, WaveClosed, WaveNotOpen
from survey_api.services.submissions.rules import Answers, in_grace, takes_answers
from survey_api.tables.schools import School, Student
from survey_api.tables.submissions import Draft, LateSheet, Submission
from survey_api.tables.waves import Ticket, Wave, WaveKey
from survey_api.vocabulary import LateState, TicketState, WaveState


@dataclass(frozen=True)
class OpenTicket:
    """A ticket with what its go needs to know."""

    id: str
    wave_id: str
    school_id: str
    pseudonym: str
    bank_sha256: str
    state: str
    wave_state: str
    opens_on: date
    closes_on: date
    draft_languages: str
    closed_at: datetime | None

    def require_usable(self, now: datetime) -> None:
        """TicketRevoked, or WaveClosed after and WaveNotOpen before the time in which its wave takes answers."""
        if self.state == TicketState.REVOKED:
            raise TicketRevoked
        today = school_day(now)
        is_open = self.wave_state == WaveState.OPEN
        if takes_answers(is_open, self.opens_on, self.closes_on, today):
            return
        begun = self.state != TicketState.UNUSED
        if begun and in_grace(is_open, self.closed_at, self.opens_on, self.closes_on, now):
            return
        raise WaveNotOpen if today < self.opens_on else WaveClosed

    def is_usable(self, now: datetime) -> bool:
        try:
            self.require_usable(now)
        except (TicketRevoked, WaveNotOpen):
            return False
        return True

    def require_answerable(self, now: datetime) -> None:
        """Usable, and its go not over: TicketSpent when it was sent or declined."""
        self.require_usable(now)
        if self.state == TicketState.SPENT:
            raise TicketSpent

    def is_late(self, now: datetime) -> bool:
        """Whether a finished sheet comes too late to be read unasked: after its wave, or after its pupil has left the
        roster. WaveNotOpen when it was never begun or its wave has yet to open."""
        if self.state == TicketState.UNUSED:
            raise WaveNotOpen
        try:
            self.require_usable(now)
        except (WaveClosed, TicketRevoked):
            return True
        return False


def parts_of(db: Session, scope: Scope, pseudonym: str) -> list[tuple[str, str]]:
    """(wave, school) of everything one pupil was ever asked, in the actor's schools."""
    rows = db.exec(select(Ticket.wave_id, Ticket.school_id).where(Ticket.pseudonym == pseudonym).distinct())
    return [(wave_id, school_id) for wave_id, school_id in rows.all() if scope.covers(school_id)]


_TICKET = select(  # type: ignore[call-overload]
    Ticket.id,
    Ticket.wave_id,
    Ticket.school_id,
    Ticket.pseudonym,
    Ticket.bank_sha256,
    Ticket.state,
    Wave.state,
    Wave.opens_on,
    Wave.closes_on,
    Wave.draft_languages,
    Wave.closed_at,
).join(Wave, Wave.id == Ticket.wave_id)

_TICKET_BY_ID = _TICKET.where(Ticket.id == bindparam("this"))
_HELD_TICKET = _TICKET_BY_ID.with_for_update(of=Ticket, key_share=True)


def ticket_by_id(db: Session, ticket_id: str) -> OpenTicket | None:
    row = db.connection().execute(_TICKET_BY_ID, {"this": ticket_id}).first()
    return OpenTicket(*row) if row else None


def held_ticket(db: Session, ticket_id: str) -> OpenTicket | None:
    """The ticket, for whoever is about to change its go: until the commit no other worker reads what is changed here.

    A page that is left and the page that follows it send at the same moment. SQLite has one writer at a time anyway.
    """
    row = db.connection().execute(_HELD_TICKET, {"this": ticket_id}).first()
    return OpenTicket(*row) if row else None


def ticket_by_secret(db: Session, keys: Keyring, secret: str) -> OpenTicket | None:
    """The ticket of a QR code."""
    row = db.exec(_TICKET.where(col(Ticket.qr_mac).in_(qr_macs(keys, secret)))).first()
    return OpenTicket(*row) if row else None


def ticket_by_code(db: Session, keys: Keyring, code: str) -> OpenTicket | None:
    """The ticket of a typed code of 12 digits. A handful of slow hashes at most."""
    for number, selector in enumerate(code_selectors(keys, code)):
        candidates = db.exec(
            select(Ticket.id, Ticket.wave_id, Ticket.code_hash).where(Ticket.code_selector == selector)
        ).all()
        for ticket_id, wave_id, stored in candidates:
            if code_fits(keys, wave_id, code, stored, number):
                return ticket_by_id(db, ticket_id)
    return None


def draft_of(db: Session, keys: Keyring, ticket: OpenTicket) -> dict[str, Any]:
    """The saved draft, empty when there is none."""
    draft = db.get(Draft, ticket.id, populate_existing=True)
    if draft is None:
        return {}
    opened = sealing.open_for_child(db, keys, ticket, f"draft|{ticket.id}", draft.sealed)
    return dict(opened)


def wave_key(db: Session, wave_id: str) -> KeyPair | None:
    """The key pair that tablets of this wave seal to now."""
    row = db.exec(
        select(WaveKey).where(WaveKey.wave_id == wave_id).order_by(col(WaveKey.number).desc()).limit(1)
    ).first()
    return KeyPair(row.id, row.public, row.sealed_private) if row else None


def wave_key_by_id(db: Session, key_id: str) -> KeyPair:
    """A key pair that something was sealed to. SealBroken when it is not there any more."""
    row = db.get(WaveKey, key_id)
    if row is None:
        raise SealBroken
    return KeyPair(row.id, row.public, row.sealed_private)


@dataclass(frozen=True)
class Kept:
    """What is kept of a go that ended."""

    id: str
    client_id: str
    receipt: str
    state: str


def kept_of_ticket(db: Session, ticket_id: str) -> Kept | None:
    row = db.exec(
        select(Submission.id, Submission.client_id, Submission.receipt, Submission.state).where(
            Submission.ticket_id == ticket_id
        )
    ).first()
    return Kept(*row) if row else None


def sealed_answers(db: Session, keys: Keyring, submission: Submission) -> dict[str, Any]:
    """Open one submission: {"answers": …, "seconds": …}, and "words" where they are closed to the school."""
    if submission.sealed is None:
        return {"answers": {}, "seconds": {}}
    place = f"submission|{submission.id}"
    return dict(sealing.open_for_child(db, keys, submission, place, submission.sealed))


def answers_by_ids(
    db: Session,
    keys: Keyring,
    scope: Scope,
    submission_ids: Iterable[str],
    opened: Opened | None = None,
) -> dict[str, Answers]:
    """The answers of several submissions of the actor's schools, by submission.

    What a child wrote itself is among them as far as `opened` opens it; else it says only that something was written.
    """
    found = db.exec(select(Submission).where(col(Submission.id).in_(list(submission_ids)))).all()
    rows = [row for row in found if scope.covers(row.school_id)]
    sealed = [(row, f"submission|{row.id}", row.sealed) for row in rows if row.sealed is not None]
    contents = zip(sealed, sealing.open_for_children(db, keys, sealed), strict=True)
    answers = {row.id: _with_words(row, content, opened) for (row, _, _), content in contents}
    return {row.id: answers.get(row.id, {}) for row in rows}


def _with_words(row: Submission, content: Mapping[str, Any], opened: Opened | None) -> Answers:
    closed = content.get("words")
    if closed is None or opened is None or not sealing.opens_words(opened, closed):
        return dict(content["answers"])
    words = sealing.open_words(opened, row.school_id, words_place(row, row.id), closed)
    return {**content["answers"], **words}


def banks_of(db: Session, school_id: str) -> frozenset[str]:
    """The banks that children of a school were asked."""
    asked = select(Ticket.bank_sha256).where(Ticket.school_id == school_id)
    answered = select(Submission.bank_sha256).where(Submission.school_id == school_id)
    return frozenset({*db.exec(asked.distinct()).all(), *db.exec(answered.distinct()).all()})


def school_and_grade(db: Session, ticket: OpenTicket) -> tuple[str, int]:
    """The school's name and the pupil's grade, for the words on the pages."""
    return db.exec(
        select(School.name, Student.grade)
        .join(Student, Student.school_id == School.id)  # type: ignore[arg-type]
        .where(Student.pseudonym == ticket.pseudonym)
    ).one()


@dataclass(frozen=True)
class Late:
    """A sheet that waits for a decision, without what is in it."""

    id: str
    wave: str
    school: str
    sign: str
    day: date
    school_id: str
    off_roster: bool
    """The pupil had left the school's roster; else the wave was over."""


def late_sheets(db: Session, scope: Scope) -> list[Late]:
    """What came after its end and waits for a person of the actor's schools, oldest first."""
    asked = (
        select(  # type: ignore[call-overload]
            LateSheet.id,
            Wave.name,
            School.name,
            Student.sign,
            LateSheet.day,
            LateSheet.school_id,
            col(Ticket.state) == TicketState.REVOKED,
        )
        .join(Ticket, col(Ticket.id) == LateSheet.ticket_id)
        .join(Wave, col(Wave.id) == LateSheet.wave_id)
        .join(School, col(School.id) == LateSheet.school_id)
        .join(Student, col(Student.pseudonym) == LateSheet.pseudonym)
        .where(LateSheet.state == LateState.WAITING)
        .order_by(col(LateSheet.day), col(LateSheet.id))
    )
    if scope.schools is not None:
        asked = asked.where(col(LateSheet.school_id).in_(sorted(scope.schools)))
    return [Late(*row) for row in db.exec(asked).all()]


def late_sheet(db: Session, scope: Scope, sheet_id: str) -> LateSheet:
    """One of them, as stored. NotFound elsewhere than in the actor's schools."""
    row = db.get(LateSheet, sheet_id)
    if row is None or not scope.covers(row.school_id):
        raise NotFound
    return row


def late_content(
    db: Session, keys: Keyring, scope: Scope, sheet: LateSheet, opened: Opened
) -> dict[str, Any]:
    """Open it: {"answers": …, "seconds": …}. NotFound when it was erased; SchoolLocked while its words are closed.

    It has not been understood yet, and that needs every word.
    """
    if sheet.sealed is None or not scope.covers(sheet.school_id):
        raise NotFound
    content = dict(sealing.open_for_child(db, keys, sheet, f"late|{sheet.id}", sheet.sealed))
    closed = content.pop("words", None)
    if closed is not None:
        words = sealing.open_words(opened, sheet.school_id, words_place(sheet, sheet.id), closed)
        content["answers"] = {**content["answers"], **words}
    return content


def words_place(child: sealing.OfChild, row_id: str) -> str:
    """What the box of a child's own words is bound to."""
    return f"{child.pseudonym}|words|{row_id}"
