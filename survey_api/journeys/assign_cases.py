"""Several cases get an owner at once: a colleague of their school, or the one who asks."""

from collections.abc import Sequence

from survey_api.access import queries as access_queries
from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.access.scope import Scope
from survey_api.kit.problems import BadInput
from survey_api.kit.work import Work
from survey_api.services.review import actions as review_actions
from survey_api.services.review import queries as review_queries
from survey_api.vocabulary import Role

AT_ONCE = 100
WORKING = (Role.COUNSELOR, Role.HEAD)


def assign_cases(
    work: Work, cases: Sequence[tuple[str, int]], owner_id: str, *, as_reviewer: bool = False
) -> None:
    """(case id, version) of each. All or none: one that changed meanwhile refuses the whole."""
    require(work.actor, Permission.WORK_CASES)
    scope = Scope.of(work.actor, Permission.WORK_CASES)
    if len(cases) > AT_ONCE:
        raise BadInput(f"一度に担当を決められるのは{AT_ONCE}件までです。")
    for case_id, version in cases:
        case = review_queries.case_by_id(work.db, scope, case_id)
        known = access_queries.staff_at(work.db, case.school_id, WORKING)
        if owner_id not in [staff.id for staff in known]:
            raise BadInput("担当には、その学校の相談員か管理職を選んでください。")
        if as_reviewer:
            review_actions.set_reviewer(work, case, version, owner_id)
        else:
            review_actions.assign(work, case, version, owner_id)
