"""The clock looks at every open case: what is late goes to the next role, once, with a line for every hop.

Run as often as one likes: a hop that was made is not made again, and a case that is in time again comes back
to the people on site. A queue that nobody looks at is late as a whole.
"""

from dataclasses import dataclass
from datetime import datetime

from survey_api.access import queries as access_queries
from survey_api.access.scope import Scope
from survey_api.kit.clock import school_day
from survey_api.kit.work import Work
from survey_api.services.memos import actions as memos_actions
from survey_api.services.memos import queries as memos_queries
from survey_api.services.memos.queries import UrgentMemo
from survey_api.services.notifications import actions as notifications_actions
from survey_api.services.review.clocks import actions, queries
from survey_api.services.review.clocks.rules import CityRules, Late, Timed, lateness
from survey_api.services.review.school_days import Calendar
from survey_api.vocabulary import CaseState, Level, NotificationKind, Role, Urgency

TOLD = {Level.HEAD: NotificationKind.CASE_TO_HEAD, Level.DUTY: NotificationKind.CASE_TO_DUTY}
ORDER = (Level.HEAD, Level.DUTY)


@dataclass(frozen=True)
class _City:
    """What the clock knows of the city at one moment."""

    rules: CityRules
    calendars: dict[str, Calendar]
    empty_now: frozenset[str]
    headless: frozenset[str]
    made: set[str]


def escalate_cases(work: Work) -> int:
    """Pass on what is late in the whole city; returns how many hops were made."""
    scope = Scope.whole_city(work.actor)
    city = _city(work, scope)
    cases, levels = queries.timed_cases(work.db, scope), queries.levels(work.db, scope)
    made = 0
    for case in cases:
        late = lateness(
            city.rules,
            city.calendars[case.school_id],
            case,
            work.now,
            nobody_on_site=case.school_id in city.empty_now,
        )
        level = _reached(late, city, case.school_id)
        if late is not None:
            made += _hop(work, city, case, late, level)
        if levels[case.case_id] is not level:
            actions.set_level(work, case.case_id, level)
    return made + _memos(work, scope, city) + _unattended(work, scope, city, cases)


def _memos(work: Work, scope: Scope, city: _City) -> int:
    """An urgent 気づきメモ has the clock of what is most urgent; one of no school goes from the desks to the duty."""
    made = 0
    for memo in memos_queries.urgent_waiting(work.db, scope):
        calendar = city.calendars[memo.school_id] if memo.school_id else city.rules.calendar()
        late = lateness(city.rules, calendar, _timed(memo, calendar), work.now, nobody_on_site=False)
        if late is None:
            continue
        alone = memo.school_id is None or memo.school_id in city.headless
        reached = Level.DUTY if alone else late.level
        for level in ORDER[: ORDER.index(reached) + 1]:
            key = f"memo|{memo.id}|{level}"
            if key in city.made or (level is Level.HEAD and alone):
                continue
            actions.escalate_memo(work, key=key, school_id=memo.school_id, memo_id=memo.id, level=level)
            notifications_actions.queue(
                work, TOLD[level], school_id=memo.school_id, subject_id=memo.id, event_key=key
            )
            made += 1
        if memo.level is not reached:
            memos_actions.set_level(work, memo.id, reached)
    return made


def _timed(memo: UrgentMemo, calendar: Calendar) -> Timed:
    began = memo.received_at or calendar.start_of(memo.received_on)
    return Timed(
        memo.id, memo.school_id or "", Urgency.TODAY, CaseState.NEW, memo.received_on, began, memo.received_on
    )


def _city(work: Work, scope: Scope) -> _City:
    rules = queries.city_rules(work.db)
    calendars = queries.calendars(work.db, scope, rules)
    presence = queries.on_site(work.db, scope)
    said = {one.school_id for one in presence}
    there = {one.school_id for one in presence if (one.weekday, one.half) == queries.half_of(work.now)}
    heads = access_queries.schools_with(work.db, Role.HEAD)
    headless = frozenset() if None in heads else frozenset(calendars) - heads
    return _City(
        rules,
        calendars,
        frozenset(said - there),
        frozenset(map(str, headless)),
        queries.known_keys(work.db, scope),
    )


def _reached(late: Late | None, city: _City, school_id: str) -> Level:
    """The role that is asked now; a school without a 管理職 goes straight to the duty."""
    if late is None:
        return Level.ONSITE
    return Level.DUTY if school_id in city.headless else late.level


def _hop(work: Work, city: _City, case: Timed, late: Late, reached: Level) -> int:
    made = 0
    for level in ORDER[: ORDER.index(reached) + 1]:
        key = f"{case.case_id}|{late.cause}|{late.since.isoformat(timespec='minutes')}|{level}"
        if key in city.made or (level is Level.HEAD and case.school_id in city.headless):
            continue
        actions.escalate_case(
            work,
            key=key,
            school_id=case.school_id,
            case_id=case.case_id,
            level=level,
            cause=late.cause,
        )
        notifications_actions.queue(
            work, TOLD[level], school_id=case.school_id, subject_id=case.case_id, event_key=key
        )
        made += 1
    return made


def _unattended(work: Work, scope: Scope, city: _City, cases: list[Timed]) -> int:
    """Schools with new cases whose queue nobody has opened for too long."""
    visits, made = queries.last_visits(work.db, scope), 0
    oldest: dict[str, datetime] = {}
    for case in cases:
        if case.is_unseen:
            opened = case.began(city.calendars[case.school_id])
            oldest[case.school_id] = min(opened, oldest.get(case.school_id, opened))
    for school_id, opened in sorted(oldest.items()):
        calendar = city.calendars[school_id]
        since = max(opened, visits.get(school_id, opened))
        limit = calendar.add_days(school_day(since), city.rules.unattended_days)
        level = Level.DUTY if school_id in city.headless else Level.HEAD
        key = f"{school_id}|unattended|{since.isoformat(timespec='minutes')}|{level}"
        if work.now < calendar.end_of(limit) or key in city.made:
            continue
        actions.escalate_queue(work, key=key, school_id=school_id, level=level)
        notifications_actions.queue(
            work, NotificationKind.QUEUE_UNATTENDED, school_id=school_id, subject_id=school_id, event_key=key
        )
        made += 1
    return made
