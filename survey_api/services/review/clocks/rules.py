"""What a city sets for its desk, and when something is late: acknowledge-by, act-by, and the next role."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, time

from survey_api.kit.clock import school_day
from survey_api.kit.problems import BadInput
from survey_api.services.review.school_days import Calendar
from survey_api.vocabulary import CaseState, LateCause, Level, Urgency

PROMISED_DAYS = 10
"""The child's last page says that somebody has read it within ten school days; no clock may be longer."""


@dataclass(frozen=True)
class Clock:
    """`ack` and `hop` are minutes of school time for the most urgent, school days for the others."""

    ack: int
    act: int
    """School days until somebody has looked."""
    hop: int
    """How long the next role has before it goes one further."""


DEFAULT_CLOCKS: Mapping[Urgency, Clock] = {
    Urgency.TODAY: Clock(ack=30, act=0, hop=30),
    Urgency.THIS_WEEK: Clock(ack=1, act=3, hop=1),
    Urgency.CHECK: Clock(ack=2, act=10, hop=2),
    Urgency.WATCH: Clock(ack=2, act=10, hop=2),
}
"""Proposals: assembled from same-day protocols of school boards; no city document names these deadlines."""


@dataclass(frozen=True)
class CityRules:
    """What a city may set. `number` of 0: nobody has set anything, these are our proposals."""

    opens: str = "08:00"
    ends: str = "17:00"
    clocks: Mapping[Urgency, Clock] = field(default_factory=lambda: DEFAULT_CLOCKS)
    unattended_days: int = 1
    name_seconds: int = 60
    lease_minutes: int = 15
    check_percent: int = 5
    check_least: int = 10
    number: int = 0

    @property
    def is_proposal(self) -> bool:
        return self.number == 0

    def calendar(
        self, closures: tuple[tuple[date, date], ...] = (), there: frozenset[int] = frozenset()
    ) -> Calendar:
        return Calendar(time.fromisoformat(self.opens), time.fromisoformat(self.ends), closures, there)


LIMITS: Mapping[str, tuple[str, int, int]] = {
    "unattended_days": ("誰も対応待ちを開かないまま過ぎてよい登校日数", 1, 5),
    "name_seconds": ("名前を表示しておく秒数", 10, 300),
    "lease_minutes": ("対応中にしておく分数", 5, 60),
    "check_percent": ("抜き取り確認の割合(%)", 1, 50),
    "check_least": ("抜き取り確認の最少件数", 1, 200),
}
CLOCK_LIMITS: Mapping[str, tuple[str, int, int]] = {
    "ack": ("引き受けるまで", 1, 240),
    "act": ("確かめるまで(登校日)", 0, PROMISED_DAYS),
    "hop": ("次の役割へ上がるまで", 1, 240),
}
URGENCY_NAMES: Mapping[Urgency, str] = {
    Urgency.TODAY: "すぐに",
    Urgency.THIS_WEEK: "今週",
    Urgency.CHECK: "確認",
    Urgency.WATCH: "見守り",
}


def rules_of(given: Mapping[str, str]) -> CityRules:
    """A form as rules. BadInput names the field and the range; nothing is guessed."""
    numbers = {name: _number(given.get(name, ""), *LIMITS[name]) for name in LIMITS}
    clocks = {
        urgency: Clock(
            **{
                part: _number(
                    given.get(f"{urgency}_{part}", ""), f"{URGENCY_NAMES[urgency]}: {label}", low, high
                )
                for part, (label, low, high) in CLOCK_LIMITS.items()
            }
        )
        for urgency in Urgency
    }
    for urgency in (Urgency.THIS_WEEK, Urgency.CHECK, Urgency.WATCH):
        if clocks[urgency].ack > PROMISED_DAYS:
            raise BadInput(
                f"{URGENCY_NAMES[urgency]}: 引き受けるまで は、{PROMISED_DAYS}登校日までにしてください。"
            )
    rules = replace(
        CityRules(), clocks=clocks, opens=_hour(given, "opens"), ends=_hour(given, "ends"), **numbers
    )
    if rules.opens >= rules.ends:
        raise BadInput("在校時間は、始まりを終わりより前にしてください。")
    return rules


def _number(text: str, label: str, low: int, high: int) -> int:
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise BadInput(f"{label} は、{low}から{high}までの数で入れてください。")
    return int(text)


def _hour(given: Mapping[str, str], name: str) -> str:
    label = {"opens": "在校時間の始まり", "ends": "在校時間の終わり"}[name]
    try:
        return time.fromisoformat(given.get(name, "")).strftime("%H:%M")
    except ValueError as wrong:
        raise BadInput(f"{label} は、08:00 の形で入れてください。") from wrong


def to_json(rules: CityRules) -> str:
    kept = {**asdict(rules), "clocks": {str(u): asdict(clock) for u, clock in rules.clocks.items()}}
    kept.pop("number")
    return json.dumps(kept, sort_keys=True)


def from_json(text: str, number: int) -> CityRules:
    kept = json.loads(text)
    clocks = {Urgency(name): Clock(**clock) for name, clock in kept.pop("clocks").items()}
    return CityRules(**kept, clocks=clocks, number=number)


@dataclass(frozen=True)
class Timed:
    """What of a case the clocks look at."""

    case_id: str
    school_id: str
    urgency: Urgency
    state: CaseState
    opened_on: date
    opened_at: datetime | None
    due_on: date
    signal_on: date | None = None
    """The day of a new signal on a case that had been looked at; nobody has looked since."""

    @property
    def is_unseen(self) -> bool:
        """Nobody has taken over what it says."""
        return self.state is CaseState.NEW or self.signal_on is not None

    def began(self, calendar: Calendar) -> datetime:
        """When its clock began to run."""
        return self.opened_at or calendar.start_of(self.signal_on or self.opened_on)


def due_on(rules: CityRules, calendar: Calendar, urgency: Urgency, opened_on: date) -> date:
    """By when somebody has looked, in school days: never later than the clock, on a day when somebody is there."""
    limit = calendar.add_days(opened_on, rules.clocks[urgency].act)
    return limit if urgency is Urgency.TODAY else calendar.attended_by(opened_on, limit)


def acknowledge_by(rules: CityRules, calendar: Calendar, case: Timed) -> datetime:
    """By when somebody has taken a new case, or a new signal, over."""
    return _after(calendar, case.urgency, case.began(calendar), rules.clocks[case.urgency].ack)


def _after(calendar: Calendar, urgency: Urgency, start: datetime, count: int) -> datetime:
    if urgency is Urgency.TODAY:
        return calendar.add_minutes(start, count)
    return calendar.end_of(calendar.add_days(school_day(start), count))


@dataclass(frozen=True)
class Late:
    """What is late, since when, and whom it is waiting for now."""

    cause: LateCause
    since: datetime
    level: Level


def lateness(
    rules: CityRules, calendar: Calendar, case: Timed, now: datetime, *, nobody_on_site: bool
) -> Late | None:
    """Which role a case is waiting for beyond the people on site; None while it is in time.

    `nobody_on_site`: the school has said who is there when, and nobody is just now.
    """
    if case.state is CaseState.CLOSED:
        return None
    causes: list[tuple[datetime, LateCause]] = []
    if case.is_unseen:
        causes.append((acknowledge_by(rules, calendar, case), LateCause.UNACKNOWLEDGED))
        if case.urgency is Urgency.TODAY and nobody_on_site and calendar.is_on(now):
            causes.append((calendar.next_on(case.began(calendar)), LateCause.NOBODY_ON_SITE))
    causes.append((calendar.end_of(case.due_on), LateCause.OVERDUE))
    since, cause = min(causes)
    if now < since:
        return None
    goes_on = _after(calendar, case.urgency, since, rules.clocks[case.urgency].hop)
    return Late(cause, since, Level.HEAD if now < goes_on else Level.DUTY)
