"""Find cases of the own schools again: by sign, day, concern, state; by a child's words only for a purpose.

Every search by words leaves a line with its purpose and how many cases it found, never with the words.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.access.scope import Scope
from survey_api.kit.problems import BadInput
from survey_api.kit.work import Work
from survey_api.services.banks import queries as banks_queries
from survey_api.services.results import queries as results_queries
from survey_api.services.results.queries import OpenResult
from survey_api.services.review import actions as review_actions
from survey_api.services.review import queries as review_queries
from survey_api.services.review.queries import CaseView
from survey_api.services.submissions import queries as submissions_queries
from survey_api.vocabulary import CaseState, SearchPurpose

MOST = 200
FEWEST_LETTERS = 2
NOT_CLOSED = "open"


@dataclass(frozen=True)
class Asked:
    """What somebody is looking for; empty fields ask for nothing."""

    sign: str
    first_on: date | None
    last_on: date | None
    concern: str
    state: str
    said: str = ""
    purpose: str = ""


def search_cases(work: Work, asked: Asked) -> list[CaseView]:
    """Cases of the own schools, newest first. BadInput for an empty search, or for words without a purpose."""
    require(work.actor, Permission.WORK_CASES)
    _require_sound(asked)
    scope = Scope.of(work.actor, Permission.WORK_CASES)
    cases = review_queries.found(work.db, scope, asked.sign, asked.first_on, asked.last_on)
    cases = [case for case in cases if _in_state(case, asked.state)]
    if asked.concern or asked.said:
        cases = _by_sheet(work, scope, cases, asked)
    if asked.said:
        review_actions.note_search(work, SearchPurpose(asked.purpose), len(cases))
    return cases[:MOST]


def _require_sound(asked: Asked) -> None:
    if not any((asked.sign, asked.first_on, asked.last_on, asked.concern, asked.state, asked.said)):
        raise BadInput("記号・日・領域・状態のどれかを入れてください。")
    if asked.first_on and asked.last_on and asked.last_on < asked.first_on:
        raise BadInput("できた日: 終わりを始まりより後にしてください。")
    if asked.purpose and asked.purpose not in [str(known) for known in SearchPurpose]:
        raise BadInput("目的を選んでください。")
    if asked.said and not asked.purpose:
        raise BadInput("子どもの書いた言葉でさがすときは、目的を選んでください。")
    if asked.said and len(asked.said) < FEWEST_LETTERS:
        raise BadInput(f"言葉は{FEWEST_LETTERS}文字以上にしてください。")


def _in_state(case: CaseView, state: str) -> bool:
    if state == NOT_CLOSED:
        return case.state is not CaseState.CLOSED
    return state in ("", str(case.state))


def _by_sheet(work: Work, scope: Scope, cases: list[CaseView], asked: Asked) -> list[CaseView]:
    """What only the opened sheet can tell: what the reasons are about, and what the child wrote."""
    results = results_queries.results_by_ids(work.db, work.keys, scope, [case.result_id for case in cases])
    answers: dict[str, dict[str, Any]] = {}
    if asked.said:
        answers = submissions_queries.answers_by_ids(
            work.db,
            work.keys,
            scope,
            [result.submission_id for result in results.values()],
            work.opened,
        )
    return [
        case
        for case in cases
        if (result := results.get(case.result_id)) is not None
        and (not asked.concern or asked.concern in _concerns(result))
        and (not asked.said or asked.said in _texts(work, result, answers))
    ]


def _concerns(result: OpenResult) -> set[str]:
    return {str(reason["concern"]) for reason in result.assessment["reasons"]}


def _texts(work: Work, result: OpenResult, answers: dict[str, dict[str, Any]]) -> str:
    bank = banks_queries.published(work.db, result.bank_sha256)
    given = answers.get(result.submission_id, {})
    return "\n".join(
        str(given[item.id]) for item in bank.bank.items.values() if item.kind == "text" and given.get(item.id)
    )
