"""The queue of a counselor: open cases of the own schools, each with its reasons in words and the child's wish.

Reads three rooms (review, results, submissions) and the words of the bank each child was asked. No names.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.access.scope import Scope
from survey_api.kit.actor import Actor
from survey_api.kit.clock import school_day
from survey_api.kit.crypto import Keyring
from survey_api.services.banks import queries as banks_queries
from survey_api.services.banks import reading
from survey_api.services.plans import queries as plans_queries
from survey_api.services.referrals import queries as referrals_queries
from survey_api.services.results import queries as results_queries
from survey_api.services.results.queries import OpenResult
from survey_api.services.review import queries as review_queries
from survey_api.services.review.hold import queries as hold_queries
from survey_api.services.review.hold.queries import Hold
from survey_api.services.review.queries import CaseView
from survey_api.services.submissions import queries as submissions_queries

SHOWN_REASONS = 3


@dataclass(frozen=True)
class Waiting:
    """One row of the queue."""

    case: CaseView
    reasons: tuple[str, ...]
    """The strongest, in words."""
    more: int
    """How many other reasons there are."""
    wish: str
    """What the child said about talking, as chosen; empty when nothing was said."""
    concerns: frozenset[str]
    """What the reasons are about."""
    change: str
    """Against the wave before: first, new, gone, same."""
    hold: Hold | None = None
    late: str = ""
    """What others have promised and not done: rows of the plan, an answer to a sheet."""


def read_queue(db: Session, keys: Keyring, actor: Actor, now: datetime) -> list[Waiting]:
    """Most urgent first, then due first, then oldest."""
    require(actor, Permission.WORK_CASES)
    scope = Scope.of(actor, Permission.WORK_CASES)
    cases = review_queries.open_cases(db, scope, school_day(now))
    results = results_queries.results_by_ids(db, keys, scope, [case.result_id for case in cases])
    answers = submissions_queries.answers_by_ids(
        db, keys, scope, [result.submission_id for result in results.values()]
    )
    holds = hold_queries.holds(db, scope, now, [case.id for case in cases])
    late = _late(db, scope, school_day(now))
    rows = []
    for case in cases:
        result = results[case.result_id]
        bank = banks_queries.published(db, result.bank_sha256)
        reasons = result.assessment["reasons"]
        rows.append(
            Waiting(
                case,
                tuple(reading.reason_words(bank, reason) for reason in reasons[:SHOWN_REASONS]),
                max(0, len(reasons) - SHOWN_REASONS),
                reading.wish_words(bank, answers.get(result.submission_id, {})),
                frozenset(str(reason["concern"]) for reason in reasons),
                _change(result),
                holds.get(case.id),
                late.get(case.id, ""),
            )
        )
    return rows


def _late(db: Session, scope: Scope, today: date) -> dict[str, str]:
    """Case → overdue rows of its plan and overdue answers to its sheets, in words."""
    words = dict(referrals_queries.late_cases(db, scope, today))
    for case_id, rows in plans_queries.late_cases(db, scope, today).items():
        known = words.get(case_id)
        words[case_id] = f"支援プランの{rows}行が期限切れ" + (f"・{known}" if known else "")
    return words


def _change(result: OpenResult) -> str:
    """How this wave's reasons differ from those of the wave before. Gone is no relief: it says so first."""
    if result.previous is None:
        return "first"
    if result.assessment["vanished"]:
        return "gone"
    before = set(result.previous["rules"])
    now = {flag["rule"] for flag in result.assessment["flags"] if flag["active"]}
    return "new" if now - before else "same"
