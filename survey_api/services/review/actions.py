"""What happens to a case. Every change raises its version and leaves a timeline line and a trail line."""

from typing import Any

from survey_api.access import sealing
from survey_api.audit import trail
from survey_api.kit.actor import ActorKind
from survey_api.kit.clock import school_day
from survey_api.kit.ids import new_id
from survey_api.kit.work import Work
from survey_api.services.review.rules import due_on
from survey_api.tables.cases import Case, CaseEvent
from survey_api.vocabulary import AuditKind, CaseState, RevealReason, Urgency


def open_case(
    work: Work, *, result_id: str, school_id: str, wave_id: str, pseudonym: str, urgency: Urgency
) -> str:
    """A person should look: open a case; returns its id."""
    opened_on = school_day(work.now)
    case = Case(
        id=new_id(),
        school_id=school_id,
        wave_id=wave_id,
        pseudonym=pseudonym,
        result_id=result_id,
        urgency=urgency,
        state=CaseState.NEW,
        opened_on=opened_on,
        due_on=due_on(urgency, opened_on),
    )
    work.db.add(case)
    work.db.flush()
    trail.record(work, AuditKind.CASE_OPENED, "case", case.id, urgency=str(urgency))
    return case.id


def note_reveal(work: Work, case: Case, reason: RevealReason, words: str) -> None:
    """Write down that a name is about to be opened, and why: timeline (sealed words) and trail (the kind)."""
    _tell(work, case, "reveal", {"reason": str(reason), "words": words})
    trail.record(
        work, AuditKind.NAME_REVEALED, "student", case.pseudonym, reason=str(reason), case_id=case.id
    )


def _tell(work: Work, case: Case, kind: str, details: dict[str, Any]) -> None:
    """One line of the case's timeline."""
    event_id = new_id()
    sealed = sealing.seal_for_school(work.db, work.keys, case.school_id, f"event|{event_id}", details)
    staff_id = work.actor.id if work.actor.kind == ActorKind.STAFF else None
    work.db.add(
        CaseEvent(id=event_id, case_id=case.id, at=work.now, staff_id=staff_id, kind=kind, sealed=sealed)
    )
