"""A closed wave becomes one protected, signed table, by two people: one asks, the job counts, protects,
attacks and signs, and somebody else lets exactly those bytes go. They are kept for ever."""

import json
from collections.abc import Callable, Sequence
from datetime import date
from hashlib import sha256

from sqlmodel import Session

from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.access.scope import Scope
from survey_api.kit.actor import Actor
from survey_api.kit.crypto import Keyring
from survey_api.kit.problems import NotAllowed
from survey_api.kit.work import Work
from survey_api.services.banks import queries as banks_queries
from survey_api.services.banks.library import LoadedBank
from survey_api.services.banks.ruby import plain
from survey_api.services.banks.sources import questions_behind
from survey_api.services.insights import actions as insights_actions
from survey_api.services.insights import released, report
from survey_api.services.insights.measures import Indicator, sources
from survey_api.services.insights.outcomes import URGENCIES
from survey_api.services.insights.planning import declared
from survey_api.services.insights.refusal import ReleaseRefused
from survey_api.services.insights.report import HouseWords, SignedRelease
from survey_api.services.review.checks.rules import FOUND
from survey_api.services.review.clocks import queries as clocks_queries
from survey_api.services.review.clocks.rules import PROMISED_DAYS
from survey_api.services.review.school_days import add_school_days
from survey_api.services.waves import queries as waves_queries
from survey_api.vocabulary import WaveState


def ask(work: Work, wave_id: str) -> None:
    """The first person asks for it. ReleaseRefused while the wave is open, released, or asked for already."""
    _require_whole_city(work.actor, Permission.MAKE_RELEASE)
    _require_releasable(work.db, wave_id)
    report.key_of(work.keys)
    insights_actions.ask(work, wave_id)


def build(db: Session, keys: Keyring, job: Actor, wave_id: str, tell: Callable[[int], None]) -> SignedRelease:
    """The job: count in memory, protect, attack, sign; nothing is written. `tell` hears percents."""
    _require_releasable(db, wave_id)
    wave = waves_queries.wave_by_id(db, wave_id)
    earlier = [one.release.table for one in released.released_waves(db, keys)]
    return report.protected_release(
        db, keys, Scope.whole_city(job), wave, earlier, tell, _house_words(db, job, wave_id)
    )


def tell(work: Work, wave_id: str, percent: int) -> None:
    """How far the job is, for the page."""
    insights_actions.tell_progress(work, wave_id, percent)


def keep(work: Work, wave_id: str, signed: SignedRelease) -> None:
    """Freeze what the job made until a second person has decided."""
    insights_actions.keep_prepared(work, wave_id, signed)


def keep_refusal(work: Work, wave_id: str, refused: ReleaseRefused) -> None:
    """Tell the person who asked why there will be no release."""
    insights_actions.keep_refusal(work, wave_id, refused.code, refused.detail)


def approve(work: Work, wave_id: str) -> str:
    """The second person releases the prepared bytes as they are; returns the release's id.

    ReleaseRefused for the person who asked, for bytes that were altered or made under another key, and when
    another wave was released meanwhile (the attack has not seen it).
    """
    _require_whole_city(work.actor, Permission.APPROVE_RELEASE)
    _require_releasable(work.db, wave_id)
    row = released.prepared(work.db, wave_id)
    if row.asked_by == work.actor.id:
        raise ReleaseRefused(
            "same-person",
            "公表は二人で行います。用意を頼んだ人とは別の人が「公表する」を押してください。",
        )
    bundle, release = released.open_prepared(row, work.keys)
    if released.released_since(work.db, row):
        raise ReleaseRefused(
            "attack-outdated",
            "用意したあとに別の調査回が公表されました。差し戻してから、もう一度用意してください。",
        )
    return insights_actions.keep_release(work, row, bundle, len(release.table.cells))


def send_back(work: Work, wave_id: str) -> None:
    """Throw the prepared bytes away, unseen, so that they can be made again."""
    _require_whole_city(work.actor, Permission.APPROVE_RELEASE)
    insights_actions.send_back(work, released.prepared(work.db, wave_id))


def _house_words(db: Session, job: Actor, wave_id: str) -> HouseWords:
    """What the rooms of the banks, the clocks and the checks know."""
    rules = clocks_queries.city_rules(db)
    calendars = clocks_queries.calendars(db, Scope.whole_city(job), rules)
    banks = {mark: banks_queries.published(db, mark) for mark in waves_queries.banks_of(db, wave_id)}
    return HouseWords(
        promised_by=_promised_by,
        called_for=FOUND,
        missing=lambda mark, answers: banks[mark].bank.missing(answers),
        questions={mark: (loaded.bank.id, _questions(loaded)) for mark, loaded in banks.items()},
        wordings={
            indicator.id: _wording(indicator, [one for _, one in sorted(banks.items())])
            for indicator in declared()
        },
        waited=lambda school, first, last: calendars[school].days_until(first, last),
        goals={
            name: max(rules.clocks[urgency].act for urgency in urgencies) for name, _, urgencies in URGENCIES
        },
    )


def _questions(loaded: LoadedBank) -> dict[str, str]:
    """Question → its words, for the questions that are answered by tapping."""
    words = loaded.words()["items"]
    return {
        item.id: plain(words[item.id]["ask"]) for item in loaded.bank.items.values() if item.kind != "text"
    }


def _wording(indicator: Indicator, banks: Sequence[LoadedBank]) -> str:
    """A mark of everything this number rests on: the words and choices of its questions and how they are read."""
    asked = []
    for loaded in banks:
        if loaded.bank.id in indicator.readings:
            behind = sorted(sources(indicator.readings[loaded.bank.id]))
            items = {item for source in behind for item in questions_behind(loaded, source)}
            words = loaded.words()["items"]
            asked.append([loaded.bank.id, behind, {item: words[item] for item in sorted(items)}])
    mark = sha256(json.dumps(sorted(asked, key=lambda one: str(one[0])), ensure_ascii=False).encode())
    return mark.hexdigest()[:12] if asked else ""


def _promised_by(opened_on: date) -> date:
    """What the child's last page promised: ten school days."""
    return add_school_days(opened_on, PROMISED_DAYS)


def _require_whole_city(actor: Actor, permission: Permission) -> None:
    require(actor, permission)
    if Scope.of(actor, permission).schools is not None:
        raise NotAllowed


def _require_releasable(db: Session, wave_id: str) -> None:
    if waves_queries.wave_by_id(db, wave_id).state != WaveState.CLOSED:
        raise ReleaseRefused(
            "wave-not-closed",
            "この調査回はまだ終わっていません。数字は、終わってから一度だけ公表できます。",
        )
    if released.is_released(db, wave_id):
        raise ReleaseRefused(
            "already-released",
            "この調査回の数字はもう公表されています。公表した数字は変えられません。",
        )
