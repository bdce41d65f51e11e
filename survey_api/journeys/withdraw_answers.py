"""A child or a guardian takes the answers back; a guardian opts a child out.

Everything happens in the transaction of the wish: answers, draft and result go, their key is destroyed, tables
that are not published yet are made again without them, and a certificate is kept. Whoever asks is told the same
whether anything was there or not. A case that a person has been called to stays, with its reasons in words as a
note: a wish that may have been forced on a child must not make the child invisible.
"""

from collections.abc import Mapping

from survey_api.access import sealing
from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.access.scope import Scope
from survey_api.kit.clock import school_day
from survey_api.kit.problems import BadInput, HeldBack, TicketUnknown
from survey_api.kit.work import Work
from survey_api.services.banks import queries as banks_queries
from survey_api.services.banks import reading
from survey_api.services.erasure import actions as erasure_actions
from survey_api.services.erasure import queries as erasure_queries
from survey_api.services.insights import actions as insights_actions
from survey_api.services.insights import released
from survey_api.services.results import actions as results_actions
from survey_api.services.results import queries as results_queries
from survey_api.services.review import actions as review_actions
from survey_api.services.review import queries as review_queries
from survey_api.services.students import actions as students_actions
from survey_api.services.students import queries as students_queries
from survey_api.services.submissions import actions as submissions_actions
from survey_api.services.submissions import queries as submissions_queries
from survey_api.services.waves import queries as waves_queries
from survey_api.tables.schools import Student
from survey_api.tables.waves import Wave
from survey_api.vocabulary import WaveState, WithdrawnBy


def withdraw_answers(work: Work, school_id: str, sign: str, wave_id: str, by: WithdrawnBy) -> str:
    """Erase what a pupil gave in a wave; returns the certificate's id. BadInput for an unknown sign."""
    student = _student(work, school_id, sign)
    wave = waves_queries.wave_by_id(work.db, wave_id)
    if erasure_queries.held(work.db).cover(student.pseudonym, student.school_id, wave_id):
        raise BadInput("いまは保全の指定があるため、消去できません。教育委員会の担当者に引きついでください。")
    scope = Scope.of(work.actor, Permission.KEEP_CONSENT)
    return _certify(work, student, wave, by, _withdraw(work, scope, student, wave))


def take_back(work: Work, ticket_id: str) -> None:
    """The child's own wish, with its ticket, until the last day of its wave; no reason is asked.

    Nothing is said about whether anything was there. HeldBack while a hold stands; WaveClosed afterwards. The work is
    a job's, not the ticket's: the trail must not say which ticket it was.
    """
    scope = Scope.whole_city(work.actor)
    ticket = submissions_queries.held_ticket(work.db, ticket_id)
    if ticket is None:
        raise TicketUnknown
    ticket.require_usable(work.now)
    student = students_queries.by_pseudonym(work.db, scope, ticket.pseudonym)
    if erasure_queries.held(work.db).cover(student.pseudonym, ticket.school_id, ticket.wave_id):
        raise HeldBack
    wave = waves_queries.wave_by_id(work.db, ticket.wave_id)
    counts = _withdraw(work, scope, student, wave)
    kind = f"withdrawal.{WithdrawnBy.CHILD}"
    if not erasure_queries.is_certified(work.db, scope, work.keys, kind, student.pseudonym, wave.id):
        _certify(
            work, student, wave, WithdrawnBy.CHILD, counts
        )  # also when nothing was there: nobody can tell


def _withdraw(work: Work, scope: Scope, student: Student, wave: Wave) -> dict[str, int]:
    """Answers, results and keys go; open cases keep their reasons; tables not yet published are made again."""
    _keep_reasons(work, scope, student, wave.id)
    counts = {
        "answers": submissions_actions.erase(work, student.pseudonym, wave.id),
        "results": results_actions.erase(work, student.pseudonym, wave.id),
        "keys": sealing.destroy_keys(work, pseudonym=student.pseudonym, wave_id=wave.id),
    }
    if wave.state == WaveState.OPEN:
        submissions_actions.close_ticket(work, student.pseudonym, wave.id)
    prepared = released.prepared_of(work.db, wave.id)
    if prepared is not None:
        insights_actions.send_back(work, prepared)
    return counts


def _certify(work: Work, student: Student, wave: Wave, by: WithdrawnBy, counts: Mapping[str, int]) -> str:
    return erasure_actions.certify(
        work,
        f"withdrawal.{by}",
        pseudonym=student.pseudonym,
        sign=student.sign,
        school_id=student.school_id,
        wave_id=wave.id,
        asked_on=school_day(work.now),
        counts=counts,
    )


def opt_out(work: Work, school_id: str, sign: str, *, out: bool) -> None:
    """A guardian keeps a child out of waves, or lets it in again. Its tickets lead to the quiet page."""
    student = _student(work, school_id, sign)
    students_actions.opt_out(work, student, out=out)
    if out:
        for wave in waves_queries.waves(work.db):
            if wave.state == WaveState.OPEN:
                submissions_actions.close_ticket(work, student.pseudonym, wave.id)


def _student(work: Work, school_id: str, sign: str) -> Student:
    require(work.actor, Permission.KEEP_CONSENT)
    scope = Scope.of(work.actor, Permission.KEEP_CONSENT)
    scope.require(school_id)
    student = students_queries.by_sign(work.db, scope, school_id, sign)
    if student is None:
        raise BadInput(
            "そのしるしの児童生徒がいません。チケットの「青-217」のようなしるしを確かめてください。"
        )
    return student


def _keep_reasons(work: Work, scope: Scope, student: Student, wave_id: str) -> None:
    """For each open case of this wave: why it was opened, in words, onto its timeline, before the answers go."""
    for case in review_queries.cases_of(work.db, scope, student.pseudonym):
        if case.wave_id != wave_id:
            continue
        result = results_queries.result_by_id(work.db, work.keys, scope, case.result_id)
        words = []
        if result is not None and result.assessment["reasons"]:
            bank = banks_queries.published(work.db, result.bank_sha256)
            words = [reading.reason_words(bank, reason) for reason in result.assessment["reasons"]]
        review_actions.note_withdrawal(work, case, words)
