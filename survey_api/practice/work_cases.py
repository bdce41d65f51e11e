"""Invented counselors work on invented cases, through the product's own actions, until every state exists."""

from datetime import timedelta

from sqlmodel import select

from survey_api.access import queries as access_queries
from survey_api.journeys import hand_over
from survey_api.kit.actor import Actor, ActorKind
from survey_api.kit.clock import school_day
from survey_api.kit.work import Work
from survey_api.runtime import Runtime
from survey_api.services.agencies import queries
from survey_api.services.referrals.rules import Sheet
from survey_api.services.review import actions
from survey_api.tables.cases import Case
from survey_api.tables.staff import Grant
from survey_api.vocabulary import CaseState, Consent, ContactResult, Outcome, Role

PATHS = (
    "closed",
    "supporting",
    "monitoring",
    "met",
    "claimed",
    "closed",
    "referred",
    "monitoring",
    "reopened",
    "met",
    "closed",
    "notified",
)
OUTCOMES = (Outcome.CARE_SUPPORT_NEED, Outcome.OTHER_NEED, Outcome.MISTAKEN_ANSWER, Outcome.NEGLECT_CONCERN)


def work_some_cases(runtime: Runtime, wave_id: str, *, share: float, long_ago: bool = False) -> None:
    """Work the first `share` of a wave's cases; the rest stays new. Long ago: everything has ended since."""
    with runtime.reading() as db:
        cases = list(db.exec(select(Case.id, Case.school_id).where(Case.wave_id == wave_id)).all())
        counselors = {
            grant.school_id: Actor(
                ActorKind.STAFF, grant.staff_id, access_queries.grants_of(db, grant.staff_id)
            )
            for grant in db.exec(select(Grant).where(Grant.role == Role.COUNSELOR)).all()
        }
    for index, (case_id, school_id) in enumerate(sorted(cases)[: round(len(cases) * share)]):
        path = "closed" if long_ago else PATHS[index % len(PATHS)]
        _work(runtime, counselors[school_id], case_id, path, index)


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
        elif path == "notified":
            actions.move(work, case, case.version, CaseState.NOTIFIED)
        elif path == "referred":
            _hand_over(work, runtime, case_id)
        elif path in ("closed", "reopened"):
            actions.close(work, case, case.version, OUTCOMES[index % len(OUTCOMES)], "練習の記録")
            if path == "reopened":
                work.db.refresh(case)
                actions.move(work, case, case.version, CaseState.REOPENED)


def _hand_over(work: Work, runtime: Runtime, case_id: str) -> None:
    """An invented 相談をつなぐシート, without a name, handed over as it was drafted."""
    sheet = Sheet(
        recipient=next(agency.id for agency in queries.recipients(work.db)),
        reply_by=school_day(work.now) + timedelta(days=14),
        consent=str(Consent.GIVEN),
        blocks=frozenset({"facts", "wish"}),
        worries=("childcare",),
        main_worry="childcare",
        fields={
            "facts": "家のことで困っていると話した(練習)",
            "wish": "放課後に話したい(練習)",
            "contact_by": "other",
            "contact_detail": "学校(相談室)へ",
            "explained_by": "相談員(練習)",
            "consent_day": "この日",
        },
    )
    referral_id = hand_over.draft_sheet(work, runtime.vault, case_id, sheet)
    seen = hand_over.see_sheet(work, case_id, referral_id)
    hand_over.hand_over(work, case_id, referral_id, seen.case.version)
