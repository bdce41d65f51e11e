"""Waves and how far they are, as counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, case, func
from sqlmodel import Session, col, select

from survey_api.access.scope import Scope
from survey_api.kit.problems import NotFound
from survey_api.services.waves.rules import Held
from survey_api.tables.schools import School, Student
from survey_api.tables.submissions import Submission
from survey_api.tables.waves import Ticket, Wave, WaveClass
from survey_api.vocabulary import SubmissionState, TicketState, WaveState

UNPRINTED = "unprinted"
SENT = (SubmissionState.CLOSED, SubmissionState.WITHDRAWN)
"""Taking answers back later does not make a class less far."""


def waves(db: Session) -> Sequence[Wave]:
    """Newest first."""
    return db.exec(select(Wave).order_by(col(Wave.opens_on).desc(), col(Wave.name))).all()


def wave_by_id(db: Session, wave_id: str) -> Wave:
    wave = db.get(Wave, wave_id)
    if wave is None:
        raise NotFound
    return wave


def ended_before(db: Session, day: date) -> Sequence[Wave]:
    """Waves whose last day was that day or before."""
    return db.exec(select(Wave).where(Wave.closes_on <= day).order_by(col(Wave.closes_on))).all()


def asked_now(db: Session) -> list[tuple[str, str, int]]:
    """(wave name, school, grade) of every open wave."""
    rows = db.exec(
        select(Wave.name, WaveClass.school_id, WaveClass.grade)
        .join(WaveClass, col(WaveClass.wave_id) == Wave.id)
        .where(Wave.state == WaveState.OPEN)
    ).all()
    return [(name, school_id, grade) for name, school_id, grade in rows]


def banks_asked_now(db: Session) -> dict[tuple[str, str, int], str]:
    """(wave, school, grade) of every open wave → hash of the bank it is asked."""
    rows = db.exec(
        select(WaveClass.wave_id, WaveClass.school_id, WaveClass.grade, WaveClass.bank_sha256)
        .join(Wave, col(WaveClass.wave_id) == Wave.id)
        .where(Wave.state == WaveState.OPEN)
    ).all()
    return {(wave, school, grade): bank for wave, school, grade, bank in rows}


def languages_allowed_now(db: Session) -> list[tuple[str, str]]:
    """(hash of a bank, translations allowed as drafts) of every open wave, each pair once."""
    rows = db.exec(
        select(WaveClass.bank_sha256, Wave.draft_languages)
        .join(Wave, col(WaveClass.wave_id) == Wave.id)
        .where(Wave.state == WaveState.OPEN)
        .distinct()
    ).all()
    return [(bank, drafts) for bank, drafts in rows]


def held_now(db: Session) -> list[Held]:
    """Every ticket of the open waves that is not revoked."""
    rows = db.exec(
        select(  # type: ignore[call-overload]
            Ticket.id, Ticket.wave_id, Ticket.school_id, Ticket.pseudonym, Ticket.state
        )
        .join(Wave, col(Ticket.wave_id) == Wave.id)
        .where(Wave.state == WaveState.OPEN, Ticket.state != TicketState.REVOKED)
    ).all()
    return [
        Held(ticket_id, wave_id, school_id, pseudonym, state == TicketState.SPENT)
        for ticket_id, wave_id, school_id, pseudonym, state in rows
    ]


@dataclass(frozen=True)
class ClassRow:
    """One class of one wave: only ever shown as coarse counts."""

    school_id: str
    school: str
    grade: int
    class_name: str
    tickets: int
    sent: int
    opened: int = 0
    unprinted: int = 0


def schools_of(db: Session, wave_id: str) -> frozenset[str]:
    """The schools a wave asks."""
    return frozenset(db.exec(select(WaveClass.school_id).where(WaveClass.wave_id == wave_id)).all())


def banks_of(db: Session, wave_id: str) -> frozenset[str]:
    """Hashes of the banks that a wave asks."""
    return frozenset(db.exec(select(WaveClass.bank_sha256).where(WaveClass.wave_id == wave_id)).all())


def class_rows(db: Session, scope: Scope, wave_id: str) -> list[ClassRow]:
    """Tickets and sent sheets per class of the actor's schools, in the fixed order of schools.

    A child who declined counts as not sent yet: nobody may be able to tell the two apart.
    """
    found = (
        select(  # type: ignore[call-overload]
            School.id,
            School.name,
            Student.grade,
            Student.class_name,
            func.count(col(Ticket.id)),
            func.sum(case((col(Submission.state).in_(SENT), 1), else_=0)),
            func.sum(case((col(Ticket.state) != TicketState.UNUSED, 1), else_=0)),
            func.sum(case((col(Ticket.code_hash) == UNPRINTED, 1), else_=0)),
        )
        .join(Student, col(Student.school_id) == School.id)
        .join(Ticket, col(Ticket.pseudonym) == Student.pseudonym)
        .outerjoin(Submission, col(Submission.ticket_id) == Ticket.id)
        .where(Ticket.wave_id == wave_id, Ticket.state != TicketState.REVOKED)
        .group_by(
            col(School.id),
            col(School.name),
            col(School.position),
            col(Student.grade),
            col(Student.class_name),
        )
        .order_by(col(School.position), col(Student.grade), col(Student.class_name))
    )
    if scope.schools is not None:
        found = found.where(col(School.id).in_(scope.schools))
    return [ClassRow(*row) for row in db.exec(found).all()]


def classes_on(db: Session, today: date) -> list[tuple[str, str, int, str]]:
    """(wave, school, grade, class) of every class that is asked on this school day."""
    rows = db.exec(
        select(Ticket.wave_id, Student.school_id, Student.grade, Student.class_name)
        .join(Student, col(Student.pseudonym) == Ticket.pseudonym)
        .join(Wave, col(Wave.id) == Ticket.wave_id)
        .where(Wave.state == WaveState.OPEN, Wave.opens_on <= today, Wave.closes_on >= today)
        .distinct()
    ).all()
    return [(wave, school, grade, name) for wave, school, grade, name in rows]


@dataclass(frozen=True)
class Progress:
    """How far one class is, exact: for `coarse` alone."""

    tickets: int
    opened: int
    sent: int


def class_progress(
    db: Session, scope: Scope, wave_id: str, school_id: str, grade: int, class_name: str
) -> Progress:
    """Tickets, opened and sent of one class. A child who declined counts as not sent yet."""
    scope.require(school_id)
    of_class = (
        col(Ticket.wave_id) == wave_id,
        col(Student.school_id) == school_id,
        col(Student.grade) == grade,
        col(Student.class_name) == class_name,
        col(Ticket.state) != TicketState.REVOKED,
    )
    states = db.exec(
        select(Ticket.state, func.count())
        .join(Student, col(Student.pseudonym) == Ticket.pseudonym)
        .where(*of_class)
        .group_by(col(Ticket.state))
    ).all()
    of = dict(states)
    spent = of.get(TicketState.SPENT, 0)
    return Progress(sum(of.values()), spent + of.get(TicketState.OPENED, 0), spent - _declined(db, of_class))


def _declined(db: Session, of_class: Sequence[ColumnElement[bool]]) -> int:
    """Only to be taken off what was sent: it is shown nowhere."""
    asked = (
        select(func.count())
        .select_from(Ticket)
        .join(Student, col(Student.pseudonym) == Ticket.pseudonym)
        .join(Submission, col(Submission.ticket_id) == Ticket.id)
        .where(*of_class, Submission.state == SubmissionState.DECLINED)
    )
    return db.exec(asked).one()


@dataclass(frozen=True)
class ClassTicket:
    id: str
    pseudonym: str
    bank_sha256: str
    sign: str
    printed: bool


def class_tickets(
    db: Session,
    scope: Scope,
    wave_id: str,
    school_id: str,
    grade: int,
    class_name: str,
    *,
    only_new: bool = False,
) -> list[ClassTicket]:
    """The tickets of a whole class, by sign, whoever has sent, declined or is kept out. NotFound outside the scope.

    A stack without the cards of those who are done would tell a teacher by name who has sent.
    `only_new`: those that were never printed, for a pupil who came after the cards were handed out.
    """
    scope.require(school_id)
    found = (
        select(  # type: ignore[call-overload]
            Ticket.id, Ticket.pseudonym, Ticket.bank_sha256, Student.sign, Ticket.code_hash != UNPRINTED
        )
        .join(Student, col(Student.pseudonym) == Ticket.pseudonym)
        .where(
            Ticket.wave_id == wave_id,
            Student.school_id == school_id,
            Student.grade == grade,
            Student.class_name == class_name,
            col(Student.active).is_(True),
            Ticket.state != TicketState.REVOKED,
        )
        .order_by(col(Student.sign))
    )
    if only_new:
        found = found.where(Ticket.code_hash == UNPRINTED)
    return [ClassTicket(*row) for row in db.exec(found).all()]
