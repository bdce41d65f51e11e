"""What happens to a case. Every change raises its version and leaves a timeline line and a trail line."""

from datetime import date
from typing import Any

from sqlmodel import col, update

from survey_api.access import sealing
from survey_api.access.scope import Scope
from survey_api.audit import trail
from survey_api.kit.actor import ActorKind
from survey_api.kit.clock import school_day
from survey_api.kit.ids import new_id
from survey_api.kit.problems import BadInput, StaleForm
from survey_api.kit.work import Work
from survey_api.services.review import queries
from survey_api.services.review.rules import due_on, follow_up_after, require_move, require_outcome
from survey_api.tables.cases import Case, CaseEvent
from survey_api.vocabulary import AuditKind, CaseState, ContactResult, RevealReason, Urgency


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
    if work.actor.kind is not ActorKind.STUDENT:  # the order in which children finish must not be readable
        trail.record(work, AuditKind.CASE_OPENED, "case", case.id, urgency=str(urgency))
    return case.id


def note_opened(work: Work) -> int:
    """Trail lines for the cases that children's answers opened, in the order of their random ids."""
    missing = queries.without_line(work.db, Scope.whole_city(work.actor))
    for case in missing:
        trail.record(work, AuditKind.CASE_OPENED, "case", case.id, urgency=case.urgency)
    return len(missing)


def note_view(work: Work, case: Case) -> None:
    """Somebody read this case: a trail line, nothing on the timeline."""
    trail.record(work, AuditKind.CASE_VIEWED, "case", case.id)


def claim(work: Work, case: Case, version: int) -> None:
    """Take responsibility: the case has an owner, and a new one counts as seen."""
    owner = work.actor.id
    state = CaseState(case.state)
    if state in (CaseState.NEW, CaseState.CLOSED):
        require_move(state, CaseState.ACKNOWLEDGED)
        state = CaseState.ACKNOWLEDGED
    _change(
        work,
        case,
        version,
        "claim",
        {},
        AuditKind.CASE_CLAIMED,
        {"owner": owner},
        owner_id=owner,
        state=state,
    )


def move(work: Work, case: Case, version: int, target: CaseState, words: str = "") -> None:
    """Another state, by the table of moves. Closing has its own action, because it needs an outcome."""
    if target is CaseState.CLOSED:
        require_outcome("")
    require_move(CaseState(case.state), target)
    values: dict[str, Any] = {"outcome": None} if target is CaseState.REOPENED else {}
    _move(work, case, version, target, {"words": words}, values)


def record_contact(
    work: Work, case: Case, version: int, result: ContactResult, words: str = "", next_on: date | None = None
) -> None:
    """Somebody tried to reach the child. Meeting the child sets the first contact, once and for ever."""
    if CaseState(case.state) in (CaseState.NEW, CaseState.CLOSED):
        require_move(CaseState(case.state), CaseState.TRIAGE)
    # once somebody has been in touch, the clock of this case is the day agreed for the next look
    values: dict[str, Any] = {"follow_up_on": next_on, "due_on": next_on} if next_on else {}
    if result is ContactResult.MET and case.first_contact_on is None:
        values["first_contact_on"] = school_day(work.now)
    if CaseState(case.state) is CaseState.ACKNOWLEDGED:
        values["state"] = CaseState.TRIAGE
    details = {"result": str(result), "words": words, "next_on": next_on.isoformat() if next_on else None}
    facts = {"result": str(result)}
    _change(work, case, version, "contact", details, AuditKind.CASE_CONTACT, facts, **values)


def note(work: Work, case: Case, version: int, words: str) -> None:
    """A note for colleagues of the same school. BadInput when there are no words."""
    if not words.strip():
        raise BadInput("メモの文を入れてください。")
    _change(work, case, version, "note", {"words": words.strip()}, AuditKind.CASE_NOTE, {})


def close(
    work: Work, case: Case, version: int, outcome: str, words: str = "", follow_up_on: date | None = None
) -> None:
    """End the work on a case: with an outcome, and with a day to look again (three months on by default)."""
    chosen = require_outcome(outcome)
    require_move(CaseState(case.state), CaseState.CLOSED)
    again = follow_up_on or follow_up_after(school_day(work.now))
    details = {"words": words, "outcome": str(chosen), "follow_up_on": again.isoformat()}
    _move(work, case, version, CaseState.CLOSED, details, {"outcome": chosen, "follow_up_on": again})


def hand_over(work: Work, case: Case, version: int, details: dict[str, Any], due_on: date) -> None:
    """The case was passed on: `details` say to whom; its clock is now the day the recipient should have answered."""
    require_move(CaseState(case.state), CaseState.REFERRED)
    _move(work, case, version, CaseState.REFERRED, details, {"due_on": due_on}, kind="hand_over")


def tell(
    work: Work, case: Case, version: int, kind: str, details: dict[str, Any], due_on: date | None = None
) -> None:
    """Something outside the desk happened to this case: a reply, a meeting, a plan. `due_on` moves its clock."""
    values: dict[str, Any] = {"due_on": due_on} if due_on else {}
    _change(work, case, version, kind, details, AuditKind.CASE_TOLD, {"what": kind}, **values)


def note_reveal(work: Work, case: Case, reason: RevealReason, words: str) -> None:
    """Write down that a name is about to be opened, and why: timeline (sealed words) and trail (the kind)."""
    _tell(work, case, "reveal", {"reason": str(reason), "words": words})
    trail.record(
        work, AuditKind.NAME_REVEALED, "student", case.pseudonym, reason=str(reason), case_id=case.id
    )


def note_withdrawal(work: Work, case: Case, words: list[str]) -> None:
    """The answers of this case were taken back: what had called a person stays, in words."""
    said = "回答は取り消され、消去されました。"
    if words:
        said += "対応待ちになったときの理由: " + "、".join(words)
    _tell(work, case, "note", {"words": said})
    trail.record(work, AuditKind.CASE_NOTE, "case", case.id)


def _move(
    work: Work,
    case: Case,
    version: int,
    target: CaseState,
    details: dict[str, Any],
    values: dict[str, Any],
    kind: str = "move",
) -> None:
    told = {"from": case.state, "to": str(target), **details}
    outcome = values.get("outcome")
    facts = {"from": case.state, "to": str(target), "outcome": str(outcome) if outcome else None}
    _change(work, case, version, kind, told, AuditKind.CASE_MOVED, facts, state=target, **values)


def _change(
    work: Work,
    case: Case,
    version: int,
    kind: str,
    details: dict[str, Any],
    audit: AuditKind,
    facts: dict[str, Any],
    **values: Any,
) -> None:
    """The one way a case changes: only from the version the person saw, with its timeline and trail line."""
    changed = work.db.connection().execute(
        update(Case)
        .where(col(Case.id) == case.id, col(Case.version) == version)
        .values(version=version + 1, **values)
    )
    if changed.rowcount != 1:
        raise StaleForm
    _tell(work, case, kind, details)
    trail.record(work, audit, "case", case.id, **facts)
    work.db.flush()
    work.db.refresh(case)


def _tell(work: Work, case: Case, kind: str, details: dict[str, Any]) -> None:
    """One line of the case's timeline."""
    event_id = new_id()
    sealed = sealing.seal_for_school(work.db, work.keys, case.school_id, f"event|{event_id}", details)
    staff_id = work.actor.id if work.actor.kind == ActorKind.STAFF else None
    work.db.add(
        CaseEvent(id=event_id, case_id=case.id, at=work.now, staff_id=staff_id, kind=kind, sealed=sealed)
    )
