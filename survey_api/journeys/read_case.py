"""A counselor opens a case: why, what the child wishes, what was answered, what was done. Leaves a trail line.

No name is in here; reveal_student is the only way to one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from survey_api.access import queries as access_queries
from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.access.scope import Scope
from survey_api.kit.problems import NotFound
from survey_api.kit.work import Work
from survey_api.services.banks import queries as banks_queries
from survey_api.services.banks import reading
from survey_api.services.banks.library import LoadedBank
from survey_api.services.banks.said import Said, said, whole_sheet
from survey_api.services.results import queries as results_queries
from survey_api.services.results.queries import OpenResult
from survey_api.services.review import actions as review_actions
from survey_api.services.review import queries as review_queries
from survey_api.services.review.clocks import queries as clocks_queries
from survey_api.services.review.clocks.queries import Hop
from survey_api.services.review.hold import queries as hold_queries
from survey_api.services.review.hold.queries import Hold
from survey_api.services.review.queries import CaseView, Event
from survey_api.services.submissions import queries as submissions_queries
from survey_api.services.submissions.rules import CLOSED


@dataclass(frozen=True)
class Why:
    """One reason: words, how urgent it is by itself, and the answers that fired it."""

    words: str
    urgency: str | None
    evidence: tuple[Said, ...]


@dataclass(frozen=True)
class Weight:
    """One answer and how much it says about a concern: 0 nothing … 4 the most that this question can say."""

    said: Said
    step: int


STEPS = 4


@dataclass(frozen=True)
class CaseFile:
    """Everything a counselor may read about one case."""

    case: CaseView
    why: tuple[Why, ...]
    wish: tuple[Said, ...]
    texts: tuple[Said, ...]
    closed_texts: int
    """How many of the child's own texts wait for the school's key."""
    answers: tuple[Said, ...]
    quality: tuple[str, ...]
    not_evaluated: tuple[str, ...]
    weights: tuple[tuple[str, tuple[Weight, ...]], ...]
    """Concern in words → its answers, those that say most first. Answers only: nothing is added up."""
    compared: bool
    events: tuple[Event, ...]
    others: tuple[CaseView, ...]
    """Cases of the same pupil from other waves."""
    hops: tuple[Hop, ...]
    hold: Hold | None
    drafts: Mapping[str, str]
    """Form → words that the reader has typed and not sent."""
    closing: str
    """Who asked for a second person to close it; empty when nobody has."""


def read_case(work: Work, case_id: str) -> CaseFile:
    """One case of the counselor's own schools; NotFound for any other."""
    require(work.actor, Permission.WORK_CASES)
    scope = Scope.of(work.actor, Permission.WORK_CASES)
    case = review_queries.view_of(work.db, scope, case_id)
    result = results_queries.result_by_id(work.db, work.keys, scope, case.result_id)
    if result is None:
        raise NotFound
    bank = banks_queries.published(work.db, result.bank_sha256)
    answers = _answers(work, scope, result)
    earlier = _earlier(work, scope, case)
    before = _words_before(work, scope, earlier) if earlier else {}
    sheet = whole_sheet(bank, answers, before)
    review_actions.note_view(work, review_queries.case_by_id(work.db, scope, case_id))
    written = [one for one in sheet.values() if bank.bank.items[one.item].kind == "text" and one.given]
    wishes = reading.wish_items(bank, answers)
    return CaseFile(
        case=case,
        why=tuple(_why(bank, reason, answers, before) for reason in result.assessment["reasons"]),
        wish=tuple(sheet[item] for item in wishes if item in sheet),
        texts=tuple(one for one in written if answers[one.item] != CLOSED),
        closed_texts=sum(answers[one.item] == CLOSED for one in written),
        answers=tuple(one for one in sheet.values() if bank.bank.items[one.item].kind != "text"),
        quality=_quality(result.assessment["quality"]),
        not_evaluated=tuple(reading.rule_words(bank, rule) for rule in result.assessment["unevaluable"]),
        weights=_weights(bank, result.assessment, sheet),
        compared=bool(before),
        events=tuple(review_queries.events_of(work.db, work.keys, case, work.actor.id)),
        others=tuple(review_queries.other_cases(work.db, scope, case)),
        hops=tuple(clocks_queries.hops(work.db, scope, case_id=case_id)),
        hold=hold_queries.hold_of(work.db, scope, work.now, case_id),
        drafts=hold_queries.drafts_of(work.db, work.keys, scope, case_id, work.actor.id),
        closing=_who(work, case.closing_by),
    )


def _who(work: Work, staff_id: str | None) -> str:
    staff = access_queries.staff_by_id(work.db, staff_id) if staff_id else None
    return staff.name if staff else ""


def _answers(work: Work, scope: Scope, result: OpenResult) -> dict[str, Any]:
    found = submissions_queries.answers_by_ids(work.db, work.keys, scope, [result.submission_id], work.opened)
    return dict(found.get(result.submission_id, {}))


def _earlier(work: Work, scope: Scope, case: CaseView) -> OpenResult | None:
    """The pupil's result of the wave before this case's."""
    results = results_queries.history(work.db, work.keys, scope, case.pseudonym)
    place = next((i for i, result in enumerate(results) if result.id == case.result_id), 0)
    return results[place - 1] if place else None


def _words_before(work: Work, scope: Scope, earlier: OpenResult) -> dict[str, str]:
    """Item → answer in words of the earlier wave; empty when that wave was in a school out of reach."""
    answers = _answers(work, scope, earlier)
    bank = banks_queries.published(work.db, earlier.bank_sha256)
    return {
        item: reading.answer_words(bank, item, answers[item]) for item in answers if item in bank.bank.items
    }


def _why(bank: LoadedBank, reason: dict[str, Any], answers: dict[str, Any], before: dict[str, str]) -> Why:
    evidence = [
        said(bank, entry["item"], answers, before)
        for entry in reason["evidence"]
        if entry["item"] in bank.bank.items
    ]
    return Why(reading.reason_words(bank, reason), reason["urgency"], tuple(evidence))


def _weights(
    bank: LoadedBank, assessment: dict[str, Any], sheet: Mapping[str, Said]
) -> tuple[tuple[str, tuple[Weight, ...]], ...]:
    tables = {table.concern: table for table in bank.scoring_key.model.tables}
    found = []
    for one in assessment.get("concerns", []):
        most = {item: max(points.values()) for item, points in tables[one["concern"]].points.items()}
        rows = [
            Weight(sheet[item], round(STEPS * points / most[item]))
            for item, points, _ in one["contributions"]
            if item in sheet and most.get(item)
        ]
        if rows:
            words = reading.CONCERN_WORDS.get(str(one["concern"]), str(one["concern"]))
            found.append((words, tuple(sorted(rows, key=lambda row: -row.step))))
    return tuple(found)


def _quality(found: dict[str, Any]) -> tuple[str, ...]:
    words = [reading.sign_words(sign) for sign in found["signs"]]
    if found.get("first_step") == "ask_again":
        words.insert(0, reading.ASK_FIRST)
    if found["refused"]:
        words.append(f"「わからない・答えたくない」 {found['refused']}問")
    if found["left"]:
        words.append(f"答えなし {found['left']}問")
    if not found.get("texts_read_fully", True):
        words.append(reading.UNREAD_FORMS)
    return tuple(words)
