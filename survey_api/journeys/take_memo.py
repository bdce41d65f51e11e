"""気づきメモ: it comes in through a card, and a person of the desk matches it to a case. Nothing goes back but a state."""

from datetime import date

from sqlmodel import Session

from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.access.scope import Scope
from survey_api.kit.problems import BadInput
from survey_api.kit.work import Work
from survey_api.services.memos import actions as memos_actions
from survey_api.services.memos import queries as memos_queries
from survey_api.services.memos.queries import OpenMemo
from survey_api.services.memos.rules import Memo, told_words
from survey_api.services.notifications import actions as notifications_actions
from survey_api.services.review import actions as review_actions
from survey_api.services.review import queries as review_queries
from survey_api.services.students import queries as students_queries
from survey_api.vocabulary import GRADE_WORDS, NotificationKind


def leave_memo(work: Work, card_number: str, memo: Memo) -> str:
    """Keep a memo and let its desk know; returns the receipt number."""
    schools = [school.id for school in students_queries.schools(work.db)]
    if memo.school_id is not None and memo.school_id not in schools:
        raise BadInput("学校: 選べるものの中から選んでください。")
    memo_id, receipt = memos_actions.receive(work, card_number, memo)
    for school_id in [memo.school_id] if memo.school_id else schools:
        notifications_actions.queue(
            work,
            NotificationKind.MEMO_WAITING,
            school_id=school_id,
            subject_id=memo_id,
            event_key=f"memo|{memo_id}|{school_id}",
            urgent=memo.urgent,
        )
    return receipt


def read_inbox(work: Work) -> list[OpenMemo]:
    """The inbox of the actor's schools, without what was matched to a case that only others know of."""
    require(work.actor, Permission.WORK_CASES)
    scope = Scope.of(work.actor, Permission.WORK_CASES)
    unknown = review_queries.unknown_ids(work.db, scope)
    return [memo for memo in memos_queries.inbox(work.db, work.keys, scope) if memo.case_id not in unknown]


def open_signs(db: Session, scope: Scope, today: date) -> list[tuple[str, str]]:
    """(case, sign and class) of the open cases a memo may be matched to."""
    cases = review_queries.open_cases(db, scope, today)
    return [
        (
            case.id,
            f"{case.sign} {GRADE_WORDS[case.grade]} {case.class_name.rpartition('年')[2].removesuffix('組')}組 {case.school}",
        )
        for case in cases
    ]


def match_memo(work: Work, memo_id: str, case_id: str) -> None:
    """A person says which case it belongs to (or none): it stands on that case's timeline."""
    require(work.actor, Permission.WORK_CASES)
    scope = Scope.of(work.actor, Permission.WORK_CASES)
    found = memos_queries.memo_by_id(work.db, work.keys, scope, memo_id)
    memos_actions.act(work, memo_id, case_id or None)
    if case_id:
        case = review_queries.case_by_id(work.db, scope, case_id)
        details = {"words": f"{told_words(found.memo, found.received_on)}\n({found.sender})"}
        review_actions.tell(work, case, case.version, "memo", details)
