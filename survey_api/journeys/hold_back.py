"""While something is being looked into, nothing of a pupil, a wave or a school may be erased; two people end it."""

from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.access.scope import Scope
from survey_api.kit.problems import BadInput
from survey_api.kit.work import Work
from survey_api.services.erasure import actions as erasure_actions
from survey_api.services.erasure import queries as erasure_queries
from survey_api.services.students import queries as students_queries
from survey_api.services.waves import queries as waves_queries
from survey_api.vocabulary import HoldKind


def place_hold(work: Work, kind: HoldKind, school_id: str, *, sign: str, wave_id: str, reason: str) -> str:
    """Hold a pupil (by sign), a wave or the whole school. BadInput names what is missing."""
    require(work.actor, Permission.KEEP_CONSENT)
    scope = Scope.of(work.actor, Permission.KEEP_CONSENT)
    scope.require(school_id)
    subject = school_id
    if kind is HoldKind.PUPIL:
        student = students_queries.by_sign(work.db, scope, school_id, sign)
        if student is None:
            raise BadInput("そのしるしの児童生徒がいません。チケットのしるしを確かめてください。")
        subject = student.pseudonym
    elif kind is HoldKind.WAVE:
        subject = waves_queries.wave_by_id(work.db, wave_id).id
    return erasure_actions.place_hold(work, kind, subject, school_id, reason)


def lift_hold(work: Work, hold_id: str) -> None:
    """Let it go. NotFound outside the actor's schools; BadInput for the person who placed it."""
    require(work.actor, Permission.KEEP_CONSENT)
    scope = Scope.of(work.actor, Permission.KEEP_CONSENT)
    erasure_actions.lift_hold(work, erasure_queries.hold_by_id(work.db, scope, hold_id))
