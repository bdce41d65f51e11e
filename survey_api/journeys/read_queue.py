"""The queue of a counselor: open cases of the own schools, each with its reasons in words and the child's wish.

Reads three rooms (review, results, submissions) and the words of the bank each child was asked. No names.
"""

from dataclasses import dataclass

from sqlmodel import Session

from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.access.scope import Scope
from survey_api.kit.actor import Actor
from survey_api.kit.crypto import Keyring
from survey_api.services.banks import queries as banks_queries
from survey_api.services.banks import reading
from survey_api.services.results import queries as results_queries
from survey_api.services.review import queries as review_queries
from survey_api.services.review.queries import CaseView
from survey_api.services.submissions import queries as submissions_queries


@dataclass(frozen=True)
class Waiting:
    """One row of the queue."""

    case: CaseView
    reasons: tuple[str, ...]
    """All of them, strongest first."""
    wish: str
    """What the child said about talking, as chosen; empty when nothing was said."""


def read_queue(db: Session, keys: Keyring, actor: Actor) -> list[Waiting]:
    """Most urgent first, then due first, then oldest."""
    require(actor, Permission.WORK_CASES)
    scope = Scope.of(actor, Permission.WORK_CASES)
    cases = review_queries.open_cases(db, scope)
    results = results_queries.results_by_ids(db, keys, scope, [case.result_id for case in cases])
    answers = submissions_queries.answers_by_ids(
        db, keys, scope, [result.submission_id for result in results.values()]
    )
    rows = []
    for case in cases:
        result = results[case.result_id]
        bank = banks_queries.published(db, result.bank_sha256)
        reasons = result.assessment["reasons"]
        rows.append(
            Waiting(
                case,
                tuple(reading.reason_words(bank, reason) for reason in reasons),
                reading.wish_words(bank, answers.get(result.submission_id, {})),
            )
        )
    return rows
