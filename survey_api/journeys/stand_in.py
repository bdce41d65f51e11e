"""Somebody is away and asks a colleague of the same schools to be told in the own place."""

from datetime import date

from sqlmodel import Session

from survey_api.access import queries as access_queries
from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.access.scope import Scope
from survey_api.kit.actor import Actor
from survey_api.kit.clock import school_day
from survey_api.kit.problems import BadInput
from survey_api.kit.work import Work
from survey_api.services.preferences import actions
from survey_api.services.preferences.rules import require_cover
from survey_api.vocabulary import Role

AT_SCHOOL = (Role.COUNSELOR, Role.HEAD)


def who_can(db: Session, actor: Actor) -> list[tuple[str, str]]:
    """(id, name) of the colleagues who may work at every school where the actor does."""
    scope = Scope.of(actor, Permission.WORK_CASES)
    found: dict[str, str] | None = None
    for school_id in sorted(scope.schools or ()):
        here = {staff.id: staff.name for staff in access_queries.staff_at(db, school_id, AT_SCHOOL)}
        found = here if found is None else {id_: name for id_, name in found.items() if id_ in here}
    return sorted(
        ((id_, name) for id_, name in (found or {}).items() if id_ != actor.id), key=lambda pair: pair[1]
    )


def ask_stand_in(work: Work, staff_id: str, first_on: date | None, last_on: date | None) -> None:
    """Ask, or take it back with an empty id. BadInput for somebody who may not see the same cases."""
    require(work.actor, Permission.WORK_CASES)
    if not staff_id:
        actions.set_cover(work, None, None, None)
        return
    if staff_id not in [id_ for id_, _ in who_can(work.db, work.actor)]:
        raise BadInput("代わりには、同じ学校の相談担当か管理職を選んでください。")
    actions.set_cover(work, staff_id, *require_cover(first_on, last_on, school_day(work.now)))
