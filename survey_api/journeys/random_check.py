"""抜き取り確認: read sheets for which nobody was called, say what is there, and only then see the machine's view.

What the reader finds tells how much the rules miss; a sheet that should have called somebody becomes a case.
"""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.access.scope import Scope
from survey_api.kit.problems import BadInput, IllegalMove, NotFound
from survey_api.kit.work import Work
from survey_api.services.banks import queries as banks_queries
from survey_api.services.banks import reading
from survey_api.services.banks.library import LoadedBank
from survey_api.services.banks.said import Said, whole_sheet
from survey_api.services.notifications import actions as notifications_actions
from survey_api.services.results import queries as results_queries
from survey_api.services.results.queries import OpenResult
from survey_api.services.review import actions as review_actions
from survey_api.services.review import queries as review_queries
from survey_api.services.review.checks import actions, queries, rules
from survey_api.services.review.clocks.queries import city_rules
from survey_api.services.submissions import queries as submissions_queries
from survey_api.services.submissions.rules import CLOSED
from survey_api.services.waves import queries as waves_queries
from survey_api.tables.cases import Case
from survey_api.tables.desk import CheckItem
from survey_api.vocabulary import NotificationKind, Urgency, WaveState


@dataclass(frozen=True)
class Machine:
    """What the rules made of a sheet: opened only after a person's label is kept."""

    tried: tuple[str, ...]
    """Rules on trial that fired; they call nobody."""
    not_evaluated: tuple[str, ...]
    signs: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """One drawn sheet as the reader sees it."""

    item: CheckItem
    texts: tuple[Said, ...]
    closed_texts: int
    """How many of the child's own texts wait for the school's key."""
    answers: tuple[Said, ...]
    machine: Machine | None


def can_draw(db: Session, scope: Scope) -> list[tuple[str, str, str]]:
    """(wave id, wave, school id) of ended waves in the actor's schools from which nothing was drawn yet."""
    return [
        (wave.id, wave.name, school_id)
        for wave in waves_queries.waves(db)
        if wave.state == WaveState.CLOSED
        for school_id in sorted(waves_queries.schools_of(db, wave.id))
        if scope.covers(school_id) and not queries.is_drawn(db, scope, wave.id, school_id)
    ]


def draw(work: Work, wave_id: str, school_id: str) -> None:
    """Draw a school's sample of an ended wave. IllegalMove while it runs, and the second time."""
    scope = _scope(work)
    if waves_queries.wave_by_id(work.db, wave_id).state != WaveState.CLOSED:
        raise IllegalMove("抜き取り確認は、調査回が終わってから引きます。")
    if queries.is_drawn(work.db, scope, wave_id, school_id):
        raise IllegalMove("この調査回の抜き取りは、もう引いてあります。")
    ids, city = results_queries.unflagged_ids(work.db, scope, wave_id, school_id), city_rules(work.db)
    if not ids:
        raise BadInput("この調査回には、自動の判定がない回答がありません。")
    size = rules.sample_size(len(ids), city.check_percent, city.check_least)
    actions.draw(work, wave_id=wave_id, school_id=school_id, result_ids=ids, size=size)


def read(work: Work, item_id: str) -> Sheet:
    """One drawn sheet. The machine's view stays closed until the label is kept."""
    scope = _scope(work)
    item = _item(work, scope, item_id)
    result = _result(work, scope, item)
    bank = banks_queries.published(work.db, result.bank_sha256)
    found = submissions_queries.answers_by_ids(work.db, work.keys, scope, [result.submission_id], work.opened)
    answers = dict(found.get(result.submission_id, {}))
    sheet = whole_sheet(bank, answers, {})
    written = [one for one in sheet.values() if bank.bank.items[one.item].kind == "text" and one.given]
    actions.note_view(work, item)
    return Sheet(
        item,
        tuple(one for one in written if answers[one.item] != CLOSED),
        sum(answers[one.item] == CLOSED for one in written),
        tuple(one for one in sheet.values() if bank.bank.items[one.item].kind != "text"),
        _machine(bank, result.assessment) if item.label is not None else None,
    )


def label(work: Work, item_id: str, given: str) -> None:
    """Keep what the reader found."""
    actions.label(work, _item(work, _scope(work), item_id), given)


def call_somebody(work: Work, item_id: str, urgency: str) -> str | None:
    """A sheet that no rule had flagged becomes a case; returns its id, None when only others know of it."""
    scope = _scope(work)
    item = _item(work, scope, item_id)
    if item.label is None:
        raise IllegalMove("先に見立てを残してください。")
    if item.case_id is not None:
        raise IllegalMove("この回答からは、もう対応待ちができています。")
    if urgency not in [str(known) for known in Urgency]:
        raise BadInput("急ぎを選んでください。")
    called = review_actions.open_case(
        work,
        result_id=item.result_id,
        school_id=item.school_id,
        wave_id=queries.wave_of(work.db, scope, item),
        pseudonym=results_queries.pseudonym_of(work.db, scope, item.result_id),
        urgency=Urgency(urgency),
    )
    actions.note_miss(work, item, called.case_id)
    if called.event_key:
        notifications_actions.queue(
            work,
            NotificationKind.CASE_WAITING,
            school_id=item.school_id,
            subject_id=called.case_id,
            event_key=called.event_key,
            urgent=urgency == Urgency.TODAY,
        )
    known = review_queries.known_to(scope, work.db.get_one(Case, called.case_id))
    return called.case_id if known else None


def _machine(bank: LoadedBank, assessment: dict[str, Any]) -> Machine:
    return Machine(
        tuple(reading.rule_words(bank, flag["rule"]) for flag in assessment["flags"] if not flag["active"]),
        tuple(reading.rule_words(bank, rule) for rule in assessment["unevaluable"]),
        tuple(reading.sign_words(sign) for sign in assessment["quality"]["signs"]),
    )


def _item(work: Work, scope: Scope, item_id: str) -> CheckItem:
    """NotFound outside the actor's schools, and for a child of whom only others know."""
    item = queries.item_by_id(work.db, scope, item_id)
    if item.result_id in review_queries.unknown_sheets(work.db, scope):
        raise NotFound
    if item.case_id is not None:
        review_queries.case_by_id(work.db, scope, item.case_id)
    return item


def _result(work: Work, scope: Scope, item: CheckItem) -> OpenResult:
    result = results_queries.result_by_id(work.db, work.keys, scope, item.result_id)
    if result is None:
        raise NotFound
    return result


def _scope(work: Work) -> Scope:
    require(work.actor, Permission.WORK_CASES)
    return Scope.of(work.actor, Permission.WORK_CASES)
