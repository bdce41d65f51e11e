"""Invented counselors work on invented cases, through the product's own actions, until every state exists."""

from datetime import timedelta

from sqlmodel import select

from survey_api.access import queries as access_queries
from survey_api.kit.actor import Actor, ActorKind
from survey_api.kit.clock import school_day
from survey_api.runtime import Runtime
from survey_api.services.review import actions
from survey_api.tables.cases import Case
from survey_api.tables.staff import Grant
from survey_api.vocabulary import CaseState, ContactResult, Outcome, Role

PATHS = ("closed", "supporting", "monitoring", "met", "claimed", "closed")
OUTCOMES = (Outcome.CARE_SUPPORT_NEED, Outcome.OTHER_NEED, Outcome.MISTAKEN_ANSWER, Outcome.NEGLECT_CONCERN)


def work_some_cases(runtime: Runtime, wave_id: str, *, share: float) -> None:
    """Work the first `share` of a wave's cases, by urgency; the rest stays new."""
    with runtime.reading() as db:
        cases = list(db.exec(select(Case.id, Case.school_id).where(Case.wave_id == wave_id)).all())
        counselors = {
            grant.school_id: Actor(
                ActorKind.STAFF, grant.staff_id, access_queries.grants_of(db, grant.staff_id)
            )
            for grant in db.exec(select(Grant).where(Grant.role == Role.COUNSELOR)).all()
        }
    for index, (case_id, school_id) in enumerate(sorted(cases)[: round(len(cases) * share)]):
        _work(runtime, counselors[school_id], case_id, PATHS[index % len(PATHS)], index)


def _work(runtime: Runtime, counselor: Actor, case_id: str, path: str, index: int) -> None:
    with runtime.work(counselor) as work:
        case = work.db.get_one(Case, case_id)
        actions.note_view(work, case)
        actions.claim(work, case, case.version)
        if path == "claimed":
            return
        result = ContactResult.MET if index % 4 else ContactResult.ABSENT
        again = school_day(work.now) + timedelta(days=14)
        work.db.refresh(case)
        actions.record_contact(work, case, case.version, result, "保健室で話した(練習)", again)
        work.db.refresh(case)
        if path == "supporting":
            actions.move(work, case, case.version, CaseState.SUPPORTING)
        elif path == "monitoring":
            actions.move(work, case, case.version, CaseState.MONITORING)
        elif path == "closed":
            actions.close(work, case, case.version, OUTCOMES[index % len(OUTCOMES)], "練習の記録")
