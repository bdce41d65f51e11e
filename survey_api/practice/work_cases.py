"""Invented counselors work on invented cases, through the product's own actions, until every state exists."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial

from sqlmodel import col, select

from survey_api.access import queries as access_queries
from survey_api.journeys import hand_over
from survey_api.kit.actor import Actor, ActorKind
from survey_api.kit.clock import school_day
from survey_api.kit.work import Work
from survey_api.practice.case_of_k import walk_k
from survey_api.runtime import Runtime
from survey_api.services.agencies import queries
from survey_api.services.referrals.rules import Sheet
from survey_api.services.review import actions
from survey_api.services.review.hold import actions as hold_actions
from survey_api.services.review.school_days import add_school_days
from survey_api.tables.cases import Case
from survey_api.tables.staff import Grant
from survey_api.vocabulary import CaseState, Consent, ContactResult, Label, Outcome, Role

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
    "planned",
)
ENDINGS = (
    (Outcome.CARE_SUPPORT_NEED, Label.CARE),
    (Outcome.OTHER_NEED, Label.MOOD),
    (Outcome.MISTAKEN_ANSWER, Label.NONE),
    (Outcome.NEGLECT_CONCERN, Label.NEGLECT),
)


def work_some_cases(runtime: Runtime, wave_id: str, *, share: float, long_ago: bool = False) -> None:
    """Work the first `share` of a wave's cases; the rest stays new. Long ago: everything has ended since."""
    with runtime.reading() as db:
        cases = list(db.exec(select(Case.id, Case.school_id).where(Case.wave_id == wave_id)).all())
        people: dict[str | None, dict[str, Actor]] = {}
        for grant in db.exec(select(Grant).where(col(Grant.role).in_([Role.COUNSELOR, Role.HEAD]))).all():
            person = Actor(ActorKind.STAFF, grant.staff_id, access_queries.grants_of(db, grant.staff_id))
            people.setdefault(grant.school_id, {})[grant.role] = person
    for index, (case_id, school_id) in enumerate(sorted(cases)[: round(len(cases) * share)]):
        path = "closed" if long_ago else PATHS[index % len(PATHS)]
        _work(runtime, people[school_id]["counselor"], case_id, path, index)
        if path == "planned":
            walk_k(partial(runtime.work, people[school_id]["counselor"]), case_id)
        if path in ("closed", "reopened"):
            _end(runtime, people[school_id], case_id, path)


def _end(runtime: Runtime, people: Mapping[str, Actor], case_id: str, path: str) -> None:
    """The second person, where one is needed; and a closed case that opens again."""
    with runtime.work(people["head"]) as work:
        case = work.db.get_one(Case, case_id)
        hold_actions.release(replace(work, actor=people["counselor"]), case)
        if case.closing_by is not None:
            actions.confirm_close(work, case, case.version, "二人で確かめた(練習)")
        if path == "reopened":
            actions.move(work, case, case.version, CaseState.REOPENED)


def _work(runtime: Runtime, counselor: Actor, case_id: str, path: str, index: int) -> None:
    with runtime.work(counselor) as work:
        case = work.db.get_one(Case, case_id)
        actions.note_view(work, case)
        actions.claim(work, case, case.version)
        if path == "claimed":
            return
        result = ContactResult.MET if index % 4 else ContactResult.ABSENT
        again = add_school_days(school_day(work.now), 10 if result is ContactResult.MET else 1)
        work.db.refresh(case)
        contact = actions.Contact(result, "保健室で話した(練習)", "保健室", next_on=again)
        actions.record_contact(work, case, case.version, contact)
        work.db.refresh(case)
        if path in ("supporting", "planned"):
            actions.move(work, case, case.version, CaseState.SUPPORTING)
        elif path == "monitoring":
            actions.move(work, case, case.version, CaseState.MONITORING)
        elif path == "notified":
            actions.move(work, case, case.version, CaseState.NOTIFIED)
        elif path == "referred":
            _hand_over(work, runtime, case_id)
        elif path in ("closed", "reopened"):
            outcome, label = ENDINGS[index % len(ENDINGS)]
            actions.close(work, case, case.version, outcome, label, "練習の記録")


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
