"""What others have promised is late: an answer to a sheet, a row of a plan. Said once per case and day of promise."""

from survey_api.access.scope import Scope
from survey_api.kit.clock import school_day
from survey_api.kit.work import Work
from survey_api.services.notifications import actions as notifications_actions
from survey_api.services.plans import queries as plans_queries
from survey_api.services.referrals import queries as referrals_queries
from survey_api.services.review import queries as review_queries
from survey_api.vocabulary import CaseState, NotificationKind


def remind_late(work: Work) -> int:
    """Queue a notification for each open case with something overdue; returns how many cases there are."""
    scope, today = Scope.whole_city(work.actor), school_day(work.now)
    late = {
        **referrals_queries.late_cases(work.db, scope, today),
        **plans_queries.late_cases(work.db, scope, today),
    }
    cases = [review_queries.case_by_id(work.db, scope, case_id) for case_id in sorted(late)]
    waiting = [case for case in cases if case.state != CaseState.CLOSED]
    for case in waiting:
        notifications_actions.queue(
            work,
            NotificationKind.REPLY_LATE,
            school_id=case.school_id,
            subject_id=case.id,
            event_key=f"late|{case.id}|{case.due_on.isoformat()}",
        )
    return len(waiting)
