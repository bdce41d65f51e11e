"""True facts about cases for the outcomes, opened in memory and forgotten. Importable by report.py only."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlmodel import Session, col, select

from survey_api.access import sealing
from survey_api.kit.crypto import Keyring
from survey_api.services.insights.outcomes import CaseFacts, Ending, Helped
from survey_api.tables.cases import Case, CaseEvent, Referral
from survey_api.tables.releases import Release
from survey_api.tables.results import Result
from survey_api.tables.waves import Wave
from survey_api.vocabulary import CaseState, ContactResult, Outcome, Urgency


def cases_of_wave(db: Session, wave: Wave, wished: frozenset[str]) -> list[CaseFacts]:
    """This wave's cases. `wished`: pseudonyms of the children who asked to talk.

    A child who asked and has no case was not met: it is counted, with the wave's last day as its first.
    """
    cases = db.exec(select(Case).where(Case.wave_id == wave.id)).all()
    facts = [
        CaseFacts(Urgency(case.urgency), case.opened_on, case.first_contact_on, case.pseudonym in wished)
        for case in cases
    ]
    overlooked = wished - {case.pseudonym for case in cases}
    return facts + [CaseFacts(Urgency.TODAY, wave.closes_on, None, True) for _ in overlooked]


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
