"""A child presses おくる: keep the answers, understand them, open a case if a person should look.

One transaction. The same answers again are the same success; other answers on a spent ticket change nothing.
"""

from dataclasses import dataclass

from scoring.assessment import Assessment, Previous, assess
from scoring.sheet import AnswerMistake
from survey_api.kit.clock import school_day
from survey_api.kit.problems import AnswersRefused, SubmissionDiffers, TicketSpent, TicketUnknown
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
from survey_api.services.submissions.rules import Intake, check_answers, read_intake
from survey_api.vocabulary import NotificationKind, SubmissionState, TicketState, Urgency


@dataclass(frozen=True)
class Receipt:
    """What the tablet may know: it arrived. Never what it meant."""

    code: str
    again: bool = False


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
    answers = dict(bank.bank.on_path(check_answers(draft.get("answers", {}), bank.shape)))
    intake = Intake(
        client_id=f"draft-{ticket.id}",
        answers={item: value if isinstance(value, str) else list(value) for item, value in answers.items()},
        seconds={item: value for item, value in draft.get("seconds", {}).items() if item in answers},
    )
    return _finish(work, ticket, bank, intake)


def decline_submission(work: Work, ticket_id: str) -> None:
    """「いまは やらない」: keep only that this child declined."""
    ticket, _ = _ticket_and_bank(work, ticket_id)
    if ticket.state == TicketState.SPENT:
        return
    ticket.require_usable(school_day(work.now))
    submissions_actions.decline(work, ticket)


def _ticket_and_bank(work: Work, ticket_id: str) -> tuple[OpenTicket, LoadedBank]:
    ticket = submissions_queries.ticket_by_id(work.db, ticket_id)
    if ticket is None:
        raise TicketUnknown
    return ticket, banks_queries.published(work.db, ticket.bank_sha256)


def _sent_before(work: Work, ticket: OpenTicket) -> Receipt:
    """「おくる」 pressed again after it arrived: the same success. TicketSpent when this child declined."""
    kept = submissions_queries.kept_of_ticket(work.db, ticket.id)
    if kept is None or kept.state == SubmissionState.DECLINED:
        raise TicketSpent
    return Receipt(kept.receipt, again=True)


def _finish(work: Work, ticket: OpenTicket, bank: LoadedBank, intake: Intake) -> Receipt:
    receipt = submissions_actions.receipt_for(work, ticket, intake)
    if ticket.state == TicketState.SPENT:
        kept = submissions_queries.kept_of_ticket(work.db, ticket.id)
        if kept is not None and kept.receipt == receipt:
            return Receipt(receipt, again=True)
        raise SubmissionDiffers
    ticket.require_usable(school_day(work.now))

    previous = _previous(work, ticket)
    assessment = _assess(bank, intake, previous)
    submission_id = submissions_actions.close(work, ticket, intake)
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
    case_id = review_actions.open_case(
        work,
        result_id=result_id,
        school_id=ticket.school_id,
        wave_id=ticket.wave_id,
        pseudonym=ticket.pseudonym,
        urgency=Urgency(str(assessment.urgency)),
    )
    notifications_actions.queue(
        work,
        NotificationKind.CASE_WAITING,
        school_id=ticket.school_id,
        subject_id=case_id,
        event_key=f"case|{case_id}",
    )
