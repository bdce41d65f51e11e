"""What happens to a case. Every change raises its version and leaves a timeline line and a trail line."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import col, select, update

from survey_api.access import sealing
from survey_api.access.scope import Scope
from survey_api.audit import trail
from survey_api.kit.actor import ActorKind
from survey_api.kit.clock import school_day
from survey_api.kit.db import delete_whole, table_of
from survey_api.kit.ids import new_id
from survey_api.kit.problems import BadInput, IllegalMove, StaleForm
from survey_api.kit.work import Work
from survey_api.services.review import queries
from survey_api.services.review.clocks.queries import calendar_of, city_rules
from survey_api.services.review.clocks.rules import due_on
from survey_api.services.review.hold.actions import keep_in_hand
from survey_api.services.review.rules import (
    NEEDS_SECOND,
    follow_up_after,
    require_label,
    require_move,
    require_outcome,
    stronger,
)
from survey_api.tables.cases import Case, CaseEvent
from survey_api.vocabulary import AuditKind, CaseState, ContactResult, RevealReason, SearchPurpose, Urgency


def open_case(
    work: Work, *, result_id: str, school_id: str, wave_id: str, pseudonym: str, urgency: Urgency
) -> str:
    """A person should look: open a case, or raise the one of this pupil and wave that is open; its id."""
    known = work.db.exec(
        select(Case).where(
            Case.pseudonym == pseudonym, Case.wave_id == wave_id, Case.state != CaseState.CLOSED
        )
    ).first()
    if known is not None:
        raise_urgency(work, known, urgency)
        return known.id
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
        opened_at=_quarter_after(work.now) if urgency is Urgency.TODAY else None,
        due_on=_due(work, school_id, urgency),
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


def raise_urgency(work: Work, case: Case, urgency: Urgency) -> None:
    """A new signal on an open case: it may become more urgent, never less."""
    before, after = Urgency(case.urgency), stronger(Urgency(case.urgency), urgency)
    facts = {"from": str(before), "to": str(after)}
    values: dict[str, Any] = {}
    if after is not before:
        values = {"urgency": after, "due_on": min(case.due_on, _due(work, case.school_id, after))}
        if after is Urgency.TODAY:
            values["opened_at"] = _quarter_after(work.now)
    _change(work, case, case.version, "raise", facts, AuditKind.CASE_RAISED, facts, **values)


def _quarter_after(moment: datetime) -> datetime:
    """When the clock of a most urgent case starts: in quarters of an hour, so that no order can be read."""
    whole = moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)
    return whole if whole == moment else whole + timedelta(minutes=15)


def _due(work: Work, school_id: str, urgency: Urgency) -> date:
    rules = city_rules(work.db)
    return due_on(rules, calendar_of(work.db, rules, school_id), urgency, school_day(work.now))


def note_view(work: Work, case: Case) -> None:
    """Somebody read this case: a trail line, nothing on the timeline."""
    trail.record(work, AuditKind.CASE_VIEWED, "case", case.id)


def note_search(work: Work, purpose: SearchPurpose, count: int) -> None:
    """Somebody looked for a word that children wrote: why, and how many cases; never the word."""
    trail.record(work, AuditKind.WORDS_SEARCHED, "staff", work.actor.id, purpose=str(purpose), count=count)


def claim(work: Work, case: Case, version: int) -> None:
    """Take responsibility: the case has an owner, and a new one counts as seen."""
    owner = work.actor.id
    keep_in_hand(work, case)
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


def assign(work: Work, case: Case, version: int, owner_id: str) -> None:
    """Another colleague is to work on this: the case has an owner; whether it was seen is for the owner."""
    details, facts = {"owner": owner_id}, {"owner": owner_id}
    _change(work, case, version, "assign", details, AuditKind.CASE_ASSIGNED, facts, owner_id=owner_id)


def move(work: Work, case: Case, version: int, target: CaseState, words: str = "") -> None:
    """Another state, by the table of moves. Closing has its own action, because it needs an outcome."""
    if target is CaseState.CLOSED:
        require_outcome("")
    keep_in_hand(work, case)
    require_move(CaseState(case.state), target)
    values: dict[str, Any] = {}
    if target is CaseState.REOPENED:
        again = _due(work, case.school_id, Urgency(case.urgency))
        values = {"outcome": None, "label": None, "due_on": again}
    _move(work, case, version, target, {"words": words}, values)


def record_contact(
    work: Work, case: Case, version: int, result: ContactResult, words: str = "", next_on: date | None = None
) -> None:
    """Somebody tried to reach the child. Meeting the child sets the first contact, once and for ever."""
    keep_in_hand(work, case)
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


def note(work: Work, case: Case, version: int, words: str, *, private: bool = False) -> None:
    """A note for colleagues of the same school, or for oneself. BadInput when there are no words.

    Others may note something too while somebody has the case in hand.
    """
    if not words.strip():
        raise BadInput("メモの文を入れてください。")
    facts = {"private": private}
    details = {"words": words.strip()}
    _change(work, case, version, "note", details, AuditKind.CASE_NOTE, facts, private=private)


def close(
    work: Work,
    case: Case,
    version: int,
    outcome: str,
    label: str,
    words: str = "",
    follow_up_on: date | None = None,
) -> None:
    """End the work on a case: an outcome, what was found, and a day to look again (three months on by default).

    A case of the most urgent kind is closed by two: the first asks, `confirm_close` is for the second.
    """
    keep_in_hand(work, case)
    chosen, found = require_outcome(outcome), require_label(label)
    require_move(CaseState(case.state), CaseState.CLOSED)
    again = follow_up_on or follow_up_after(school_day(work.now))
    details = {"words": words, "outcome": str(chosen), "label": str(found), "follow_up_on": again.isoformat()}
    values: dict[str, Any] = {"outcome": chosen, "label": found, "follow_up_on": again}
    if Urgency(case.urgency) in NEEDS_SECOND:
        facts = {"outcome": str(chosen), "label": str(found)}
        _change(
            work,
            case,
            version,
            "close_asked",
            details,
            AuditKind.CASE_CLOSE_ASKED,
            facts,
            closing_by=work.actor.id,
            **values,
        )
        return
    _move(work, case, version, CaseState.CLOSED, details, values)


def confirm_close(work: Work, case: Case, version: int, words: str = "") -> None:
    """The second person agrees that a most urgent case has ended. IllegalMove for the one who asked."""
    if case.closing_by is None:
        raise IllegalMove(
            "終了の確認は頼まれていません。先に、結果と見立てを選んで「終了する」を押してください。"
        )
    if case.closing_by == work.actor.id:
        raise IllegalMove("「すぐに」の件は、頼んだ人とは別の人が確かめて終了します。")
    require_move(CaseState(case.state), CaseState.CLOSED)
    details = {"words": words, "outcome": case.outcome, "label": case.label}
    values = {"outcome": case.outcome, "label": case.label, "closing_by": None}
    _move(work, case, version, CaseState.CLOSED, details, values)


def refuse_close(work: Work, case: Case, version: int, words: str) -> None:
    """Somebody does not agree that it has ended, and says why; the work goes on."""
    if case.closing_by is None:
        raise IllegalMove("終了の確認は頼まれていません。")
    if not words.strip():
        raise BadInput("まだ終えない理由を書いてください。")
    facts = {"from": case.state, "to": case.state}
    values: dict[str, Any] = {"outcome": None, "label": None, "follow_up_on": None, "closing_by": None}
    _change(work, case, version, "close_refused", {"words": words}, AuditKind.CASE_MOVED, facts, **values)


def look_again(work: Work, case: Case, version: int, words: str, again: date | None) -> None:
    """A closed case was looked at once more on its day: nothing new, and perhaps another day."""
    if CaseState(case.state) is not CaseState.CLOSED:
        raise IllegalMove("終了した件だけが、終了後の確認の対象です。")
    details = {"words": words, "next_on": again.isoformat() if again else None}
    facts = {"from": case.state, "to": case.state}
    _change(work, case, version, "look_again", details, AuditKind.CASE_MOVED, facts, follow_up_on=again)


def hand_over(work: Work, case: Case, version: int, details: dict[str, Any], due_on: date) -> None:
    """The case was passed on: `details` say to whom; its clock is now the day the recipient should have answered."""
    keep_in_hand(work, case)
    require_move(CaseState(case.state), CaseState.REFERRED)
    _move(work, case, version, CaseState.REFERRED, details, {"due_on": due_on}, kind="hand_over")


def report(work: Work, case: Case, details: dict[str, Any], due_on: date) -> None:
    """通告 was made: from any state, whoever has the case in hand, closed or never taken over. It waits for nobody."""
    values: dict[str, Any] = {"due_on": due_on, "owner_id": case.owner_id or work.actor.id}
    if CaseState(case.state) is CaseState.CLOSED:
        values |= {"outcome": None, "label": None}
    _move(work, case, case.version, CaseState.NOTIFIED, details, values, kind="report")


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


def erase(work: Work, case: Case) -> dict[str, list[str]]:
    """The case and every row that hangs on it, in any room; table → ids. The certificate has the line."""
    return delete_whole(work.db.connection(), table_of(Case), [case.id])


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
    label = values.get("label")
    facts = {
        "from": case.state,
        "to": str(target),
        "outcome": str(outcome) if outcome else None,
        "label": str(label) if label else None,
    }
    values = {"closing_by": None, **values}
    _change(work, case, version, kind, told, AuditKind.CASE_MOVED, facts, state=target, **values)


def _change(
    work: Work,
    case: Case,
    version: int,
    kind: str,
    details: Mapping[str, Any],
    audit: AuditKind,
    facts: Mapping[str, Any],
    private: bool = False,
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
    _tell(work, case, kind, details, private)
    trail.record(work, audit, "case", case.id, **facts)
    work.db.flush()
    work.db.refresh(case)


def _tell(work: Work, case: Case, kind: str, details: Mapping[str, Any], private: bool = False) -> None:
    """One line of the case's timeline."""
    event_id = new_id()
    sealed = sealing.seal_for_school(work.db, work.keys, case.school_id, f"event|{event_id}", details)
    staff_id = work.actor.id if work.actor.kind == ActorKind.STAFF else None
    work.db.add(
        CaseEvent(
            id=event_id,
            case_id=case.id,
            at=work.now,
            staff_id=staff_id,
            kind=kind,
            private=private,
            sealed=sealed,
        )
    )
