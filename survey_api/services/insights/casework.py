"""True facts about cases for the outcomes, opened in memory and forgotten. Importable by report.py only."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlmodel import Session, col, select

from survey_api.access import sealing
from survey_api.kit.crypto import Keyring
from survey_api.services.insights.outcomes import CaseFacts, Ending, Helped
from survey_api.tables.cases import Case, CaseEvent, Referral
from survey_api.tables.desk import CheckItem
from survey_api.tables.releases import Release
from survey_api.tables.results import Result
from survey_api.tables.schools import Student
from survey_api.tables.submissions import Submission
from survey_api.tables.waves import Ticket, Wave
from survey_api.vocabulary import (
    CaseState,
    ContactResult,
    Label,
    Outcome,
    SubmissionState,
    TicketState,
    Urgency,
)


def cases_of_wave(
    db: Session,
    wave: Wave,
    wished: frozenset[str],
    planned: Mapping[str, str],
    waited: Callable[[str, date, date], int],
) -> list[CaseFacts]:
    """This wave's cases. `wished`: pseudonyms of the children who asked to talk; `planned`: school → its name
    in the plan; `waited`: school days from one day to another at a school.

    A child who asked and has no case was not met: it is counted, with the wave's last day as its first.
    """
    cases = db.exec(select(Case).where(Case.wave_id == wave.id)).all()
    places = {
        pseudonym: (planned[school_id], grade)
        for pseudonym, school_id, grade in db.exec(
            select(Ticket.pseudonym, Ticket.school_id, Student.grade)
            .join(Student, col(Student.pseudonym) == col(Ticket.pseudonym))
            .where(Ticket.wave_id == wave.id)
        )
    }
    facts = [
        CaseFacts(
            Urgency(case.urgency),
            case.opened_on,
            case.first_contact_on,
            case.pseudonym in wished,
            places.get(case.pseudonym, ("", 0)),
            None
            if case.first_contact_on is None
            else waited(case.school_id, case.opened_on, case.first_contact_on),
        )
        for case in cases
    ]
    overlooked = wished - {case.pseudonym for case in cases}
    return facts + [
        CaseFacts(Urgency.TODAY, wave.closes_on, None, True, places.get(who, ("", 0))) for who in overlooked
    ]


def checks_read(db: Session, called_for: frozenset[Label]) -> Iterator[str]:
    """What a person found in each sheet without a flag that was read after the newest release.

    `called_for`: labels that say somebody should have been called.
    """
    since = _last_release(db)
    for label in db.exec(select(CheckItem.label).where(col(CheckItem.labelled_at) > since)):
        if label is not None:
            found = Label(label)
            yield "missed" if found in called_for else "unclear" if found is Label.UNCLEAR else "rightly"


def invited(db: Session, wave: Wave) -> Iterator[str]:
    """What each child who had a ticket did with it: one part of the measure about answering."""
    sent = {row.ticket_id: row for row in db.exec(select(Submission).where(Submission.wave_id == wave.id))}
    rows = db.exec(
        select(Ticket, Student)
        .join(Student, col(Student.pseudonym) == col(Ticket.pseudonym))
        .where(Ticket.wave_id == wave.id)
    ).all()
    days: dict[tuple[str, int], Counter[date]] = {}
    for ticket, student in rows:
        if ticket.id in sent:
            days.setdefault((ticket.school_id, student.grade), Counter())[sent[ticket.id].day] += 1
    for ticket, student in rows:
        row, out = sent.get(ticket.id), student.opted_out_on
        if row is None and out is not None and out <= wave.closes_on:
            yield "guardian"
        elif row is None:
            if ticket.state != TicketState.REVOKED:
                yield "none"
        elif row.state != SubmissionState.CLOSED:
            yield "declined" if row.state == SubmissionState.DECLINED else "withdrawn"
        else:
            (most, _), *_ = days[ticket.school_id, student.grade].most_common(1)
            yield "sent" if row.day <= most else "later"


def endings(db: Session, keys: Keyring) -> Iterator[Ending]:
    """Cases that were closed or handed over after the newest release, whichever wave they began in."""
    since = _last_release(db)
    handed = {
        row.case_id: row.handed_over_at
        for row in db.exec(select(Referral).where(col(Referral.handed_over_at) > since)).all()
        if row.handed_over_at is not None
    }
    touched = select(CaseEvent.case_id).where(col(CaseEvent.at) > since)
    for case in db.exec(select(Case).where(col(Case.id).in_(touched))).all():
        closed = case.state == CaseState.CLOSED and case.outcome is not None
        if not closed and case.id not in handed:
            continue
        events = list(_events(db, keys, case, since))
        yield Ending(
            outcome=Outcome(case.outcome) if case.outcome else None,
            closed=closed and any(said.get("to") == CaseState.CLOSED for _, said in events),
            handed_over=case.id in handed,
            met_again=case.id in handed
            and any(said.get("result") == ContactResult.MET and at > handed[case.id] for at, said in events),
        )


def helped_before(db: Session, wave: Wave) -> Iterator[Helped]:
    """Children who were met in the wave before, and what this wave says about each."""
    before = db.exec(
        select(Wave)
        .where(col(Wave.opens_on) < wave.opens_on)
        .order_by(col(Wave.opens_on).desc(), col(Wave.id))
    ).first()
    if before is None:
        return
    now = dict(db.exec(select(Result.pseudonym, Result.urgency).where(Result.wave_id == wave.id)).all())
    met = select(Case).where(Case.wave_id == before.id, col(Case.first_contact_on).is_not(None))
    for case in db.exec(met).all():
        urgency = now.get(case.pseudonym)
        yield Helped(
            Urgency(case.urgency), case.pseudonym in now, Urgency(urgency) if urgency is not None else None
        )


def _last_release(db: Session) -> datetime:
    newest = db.exec(select(Release.made_at).order_by(col(Release.made_at).desc())).first()
    return newest or datetime.combine(date.min, datetime.min.time(), UTC)


def _events(
    db: Session, keys: Keyring, case: Case, since: datetime
) -> Iterator[tuple[datetime, Mapping[str, Any]]]:
    rows = db.exec(
        select(CaseEvent).where(
            CaseEvent.case_id == case.id,
            col(CaseEvent.at) > since,
            col(CaseEvent.kind).in_(["move", "contact"]),
        )
    )
    for row in rows:
        yield row.at, sealing.open_for_school(db, keys, case.school_id, f"event|{row.id}", row.sealed)
