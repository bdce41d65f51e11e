"""A child presses おくる: keep the answers, understand them, open a case if a person should look.

One transaction. The same answers again are the same success; other answers on a spent ticket change nothing.
"""

import json
from dataclasses import dataclass
from typing import Any

from scoring.assessment import Assessment, Previous, assess
from scoring.sheet import AnswerMistake
from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.access.scope import Scope
from survey_api.access.tablet_seal import key_id_of, open_blob, ticket_of_go
from survey_api.kit.ids import new_token
from survey_api.kit.problems import AnswersRefused, SealBroken, SubmissionDiffers, TicketSpent, TicketUnknown
from survey_api.kit.work import Work
from survey_api.services.banks import queries as banks_queries
from survey_api.services.banks.library import LoadedBank
from survey_api.services.banks.sheets import sheet_of
from survey_api.services.notifications import actions as notifications_actions
from survey_api.services.results import actions as results_actions
from survey_api.services.results import queries as results_queries
from survey_api.services.review import actions as review_actions
from survey_api.services.submissions import actions as submissions_actions
from survey_api.services.submissions import queries as submissions_queries
from survey_api.services.submissions.queries import OpenTicket
from survey_api.services.submissions.rules import Intake, check_answers, own_words, read_intake
from survey_api.services.submissions.taps import Draft, forgotten_as_told, merge, read_batch
from survey_api.vocabulary import LateState, NotificationKind, SubmissionState, TicketState, Urgency

DECLINED = "/s/decline"
"""The wish of a sealed batch that says no; any other wish is to delete what was answered."""


@dataclass(frozen=True)
class Receipt:
    """What the tablet may know: it arrived. Never what it meant."""

    code: str
    again: bool = False
    late: bool = False
    """After the end of the wave, or of the pupil's time at the school: kept unread until a person has decided."""


def finish_submission(work: Work, ticket_id: str, raw: bytes) -> Receipt:
    """A whole answer sheet as JSON bytes, from a tablet that kept it."""
    ticket, bank = _ticket_and_bank(work, ticket_id)
    return _finish(work, ticket, bank, read_intake(raw, bank.shape))


def finish_draft(work: Work, ticket_id: str) -> Receipt:
    """The draft kept on the server, from a page without script."""
    ticket, bank = _ticket_and_bank(work, ticket_id)
    if ticket.state == TicketState.SPENT:
        return _sent_before(work, ticket)
    draft = submissions_queries.draft_of(work.db, work.keys, ticket)
    intake = _intake_of(draft, ticket, bank)
    if draft.get("answers") and ticket.is_late(work.now):
        return _keep_late(work, ticket, bank, intake)
    return _finish(work, ticket, bank, intake)


def _intake_of(draft: Draft, ticket: OpenTicket, bank: LoadedBank) -> Intake:
    """The answers of a draft that lie on the child's final path."""
    answers = dict(bank.bank.on_path(check_answers(draft.get("answers", {}), bank.shape)))
    return Intake(
        client_id=f"draft-{new_token()}",
        answers={item: value if isinstance(value, str) else list(value) for item, value in answers.items()},
        seconds={item: value for item, value in draft.get("seconds", {}).items() if item in answers},
        supported=bool(draft.get("supported")),
    )


@dataclass(frozen=True)
class HandedIn:
    """What came of a sealed batch: whose it was, and whether the go is over."""

    ticket_id: str
    finished: bool
    late: bool = False


def receive_sealed(work: Work, blob: bytes, sent_at: float) -> HandedIn:
    """A batch that a tablet sealed to its wave's key: its taps, and perhaps that the child pressed おくる.

    Or only the wish to delete everything (`_forget_as_told`). The same batch again changes nothing; after the end
    of a go it is the same success. `sent_at`: what the tablet's clock showed on sending, in milliseconds.
    SealBroken or AnswersRefused when it cannot be read.
    """
    pair = submissions_queries.wave_key_by_id(work.db, key_id_of(blob))
    try:
        body = json.loads(open_blob(work.keys, pair, blob))
        ticket, bank = _ticket_and_bank(work, ticket_of_go(work.keys, body.get("go")))
    except (ValueError, AttributeError, RecursionError) as broken:
        raise SealBroken from broken
    if ticket.state == TicketState.SPENT:
        return HandedIn(ticket.id, finished=True)
    if isinstance(wish := body.get("wish"), str):
        _forget_as_told(work, ticket, body, sent_at, declined=wish == DECLINED)
        return HandedIn(ticket.id, finished=False)
    finished = body.get("finished") is True
    late = finished and ticket.is_late(work.now)
    if not finished:
        ticket.require_answerable(work.now)
    draft = submissions_queries.draft_of(work.db, work.keys, ticket)
    merge(draft, read_batch({**body, "now": sent_at}, bank.shape), work.now.timestamp() * 1000)
    if late:
        _keep_late(work, ticket, bank, _intake_of(draft, ticket, bank))
    elif finished:
        _finish(work, ticket, bank, _intake_of(draft, ticket, bank))
    else:
        submissions_actions.save_draft(work, ticket, draft)
    return HandedIn(ticket.id, finished, late)


def _forget_as_told(
    work: Work, ticket: OpenTicket, body: dict[str, Any], sent_at: float, *, declined: bool
) -> None:
    """A tablet without network was told to delete everything, perhaps by a child who does not want to take part at
    all: also after the wave, and whoever holds the tablet now. What the child has answered since elsewhere stays."""
    draft = submissions_queries.draft_of(work.db, work.keys, ticket)
    left = forgotten_as_told(draft, body, sent_at, work.now.timestamp() * 1000)
    submissions_actions.save_draft(work, ticket, left)
    if declined and not left.get("answers") and ticket.is_usable(work.now):
        submissions_actions.decline(work, ticket)


def _keep_late(work: Work, ticket: OpenTicket, bank: LoadedBank, intake: Intake) -> Receipt:
    """Sealed and unread; the people of the school are told that something waits for them."""
    sheet_id = submissions_actions.keep_late(work, ticket, intake, own_words(intake.answers, bank.shape))
    if sheet_id is not None:
        notifications_actions.queue(
            work,
            NotificationKind.CASE_WAITING,
            school_id=ticket.school_id,
            subject_id=sheet_id,
            event_key=f"late|{sheet_id}",
            urgent=True,
        )
    return Receipt(submissions_actions.receipt_for(work, ticket, intake), again=sheet_id is None, late=True)


def read_late(work: Work, sheet_id: str) -> None:
    """A person of the school decides that a late sheet is read like the others: scored, with a case where needed."""
    require(work.actor, Permission.WORK_CASES)
    scope = Scope.of(work.actor, Permission.WORK_CASES)
    sheet = submissions_queries.late_sheet(work.db, scope, sheet_id)
    ticket, bank = _ticket_and_bank(work, sheet.ticket_id)
    content = submissions_queries.late_content(work.db, work.keys, scope, sheet, work.opened)
    read_so = content.get("supported")
    intake = Intake(
        f"late-{new_token()}",
        content["answers"],
        content["seconds"],
        supported=None if read_so is None else bool(read_so),
    )
    submissions_actions.decide_late(work, sheet, LateState.READ)
    if ticket.state != TicketState.SPENT:
        _finish(work, ticket, bank, intake, waited=True)


def leave_late(work: Work, sheet_id: str) -> None:
    """A person of the school decides that it stays unread; it is kept as long as the drafts of its wave."""
    require(work.actor, Permission.WORK_CASES)
    sheet = submissions_queries.late_sheet(work.db, Scope.of(work.actor, Permission.WORK_CASES), sheet_id)
    submissions_actions.decide_late(work, sheet, LateState.LEFT)


def decline_submission(work: Work, ticket_id: str) -> None:
    """「いまは やらない」: keep only that this child declined."""
    ticket, _ = _ticket_and_bank(work, ticket_id)
    if ticket.state == TicketState.SPENT:
        return
    ticket.require_usable(work.now)
    submissions_actions.decline(work, ticket)


def _ticket_and_bank(work: Work, ticket_id: str) -> tuple[OpenTicket, LoadedBank]:
    ticket = submissions_queries.held_ticket(work.db, ticket_id)
    if ticket is None:
        raise TicketUnknown
    return ticket, banks_queries.published(work.db, ticket.bank_sha256)


def _sent_before(work: Work, ticket: OpenTicket) -> Receipt:
    """「おくる」 pressed again after it arrived: the same success. TicketSpent when this child declined."""
    kept = submissions_queries.kept_of_ticket(work.db, ticket.id)
    if kept is None or kept.state == SubmissionState.DECLINED:
        raise TicketSpent
    return Receipt(kept.receipt, again=True)


def _finish(
    work: Work, ticket: OpenTicket, bank: LoadedBank, intake: Intake, *, waited: bool = False
) -> Receipt:
    receipt = submissions_actions.receipt_for(work, ticket, intake)
    if ticket.state == TicketState.SPENT:
        kept = submissions_queries.kept_of_ticket(work.db, ticket.id)
        if kept is not None and kept.receipt == receipt:
            return Receipt(receipt, again=True)
        raise SubmissionDiffers
    if not waited:
        ticket.require_usable(work.now)

    previous = _previous(work, ticket)
    assessment = _assess(bank, intake, previous)
    words = own_words(intake.answers, bank.shape)
    submission_id = submissions_actions.close(work, ticket, intake, words)
    result_id = results_actions.record(
        work,
        submission_id=submission_id,
        wave_id=ticket.wave_id,
        school_id=ticket.school_id,
        pseudonym=ticket.pseudonym,
        bank_sha256=ticket.bank_sha256,
        assessment=assessment.as_dict(),
        assessment_bytes=assessment.to_bytes(),
        previous=previous.as_dict() if previous else None,
        urgency=assessment.urgency,
    )
    if assessment.needs_a_person:
        _call_a_person(work, ticket, result_id, assessment)
    return Receipt(receipt)


def _previous(work: Work, ticket: OpenTicket) -> Previous | None:
    """What the pupil's last wave came to, for rules that look at change."""
    earlier = results_queries.latest_before(work.db, work.keys, ticket.pseudonym, ticket.wave_id)
    return Assessment.from_dict(earlier.assessment).summary() if earlier else None


def _assess(bank: LoadedBank, intake: Intake, previous: Previous | None) -> Assessment:
    try:
        sheet = sheet_of(bank, intake.answers)
    except AnswerMistake as mistake:
        raise AnswersRefused(str(mistake)) from mistake
    return assess(bank.scoring_key, sheet, previous, seconds=intake.seconds)


def _call_a_person(work: Work, ticket: OpenTicket, result_id: str, assessment: Assessment) -> None:
    called = review_actions.open_case(
        work,
        result_id=result_id,
        school_id=ticket.school_id,
        wave_id=ticket.wave_id,
        pseudonym=ticket.pseudonym,
        urgency=Urgency(str(assessment.urgency)),
    )
    if called.event_key:
        notifications_actions.queue(
            work,
            NotificationKind.CASE_WAITING,
            school_id=ticket.school_id,
            subject_id=called.case_id,
            event_key=called.event_key,
            urgent=str(assessment.urgency) == Urgency.TODAY,
        )
