"""Pupils who finished school and stand on no roster since: they left on the last day of their school year.

Nobody tells the service that a class graduated. Without this, whoever is never on a roster again would be kept for
ever. A later roster that has a pupil again takes it back.
"""

from survey_api.access.scope import Scope
from survey_api.audit import queries as audit_queries
from survey_api.kit.clock import school_day
from survey_api.kit.work import Work
from survey_api.services.students import actions as students_actions
from survey_api.services.students import queries as students_queries
from survey_api.vocabulary import AuditKind


def graduate_students(work: Work) -> int:
    """How many left. Nobody, while no roster was ever applied or the newest is of this school year."""
    at = audit_queries.last_at(work.db, AuditKind.ROSTER_APPLIED)
    if at is None:
        return 0
    scope = Scope.whole_city(work.actor)
    finished = students_queries.finished(work.db, scope, school_day(at), school_day(work.now))
    return students_actions.graduate(work, finished)
