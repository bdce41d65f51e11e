"""What happens to a case. Every change raises its version and leaves a timeline line and a trail line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select, update

from survey_api.access import queries as access_queries
from survey_api.access import sealing
from survey_api.access.scope import Scope
from survey_api.audit import trail
from survey_api.kit.actor import ActorKind
from survey_api.kit.clock import SCHOOL_ZONE, quarter_hour, school_day
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
    RANK,
    follow_up_after,
    require_contact_time,
    require_label,
    require_look_again,
    require_move,
    require_outcome,
    require_weaker,
    stronger,
)
from survey_api.tables.cases import Case, CaseEvent
from survey_api.tables.results import Result
from survey_api.vocabulary import (
    AuditKind,
    CaseState,
    ContactResult,
    RevealReason,
    Role,
    SearchPurpose,
    Urgency,
)


@dataclass(frozen=True)
class Called:
    """The case a signal belongs to, and whether somebody is to be told that it opened, woke or became more urgent."""

    case_id: str
    event_key: str
    """Names the event for the outbox; empty when the signal changed nothing that anybody must hear of."""


def open_case(
    work: Work, *, result_id: str, school_id: str, wave_id: str, pseudonym: str, urgency: Urgency
) -> Called:
    """A person should look: open the school's one case of this pupil and wave, raise it, or wake it when it was closed."""
    of_pupil = _cases_of(work, pseudonym)
    known = _of_wave(of_pupil, wave_id, school_id)
    if known is None:
        case = Case(
            id=new_id(),
            school_id=school_id,
            wave_id=wave_id,
            pseudonym=pseudonym,
            result_id=result_id,
            urgency=urgency,
            state=CaseState.NEW,
            opened_on=school_day(work.now),
            opened_at=_quarter_after(work.now) if urgency is Urgency.TODAY else None,
            due_on=_due(work, school_id, urgency),
            **_known_to_few(work, of_pupil, school_id),
        )
        if _is_first(work, case):
            _note_new(work, case)
            return Called(case.id, f"case|{case.id}")
        known = _of_wave(_cases_of(work, pseudonym), wave_id, school_id)
        if known is None:
            raise StaleForm
    unseen, before = CaseState(known.state) is CaseState.NEW, known.urgency
    if CaseState(known.state) is CaseState.CLOSED:
        _wake(work, known, result_id, urgency)
    else:
        raise_urgency(work, known, urgency, result_id)
    told_already = unseen and known.urgency == before
    return Called(known.id, "" if told_already else f"case|{known.id}|{known.version}")


def _cases_of(work: Work, pseudonym: str) -> Sequence[Case]:
    """Every case of a pupil, held until the end of the transaction: a second signal waits for the first."""
    asked = select(Case).where(Case.pseudonym == pseudonym).order_by(col(Case.id)).with_for_update()
    return work.db.exec(asked.execution_options(populate_existing=True)).all()


def _of_wave(cases: Sequence[Case], wave_id: str, school_id: str) -> Case | None:
    """Who moved in the middle of a wave may have one at either school."""
    mine = (one for one in cases if (one.wave_id, one.school_id) == (wave_id, school_id))
    return next((one for one in mine if one.merged_into is None), None)


def _is_first(work: Work, case: Case) -> bool:
    """Keep a new case; False when another process has opened the one of this pupil and wave a moment ago."""
    try:
        with work.db.begin_nested():
            work.db.add(case)
            work.db.flush()
    except IntegrityError:
        return False
    return True


def _known_to_few(work: Work, of_pupil: Sequence[Case], school_id: str) -> dict[str, Any]:
    """A child of whom only few at this school know stays known to those few; the last restricted case says to whom.

    Not when none of them is there any more and nobody leads: then everybody at the desk must see it.
    """
    few = [one for one in of_pupil if one.restricted and one.school_id == school_id]
    if not few:
        return {}
    last = max(few, key=lambda one: (one.opened_on, one.id))
    at_desk = {one.id for one in access_queries.staff_at(work.db, school_id, (Role.COUNSELOR, Role.HEAD))}
    owner, reviewer = (who if who in at_desk else None for who in (last.owner_id, last.reviewer_id))
    led = access_queries.staff_at(work.db, school_id, (Role.HEAD,))
    if not (owner or reviewer or led):
        return {}
    return {"restricted": True, "owner_id": owner, "reviewer_id": reviewer}


def _note_new(work: Work, case: Case) -> None:
    if case.restricted:
        _tell(work, case, "restrict", {"words": INHERITED, "restricted": True})
    if work.actor.kind is not ActorKind.STUDENT:  # the order in which children finish must not be readable
        _note_opened(work, case)


def _note_opened(work: Work, case: Case) -> None:
    trail.record(work, AuditKind.CASE_OPENED, "case", case.id, urgency=str(case.urgency))
    if case.restricted:
        trail.record(work, AuditKind.CASE_RESTRICTED, "case", case.id, restricted=True)


INHERITED = "この子どもの前の件が限定されていたので、この件も同じ人だけが知っています。"
LIMITED_WITH = "この子どもの別の件が限定されたので、この件も一緒に限定しました。"


def note_opened(work: Work) -> int:
    """Trail lines for the cases that children's answers opened, in the order of their random ids."""
    missing = queries.without_line(work.db, Scope.whole_city(work.actor))
    for case in missing:
        _note_opened(work, case)
    return len(missing)


def _wake(work: Work, case: Case, result_id: str, urgency: Urgency) -> None:
    """A new signal on a case that was closed: it opens again, its clocks run anew, and how it had ended stays told."""
    after = stronger(Urgency(case.urgency), urgency)
    told: dict[str, Any] = {"from": case.state, "to": str(CaseState.REOPENED), "signal": str(after)}
    told |= {"outcome": case.outcome, "label": case.label}
    facts = {"from": case.state, "to": str(CaseState.REOPENED), "outcome": None, "label": None}
    values: dict[str, Any] = {
        "state": CaseState.REOPENED,
        "outcome": None,
        "label": None,
        "follow_up_on": None,
        "due_on": _due(work, case.school_id, after),
        "opened_at": None,
        **_signal(work, case, result_id, after),
    }
    change(work, case, case.version, "move", told, AuditKind.CASE_MOVED, facts, **values)


def raise_urgency(work: Work, case: Case, urgency: Urgency, result_id: str = "") -> None:
    """A new signal on an open case: it may become more urgent, never less."""
    before, after = Urgency(case.urgency), stronger(Urgency(case.urgency), urgency)
    facts = {"from": str(before), "to": str(after)}
    values = _signal(work, case, result_id, after)
    if after is not before:
        values["due_on"] = min(case.due_on, _due(work, case.school_id, after))
    if case.closing_by is not None:  # whoever agrees to the end must know of it
        values |= {"outcome": None, "label": None, "follow_up_on": None}
    change(work, case, case.version, "raise", facts, AuditKind.CASE_RAISED, facts, **values)


def _signal(work: Work, case: Case, result_id: str, after: Urgency) -> dict[str, Any]:
    """What a signal sets: nobody has looked at it yet, and what two had begun to agree on is open again."""
    before, seen = Urgency(case.urgency), CaseState(case.state) is not CaseState.NEW
    values: dict[str, Any] = {"urgency": after, "closing_by": None, "lowering_by": None, "lowering_to": None}
    if seen:
        values["signal_on"] = school_day(work.now)
    if after is Urgency.TODAY and (seen or after is not before):
        values["opened_at"] = _quarter_after(work.now)
    found = work.db.exec(select(Result.urgency).where(Result.id == result_id)).first()
    if found and RANK[Urgency(found)] <= RANK[before]:
        values["result_id"] = result_id
    return values


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
    change(
        work,
        case,
        version,
        "claim",
        {},
        AuditKind.CASE_CLAIMED,
        {"owner": owner},
        owner_id=owner,
        state=state,
        signal_on=None,
    )


def assign(work: Work, case: Case, version: int, owner_id: str) -> None:
    """Another colleague is to work on this: the case has an owner; whether it was seen is for the owner."""
    details, facts = {"owner": owner_id}, {"owner": owner_id}
    change(work, case, version, "assign", details, AuditKind.CASE_ASSIGNED, facts, owner_id=owner_id)


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


@dataclass(frozen=True)
class Contact:
    """Somebody tried to reach the child: how it went, when, where, and when to look again."""

    result: ContactResult
    words: str = ""
    place: str = ""
    at: datetime | None = None
    """None: just now."""
    next_on: date | None = None


def record_contact(work: Work, case: Case, version: int, contact: Contact) -> None:
    """Somebody tried to reach the child, and has taken the case over by that when nobody had.

    Meeting the child sets the first contact, once and for ever.
    """
    version = _taken_over(work, case, version)
    at = contact.at or work.now
    require_contact_time(at, work.now)
    met = contact.result is ContactResult.MET
    values: dict[str, Any] = {"signal_on": None}
    if contact.next_on is not None:
        _require_look_again(work, case, contact.next_on, met=met)
        # once somebody has been in touch, the clock of this case is the day agreed for the next look
        values |= {"follow_up_on": contact.next_on, "due_on": contact.next_on}
    if met and case.first_contact_on is None:
        values["first_contact_on"] = school_day(at)
    if CaseState(case.state) is CaseState.ACKNOWLEDGED:
        values["state"] = CaseState.TRIAGE
    details = {
        "result": str(contact.result),
        "words": contact.words,
        "place": contact.place,
        "at": at.isoformat(timespec="minutes"),
        "next_on": contact.next_on.isoformat() if contact.next_on else None,
    }
    facts = {"result": str(contact.result)}
    change(work, case, version, "contact", details, AuditKind.CASE_CONTACT, facts, **values)


def _taken_over(work: Work, case: Case, version: int) -> int:
    """Whoever does something about a new case has taken it over; the version it has then. IllegalMove when closed."""
    keep_in_hand(work, case)
    if CaseState(case.state) is CaseState.CLOSED:
        require_move(CaseState.CLOSED, CaseState.TRIAGE)
    if CaseState(case.state) is not CaseState.NEW:
        return version
    claim(work, case, version)
    return case.version


def _require_look_again(work: Work, case: Case, wished: date, *, met: bool) -> None:
    calendar = calendar_of(work.db, city_rules(work.db), case.school_id)
    met = met or case.first_contact_on is not None
    require_look_again(Urgency(case.urgency), wished, school_day(work.now), met=met, calendar=calendar)


def look_later(work: Work, case: Case, version: int, words: str, wished: date | None) -> None:
    """Somebody has decided when to look again, and why not before. What is most urgent is never put aside."""
    version = _taken_over(work, case, version)
    if wished is None:
        raise BadInput("次に確かめる日を入れてください。")
    if not words.strip():
        raise BadInput("その日まで待てる理由を書いてください。")
    if Urgency(case.urgency) is Urgency.TODAY:
        raise IllegalMove(
            "「すぐに」の件は後回しにできません。本人に会うか、理由を書いて急ぎを下げてもらってください。"
        )
    _require_look_again(work, case, wished, met=False)
    details = {"words": words.strip(), "next_on": wished.isoformat()}
    facts = {"what": "look_later"}
    values: dict[str, Any] = {"follow_up_on": wished, "due_on": wished, "signal_on": None}
    change(work, case, version, "look_later", details, AuditKind.CASE_TOLD, facts, **values)


def set_reviewer(work: Work, case: Case, version: int, reviewer_id: str) -> None:
    """A second colleague is to look over this case. BadInput for its owner."""
    if reviewer_id == case.owner_id:
        raise BadInput("確認する人は、担当とは別の人にしてください。")
    details = {"reviewer": reviewer_id}
    change(
        work, case, version, "reviewer", details, AuditKind.CASE_ASSIGNED, details, reviewer_id=reviewer_id
    )


def lower(work: Work, case: Case, version: int, wished: str, words: str) -> None:
    """A person calls a case less urgent, with a reason; the most urgent needs a second person.

    The reasons of the rules stay on the page as they were, and a new signal raises it again.
    """
    keep_in_hand(work, case)
    if CaseState(case.state) in (CaseState.NEW, CaseState.CLOSED):
        require_move(CaseState(case.state), CaseState.TRIAGE)
    before = Urgency(case.urgency)
    after = require_weaker(before, wished)
    if not words.strip():
        raise BadInput("急ぎを下げる理由を書いてください。")
    if before in NEEDS_SECOND:
        details = {"from": str(before), "to": str(after), "words": words.strip()}
        facts = {"from": str(before), "to": str(after)}
        values: dict[str, Any] = {"lowering_by": work.actor.id, "lowering_to": after}
        change(work, case, version, "lower_asked", details, AuditKind.CASE_LOWER_ASKED, facts, **values)
        return
    _lower(work, case, version, after, words)


def confirm_lower(work: Work, case: Case, version: int, words: str = "") -> None:
    """The second person agrees that a case is less urgent. IllegalMove for the one who asked."""
    if case.lowering_by is None or case.lowering_to is None:
        raise IllegalMove("急ぎを下げる確認は頼まれていません。")
    if case.lowering_by == work.actor.id:
        raise IllegalMove("「すぐに」の件の急ぎは、頼んだ人とは別の人が確かめて下げます。")
    _lower(work, case, version, Urgency(case.lowering_to), words)


def refuse_lower(work: Work, case: Case, version: int, words: str) -> None:
    """It stays as urgent as it is: the second person does not agree, or the first takes it back."""
    if case.lowering_by is None:
        raise IllegalMove("急ぎを下げる確認は頼まれていません。")
    if not words.strip():
        raise BadInput("下げない理由を書いてください。")
    facts = {"from": case.urgency, "to": case.urgency}
    values: dict[str, Any] = {"lowering_by": None, "lowering_to": None}
    change(work, case, version, "lower_refused", {"words": words}, AuditKind.CASE_LOWERED, facts, **values)


def _lower(work: Work, case: Case, version: int, after: Urgency, words: str) -> None:
    details = {"from": case.urgency, "to": str(after), "words": words.strip()}
    facts = {"from": case.urgency, "to": str(after)}
    values: dict[str, Any] = {
        "urgency": after,
        "due_on": max(case.due_on, _due(work, case.school_id, after)),
        "opened_at": None,
        "lowering_by": None,
        "lowering_to": None,
        "signal_on": None,
    }
    change(work, case, version, "lower", details, AuditKind.CASE_LOWERED, facts, **values)


def restrict(work: Work, case: Case, version: int, words: str, *, only_few: bool) -> None:
    """Only owner, reviewer and who leads know of this case from now on; or everybody on the desk again.

    For a child who named a colleague, or whose family works at the school: its other cases are limited with it, each
    is given back on its own. It needs an owner, so that nobody hides what nobody has.
    """
    if case.owner_id is None:
        raise IllegalMove("担当が決まっていない件は限定できません。先に担当を決めてください。")
    if not words.strip():
        raise BadInput("限定する(やめる)理由を書いてください。")
    facts = {"restricted": only_few}
    details = {"words": words.strip(), "restricted": only_few}
    change(work, case, version, "restrict", details, AuditKind.CASE_RESTRICTED, facts, restricted=only_few)
    if only_few:
        _restrict_others(work, case)


def _restrict_others(work: Work, case: Case) -> None:
    """Who is not to know of the child does not read of it in a case of another wave; whose that is keeps it."""
    for other in _cases_of(work, case.pseudonym):
        if other.id == case.id or other.restricted or other.school_id != case.school_id:
            continue
        details, facts = {"words": LIMITED_WITH, "restricted": True}, {"restricted": True}
        values: dict[str, Any] = {"restricted": True, "owner_id": other.owner_id or case.owner_id}
        change(work, other, other.version, "restrict", details, AuditKind.CASE_RESTRICTED, facts, **values)


def note(work: Work, case: Case, version: int, words: str, *, private: bool = False) -> None:
    """A note for colleagues of the same school, or for oneself. BadInput when there are no words.

    Others may note something too while somebody has the case in hand.
    """
    if not words.strip():
        raise BadInput("メモの文を入れてください。")
    facts = {"private": private}
    details = {"words": words.strip()}
    change(work, case, version, "note", details, AuditKind.CASE_NOTE, facts, private=private)


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
        change(
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
    change(work, case, version, "close_refused", {"words": words}, AuditKind.CASE_MOVED, facts, **values)


def look_again(work: Work, case: Case, version: int, words: str, again: date | None) -> None:
    """A closed case was looked at once more on its day: nothing new, and perhaps another day."""
    if CaseState(case.state) is not CaseState.CLOSED:
        raise IllegalMove("終了した件だけが、終了後の確認の対象です。")
    details = {"words": words, "next_on": again.isoformat() if again else None}
    facts = {"from": case.state, "to": case.state}
    change(work, case, version, "look_again", details, AuditKind.CASE_MOVED, facts, follow_up_on=again)


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
    change(work, case, version, kind, details, AuditKind.CASE_TOLD, {"what": kind}, **values)


def note_reveal(work: Work, case: Case, reason: RevealReason, words: str) -> None:
    """Write down that a name is about to be opened, and why: timeline (sealed words) and trail (the kind)."""
    _tell(work, case, "reveal", {"reason": str(reason), "words": words})
    trail.record(
        work, AuditKind.NAME_REVEALED, "student", case.pseudonym, reason=str(reason), case_id=case.id
    )


def note_reveal_again(work: Work, case: Case, reason: RevealReason, words: str) -> None:
    """A page that carries an opened name is looked at: a trail line each time, one line a day on the timeline.

    Who reads the timeline of a case wants to know who has opened the name, not how often a page was turned.
    """
    begin = datetime.combine(school_day(work.now), time.min, SCHOOL_ZONE)
    known = select(CaseEvent.id).where(
        CaseEvent.case_id == case.id,
        CaseEvent.staff_id == work.actor.id,
        CaseEvent.kind == "reveal",
        col(CaseEvent.at) >= begin,
    )
    if work.db.exec(known).first() is None:
        note_reveal(work, case, reason, words)
        return
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
    if case.merged_into:
        raise IllegalMove(
            "この件は、同じ子どもの同じ調査回のもう一つの件にまとめました。そちらで続けてください。"
        )
    cleared = {"closing_by": None, "lowering_by": None, "lowering_to": None, "signal_on": None}
    values = {**cleared, **values}
    change(work, case, version, kind, told, AuditKind.CASE_MOVED, facts, state=target, **values)


def change(
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
            at=quarter_hour(work.now) if work.actor.kind is ActorKind.STUDENT else work.now,
            staff_id=staff_id,
            kind=kind,
            private=private,
            sealed=sealed,
        )
    )
