"""A counselor opens a case: why, what the child wishes, what was answered, what was done. Leaves a trail line.

No name is in here; reveal_student is the only way to one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
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
from survey_api.services.referrals import queries as referrals_queries
from survey_api.services.results import queries as results_queries
from survey_api.services.results.queries import OpenResult
from survey_api.services.results.rules import ERASED_DIGEST
from survey_api.services.review import actions as review_actions
from survey_api.services.review import queries as review_queries
from survey_api.services.review.clocks import queries as clocks_queries
from survey_api.services.review.clocks.queries import Hop
from survey_api.services.review.hold import queries as hold_queries
from survey_api.services.review.hold.queries import Hold
from survey_api.services.review.queries import CaseView, Event
from survey_api.services.submissions import queries as submissions_queries
from survey_api.services.submissions.rules import CLOSED
from survey_api.services.waves import queries as waves_queries


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
SHOWN_WAVES = 3
"""Earlier waves beside this one; more would not fit a tablet."""


@dataclass(frozen=True)
class Earlier:
    """One wave before this one, as its answers were said then."""

    wave: str
    answers: Mapping[str, str]


@dataclass(frozen=True)
class Row:
    """One question in this wave and in those before it."""

    said: Said
    before: tuple[str | None, ...]
    """As in `CaseFile.earlier`; None where it was not asked."""
    turn: str
    """Against the last wave: heavier, lighter, gone, other, same; empty when there is nothing to compare."""


@dataclass(frozen=True)
class CaseFile:
    """Everything a counselor may read about one case."""

    case: CaseView
    why: tuple[Why, ...]
    wish: tuple[Said, ...]
    texts: tuple[Said, ...]
    closed_texts: int
    """How many of the child's own texts wait for the school's key."""
    answers: tuple[tuple[str, tuple[Row, ...]], ...]
    """Domain in words → its questions."""
    earlier: tuple[Earlier, ...]
    """Waves before this one, the last first."""
    more_earlier: int
    quality: tuple[str, ...]
    not_evaluated: tuple[str, ...]
    weights: tuple[tuple[str, tuple[Weight, ...]], ...]
    """Concern in words → its answers, those that say most first. Answers only: nothing is added up."""
    withdrawn: bool
    partial: bool
    events: tuple[Event, ...]
    others: tuple[CaseView, ...]
    """Cases of the same pupil from other waves."""
    hops: tuple[Hop, ...]
    hold: Hold | None
    drafts: Mapping[str, str]
    """Form → words that the reader has typed and not sent."""
    closing: str
    """Who asked for a second person to close it; empty when nobody has."""
    lowering: str
    """Who asked for a second person to call it less urgent."""
    reviewer: str
    sheet_draft: tuple[str, datetime] | None
    """(id, when) of a hand-over sheet that was begun and not handed over."""


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
    of_pupil = _results_of(work, scope, case)
    before_it = _results_before(of_pupil, case)
    codes = [_answers(work, scope, one) for one in before_it[:SHOWN_WAVES]]
    earlier = [_earlier(work, one, given) for one, given in zip(before_it, codes, strict=False)]
    before = dict(earlier[0].answers) if earlier else {}
    sheet = whole_sheet(bank, answers, before)
    review_actions.note_view(work, review_queries.case_by_id(work.db, scope, case_id))
    written = [one for one in sheet.values() if bank.bank.items[one.item].kind == "text" and one.given]
    wishes = reading.wish_items(bank, answers)
    return CaseFile(
        case=case,
        why=(
            *(_why(bank, reason, answers, before) for reason in result.assessment["reasons"]),
            *(
                why
                for other in of_pupil
                if other.wave_id == case.wave_id and other.id != result.id
                for why in _why_too(work, scope, other)
            ),
        ),
        wish=tuple(sheet[item] for item in wishes if item in sheet),
        texts=tuple(one for one in written if answers[one.item] != CLOSED),
        closed_texts=sum(answers[one.item] == CLOSED for one in written),
        answers=_by_domain(
            bank,
            [
                _row(bank, one, earlier, answers, codes[0] if codes else {})
                for one in sheet.values()
                if bank.bank.items[one.item].kind != "text"
            ],
        ),
        earlier=tuple(earlier),
        more_earlier=len(before_it) - len(earlier),
        quality=_quality(result.assessment["quality"]),
        not_evaluated=tuple(reading.rule_words(bank, rule) for rule in result.assessment["unevaluable"]),
        weights=_weights(bank, result.assessment, sheet),
        withdrawn=result.digest == ERASED_DIGEST,
        partial="broke_off" in result.assessment["quality"]["signs"],
        events=tuple(review_queries.events_of(work.db, work.keys, case, work.actor.id)),
        others=tuple(review_queries.other_cases(work.db, scope, case)),
        hops=tuple(clocks_queries.hops(work.db, scope, case_id=case_id)),
        hold=hold_queries.hold_of(work.db, scope, work.now, case_id),
        drafts=hold_queries.drafts_of(work.db, work.keys, scope, case_id, work.actor.id),
        closing=_who(work, case.closing_by),
        lowering=_who(work, case.lowering_by),
        reviewer=_who(work, case.reviewer_id),
        sheet_draft=referrals_queries.waiting_draft(work.db, scope, case_id),
    )


def _who(work: Work, staff_id: str | None) -> str:
    staff = access_queries.staff_by_id(work.db, staff_id) if staff_id else None
    return staff.name if staff else ""


def _answers(work: Work, scope: Scope, result: OpenResult) -> dict[str, Any]:
    found = submissions_queries.answers_by_ids(work.db, work.keys, scope, [result.submission_id], work.opened)
    return dict(found.get(result.submission_id, {}))


def _results_of(work: Work, scope: Scope, case: CaseView) -> list[OpenResult]:
    """The pupil's results, oldest wave first: none of a school out of reach, none whose case only others know of."""
    unknown = review_queries.unknown_results(work.db, scope, case.pseudonym)
    history = results_queries.history(work.db, work.keys, scope, case.pseudonym)
    return [result for result in history if result.id not in unknown]


def _results_before(results: list[OpenResult], case: CaseView) -> list[OpenResult]:
    """Those of the waves before this case's, the last first."""
    place = next((i for i, result in enumerate(results) if result.wave_id == case.wave_id), 0)
    return results[:place][::-1]


def _why_too(work: Work, scope: Scope, result: OpenResult) -> list[Why]:
    """The reasons of another sheet of the same pupil and wave: a case gathers what calls for it."""
    bank = banks_queries.published(work.db, result.bank_sha256)
    answers = _answers(work, scope, result)
    return [_why(bank, reason, answers, {}) for reason in result.assessment["reasons"]]


def _earlier(work: Work, result: OpenResult, answers: dict[str, Any]) -> Earlier:
    bank = banks_queries.published(work.db, result.bank_sha256)
    said_then = {
        item: reading.answer_words(bank, item, answers[item]) for item in answers if item in bank.bank.items
    }
    return Earlier(waves_queries.wave_by_id(work.db, result.wave_id).name, said_then)


def _row(
    bank: LoadedBank, one: Said, earlier: Sequence[Earlier], now: Mapping[str, Any], then: Mapping[str, Any]
) -> Row:
    before = tuple(wave.answers.get(one.item) for wave in earlier)
    if not before or before[0] is None:
        return Row(one, before, "")
    if before[0] == one.answer:
        return Row(one, before, "same")
    return Row(one, before, _turn(bank, one.item, now.get(one.item), then.get(one.item)))


def _turn(bank: LoadedBank, item: str, now: Any, then: Any) -> str:
    """Which way an answer has changed, by the levels of its question. Gone is no relief, and has its own word."""
    known = bank.scoring_key.items.get(item)
    levels = known.levels if known else {}
    if not isinstance(now, str) or not isinstance(then, str) or now not in levels or then not in levels:
        return "other"
    if levels[now] == levels[then]:
        return "other"
    if levels[now] > levels[then]:
        return "heavier"
    first = bank.bank.items[item].options[0]  # 0日, ない: “breakfast: 0 days → 14 days” is lighter, not gone
    return "gone" if now == first and levels[now] == min(levels.values()) else "lighter"


def _by_domain(bank: LoadedBank, rows: Sequence[Row]) -> tuple[tuple[str, tuple[Row, ...]], ...]:
    found: dict[str, list[Row]] = {words: [] for words in reading.CONCERN_WORDS.values()}
    for row in rows:
        found.setdefault(reading.domain_words(bank, row.said.item), []).append(row)
    return tuple((words, tuple(kept)) for words, kept in found.items() if kept)


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
