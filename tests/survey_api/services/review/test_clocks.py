"""School time, and who is asked next: by table, by property, and with the real job over a real case."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_api.jobs.clocks import tick
from survey_api.kit.clock import SCHOOL_ZONE
from survey_api.kit.problems import BadInput
from survey_api.services.review.clocks import actions as clocks_actions
from survey_api.services.review.clocks.rules import (
    CLOCK_LIMITS,
    DEFAULT_CLOCKS,
    LIMITS,
    CityRules,
    Clock,
    Timed,
    from_json,
    lateness,
    rules_of,
    to_json,
)
from survey_api.services.review.school_days import Calendar
from survey_api.vocabulary import AuditKind, CaseState, LateCause, Level, Urgency
from tests.house import SETUP
from tests.survey_ui.counselor.room import Room, open_room

PLAIN = Calendar()


def at(text: str) -> datetime:
    """11-24 09:30 of 2026, at school."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SCHOOL_ZONE)


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("11-24 09:30", 30, "11-24 10:00"),
        ("11-24 16:50", 30, "11-25 08:20"),
        ("11-24 03:00", 30, "11-24 08:30"),
        ("11-20 16:50", 30, "11-24 08:20"),  # a weekend and 勤労感謝の日 between
        ("12-18 16:45", 30, "12-21 08:15"),
    ],
)
def test_minutes_run_while_somebody_is_there(start: str, minutes: int, end: str) -> None:
    assert PLAIN.add_minutes(at(start), minutes) == at(end)


def test_a_schools_own_closure_stops_its_clock() -> None:
    closed = Calendar(closures=((date(2026, 12, 21), date(2027, 1, 8)),))
    assert closed.add_days(date(2026, 12, 18), 1) == date(2027, 1, 12)  # 成人の日 is the 11th
    assert closed.add_minutes(at("12-18 16:45"), 30).date() == date(2027, 1, 12)


@given(st.integers(0, 365 * 24 * 60), st.integers(0, 600), st.integers(0, 600))
def test_more_minutes_are_never_earlier_and_always_end_in_school_time(
    since: int, first: int, more: int
) -> None:
    start = at("04-01 00:00") + timedelta(minutes=since)
    one, two = PLAIN.add_minutes(start, first), PLAIN.add_minutes(start, first + more)
    assert start <= one <= two
    assert PLAIN.is_school_day(two.date())
    assert PLAIN.start_of(two.date()) <= two <= PLAIN.end_of(two.date())


def case(urgency: Urgency = Urgency.TODAY, state: CaseState = CaseState.NEW) -> Timed:
    opened = at("11-24 09:30") if urgency is Urgency.TODAY else None
    due = {Urgency.TODAY: date(2026, 11, 24), Urgency.THIS_WEEK: date(2026, 11, 27)}
    return Timed("c", "s", urgency, state, date(2026, 11, 24), opened, due.get(urgency, date(2026, 12, 8)))


@pytest.mark.parametrize(
    ("urgency", "state", "now", "level", "cause"),
    [
        (Urgency.TODAY, CaseState.NEW, "11-24 09:59", None, None),
        (Urgency.TODAY, CaseState.NEW, "11-24 10:00", Level.HEAD, LateCause.UNACKNOWLEDGED),
        (Urgency.TODAY, CaseState.NEW, "11-24 10:30", Level.DUTY, LateCause.UNACKNOWLEDGED),
        (Urgency.TODAY, CaseState.ACKNOWLEDGED, "11-24 16:59", None, None),
        (Urgency.TODAY, CaseState.ACKNOWLEDGED, "11-24 17:00", Level.HEAD, LateCause.OVERDUE),
        (Urgency.TODAY, CaseState.ACKNOWLEDGED, "11-25 08:30", Level.DUTY, LateCause.OVERDUE),
        (Urgency.THIS_WEEK, CaseState.NEW, "11-25 16:59", None, None),
        (Urgency.THIS_WEEK, CaseState.NEW, "11-25 17:00", Level.HEAD, LateCause.UNACKNOWLEDGED),
        (Urgency.THIS_WEEK, CaseState.NEW, "11-26 17:00", Level.DUTY, LateCause.UNACKNOWLEDGED),
        (Urgency.CHECK, CaseState.NEW, "11-26 17:00", Level.HEAD, LateCause.UNACKNOWLEDGED),
        (Urgency.CHECK, CaseState.SUPPORTING, "12-08 16:59", None, None),
        (Urgency.CHECK, CaseState.SUPPORTING, "12-08 17:00", Level.HEAD, LateCause.OVERDUE),
        (Urgency.TODAY, CaseState.CLOSED, "12-24 10:00", None, None),
    ],
)
def test_what_is_late_goes_on(
    urgency: Urgency, state: CaseState, now: str, level: Level | None, cause: LateCause | None
) -> None:
    late = lateness(CityRules(), PLAIN, case(urgency, state), at(now), nobody_on_site=False)
    assert (late.level if late else None, late.cause if late else None) == (level, cause)


def test_when_nobody_is_on_site_the_most_urgent_does_not_wait() -> None:
    late = lateness(CityRules(), PLAIN, case(), at("11-24 09:31"), nobody_on_site=True)
    assert late is not None
    assert (late.level, late.cause) == (Level.HEAD, LateCause.NOBODY_ON_SITE)
    assert lateness(CityRules(), PLAIN, case(Urgency.CHECK), at("11-24 09:31"), nobody_on_site=True) is None


def form(**changed: str) -> dict[str, str]:
    rules = CityRules()
    given = {name: str(getattr(rules, name)) for name in LIMITS} | {"opens": "08:00", "ends": "17:00"}
    for urgency, clock in DEFAULT_CLOCKS.items():
        given |= {f"{urgency}_{part}": str(getattr(clock, part)) for part in CLOCK_LIMITS}
    return given | changed


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"check_act": "11"}, "確認: 確かめるまで(登校日) は、0から10まで"),
        ({"today_ack": "soon"}, "すぐに: 引き受けるまで は、1から240まで"),
        ({"watch_ack": "30"}, "見守り: 引き受けるまで は、10登校日まで"),
        ({"ends": "07:00"}, "始まりを終わりより前に"),
        ({"opens": "25:00"}, "在校時間の始まり"),
        ({"name_seconds": "９９"}, "名前を表示しておく秒数"),
    ],
)
def test_a_wrong_clock_is_named(changed: dict[str, str], says: str) -> None:
    with pytest.raises(BadInput) as refused:
        rules_of(form(**changed))
    assert says in refused.value.detail


def test_what_a_city_sets_is_kept_as_it_was() -> None:
    rules = rules_of(form(today_ack="15", opens="07:30"))
    assert from_json(to_json(rules), 3) == replace(rules, number=3)
    assert rules.clocks[Urgency.TODAY] == Clock(ack=15, act=0, hop=30)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as opened:
        yield opened


def hops(room: Room) -> list[str]:
    lines = [entry for entry in room.trail() if entry.kind == AuditKind.CASE_ESCALATED]
    return [entry.facts for entry in lines]


def test_an_unseen_most_urgent_case_climbs_and_comes_back(room: Room) -> None:
    runtime, clock = room.house.runtime, room.house.clock
    assert tick(runtime) == 0
    clock.at = datetime(2026, 11, 24, 1, 1, tzinfo=UTC)
    assert (tick(runtime), tick(runtime)) == (1, 0)
    assert room.case().level == Level.HEAD
    clock.move(timedelta(minutes=30))
    assert (tick(runtime), tick(runtime)) == (1, 0)
    assert room.case().level == Level.DUTY
    assert len(hops(room)) == 2
    with room.as_("mori") as duty:
        page = duty.client.get("/counselor/duty").text
        assert "引き受けて学校に連絡する" in page
        assert "いえに かえりたくない" not in page
        taken = page.split("/counselor/duty/")[1].split("/take")[0]
        data = {"csrf": page.split('name="csrf" value="')[1].split('"')[0]}
        assert duty.client.post(f"/counselor/duty/{taken}/take", data=data).status_code == 303
        assert duty.client.post(f"/counselor/duty/{taken}/take", data=data).status_code == 409
        assert "いまは ありません" in duty.client.get("/counselor/duty").text
    room.house.sign_in(room.client, "aoki")
    assert "教委当番" in room.client.get("/counselor/").text
    room.post("claim")
    tick(runtime)
    assert room.case().level == Level.ONSITE
    assert "moriさんが引き受け" in room.client.get(room.here).text


def test_a_queue_that_nobody_opens_is_an_alarm(room: Room) -> None:
    room.house.clock.at = datetime(2026, 11, 25, 8, 1, tzinfo=UTC)
    tick(room.house.runtime)
    tick(room.house.runtime)
    alarms = [entry for entry in room.trail() if entry.kind == AuditKind.QUEUE_UNATTENDED]
    assert [entry.subject_id for entry in alarms] == [room.house.schools["north"]]


def test_a_clock_that_was_set_moves_what_is_due(room: Room) -> None:
    before = room.case().due_on
    with room.as_("mori") as duty:
        csrf = duty.client.get("/counselor/clocks").text.split('name="csrf" value="')[1].split('"')[0]
        answer = duty.client.post("/counselor/clocks", data=form(today_act="2", number="0", csrf=csrf))
        assert answer.status_code == 303
        stale = duty.client.post("/counselor/clocks", data=form(number="0", csrf=csrf))
        assert stale.status_code == 409
    assert (before, room.case().due_on) == (date(2026, 11, 24), date(2026, 11, 26))
    school = room.house.schools["north"]
    data = {"csrf": room.csrf(), "first_on": "2026-11-25", "last_on": "2026-11-27", "words": "休校"}
    assert room.client.post(f"/counselor/days/{school}/closures", data=data).status_code == 303
    assert room.case().due_on == date(2026, 12, 1)
    other = room.house.schools["south"]
    assert room.client.post(f"/counselor/days/{other}/closures", data=data).status_code == 404


def test_days_until_is_the_smallest_count_that_reaches_the_day() -> None:
    calendar = Calendar(closures=((date(2026, 11, 25), date(2026, 11, 26)),))
    for first in (date(2026, 11, 20), date(2026, 11, 21)):  # a Friday, a Saturday before a holiday on Monday
        for later in range(20):
            last = first + timedelta(days=later)
            count = calendar.days_until(first, last)
            assert last <= calendar.add_days(first, count)
            assert count == 0 or calendar.add_days(first, count - 1) < last
    assert calendar.days_until(date(2026, 11, 20), date(2026, 11, 27)) == 2


def test_a_case_late_in_two_ways_is_one_row_and_taken_once(room: Room) -> None:
    with room.house.runtime.work(SETUP) as work:
        for cause in (LateCause.UNACKNOWLEDGED, LateCause.OVERDUE):
            clocks_actions.escalate_case(
                work,
                key=str(cause),
                school_id=room.house.schools["north"],
                case_id=room.case_id,
                level=Level.DUTY,
                cause=cause,
            )
        clocks_actions.set_level(work, room.case_id, Level.DUTY)
    with room.as_("mori") as duty:
        page = duty.client.get("/counselor/duty").text
        assert page.count("引き受けて学校に連絡する") == 1
        assert "引き受けの期限を過ぎた" in page
        assert "対応の期限を過ぎた" in page
        taken = page.split("/counselor/duty/")[1].split("/take")[0]
        data = {"csrf": page.split('name="csrf" value="')[1].split('"')[0]}
        assert duty.client.post(f"/counselor/duty/{taken}/take", data=data).status_code == 303
        assert "いまは ありません" in duty.client.get("/counselor/duty").text
    assert [entry.kind for entry in room.trail()].count(AuditKind.ESCALATION_TAKEN) == 2
