"""A wave through the real pages: opened for grades and dates, seen as coarse counts, ended."""

import json
from datetime import date, timedelta

import pytest

from survey_api.kit.actor import Actor
from survey_api.services.waves import queries as waves_queries
from survey_api.services.waves.rules import helplines_fresh
from survey_api.vocabulary import WaveState
from tests.answered import answer
from tests.survey_api.services.students.zips import small_zip
from tests.survey_ui.office.office_door import OfficeDesk, rows, words


def end_first_wave(desk: OfficeDesk) -> None:
    form = {"csrf": desk.csrf(), "sure": "yes"}
    assert desk.client.post(f"/office/waves/{desk.house.wave_id}/close", data=form).status_code == 303


def opened(desk: OfficeDesk, grades: list[int]) -> str:
    answered = desk.open_wave(grades)
    assert answered.status_code == 303, words(answered)
    return answered.headers["location"].rsplit("/", 1)[-1]


def test_every_pupil_of_the_chosen_grades_gets_one_ticket(desk: OfficeDesk) -> None:
    desk.enrol(small_zip())
    end_first_wave(desk)
    wave_id = opened(desk, [1, 4])
    with desk.house.runtime.reading() as db:
        run = db.connection().exec_driver_sql
        tickets = run("SELECT pseudonym FROM tickets WHERE wave_id = ?", (wave_id,)).scalars().all()
        pupils = run("SELECT pseudonym FROM students WHERE active AND grade IN (1, 4)").scalars().all()
        invited = run("SELECT sum(invited) FROM wave_classes WHERE wave_id = ?", (wave_id,)).scalar_one()
        plan = waves_queries.wave_by_id(db, wave_id).plan
    assert sorted(tickets) == sorted(pupils)
    assert invited == len(pupils)
    assert json.loads(plan)["wave"] == wave_id, "what will be published is fixed before the first answer"


@pytest.mark.parametrize(
    ("grades", "other", "sentence"),
    [
        ([], {}, "学年を1つ以上選んでください"),
        ([7], {}, "「2026年11月の生活アンケート」でもう始まっています"),
        ([2], {}, "小2の児童生徒が名簿にいません"),
        ([7], {"name": "  "}, "調査回の名前を入れてください"),
        ([7], {"opens_on": "2026-11-20"}, "今日かそれより後"),
        ([7], {"closes_on": "2026-11-23"}, "始まりの日より後"),
        ([7], {"closes_on": "2027-11-23"}, "期間は60日まで"),
        ([7], {"closes_on": "あした"}, "終わりの日を"),
        ([1], {"unchecked": "helplines"}, "相談電話の番号が、この180日のあいだ確かめられていません"),
    ],
)
def test_what_stands_against_a_wave_is_said_above_the_filled_form(
    desk: OfficeDesk, grades: list[int], other: dict[str, str], sentence: str
) -> None:
    kept = rows(desk.house, "waves"), rows(desk.house, "tickets")
    answered = desk.open_wave(grades, **other)
    assert answered.status_code == 422
    assert sentence in words(answered)
    if other.get("name") is None:
        assert 'value="冬の調査"' in answered.text, "nothing has to be typed twice"
    assert (rows(desk.house, "waves"), rows(desk.house, "tickets")) == kept


def test_progress_never_shows_a_small_number(desk: OfficeDesk) -> None:
    """Six pupils a class: four sent, and from the page nobody can tell four from none."""
    page = f"/office/waves/{desk.house.wave_id}"
    nobody = words(desk.client.get(page))
    answer(desk.house, worried=0, silent=2)
    assert words(desk.client.get(page)) == nobody
    assert "5人未満" in nobody
    assert "全員" not in nobody


def test_progress_says_when_everybody_has_sent(desk: OfficeDesk) -> None:
    answer(desk.house, worried=1)
    shown = desk.client.get(f"/office/waves/{desk.house.wave_id}").text
    assert shown.count("全員おくりました") == 4
    for pupil in desk.house.pupils:
        assert pupil.name.given not in shown
        assert pupil.pseudonym not in shown


def test_a_class_below_five_tells_nothing(desk: OfficeDesk) -> None:
    with desk.house.runtime.work(Actor.terminal("test")) as work:
        work.db.connection().exec_driver_sql(
            "UPDATE students SET class_name = '2' WHERE sign IN ('青-100', '青-101')"
        )
    before = words(desk.client.get(f"/office/waves/{desk.house.wave_id}"))
    answer(desk.house, worried=0)
    after = words(desk.client.get(f"/office/waves/{desk.house.wave_id}"))
    small = "5枚未満 5人未満の学級"
    assert before.count(small) == after.count(small) > 0


def test_ending_asks_first_and_then_stands(desk: OfficeDesk) -> None:
    address = f"/office/waves/{desk.house.wave_id}/close"
    assert desk.client.post(address, data={"csrf": desk.csrf()}).status_code == 422
    end_first_wave(desk)
    with desk.house.runtime.reading() as db:
        assert waves_queries.wave_by_id(db, desk.house.wave_id).state == WaveState.CLOSED
    assert desk.client.post(address, data={"csrf": desk.csrf(), "sure": "yes"}).status_code == 409


def test_a_wave_opens_on_numbers_somebody_has_made_sure_of_and_the_trail_says_when(desk: OfficeDesk) -> None:
    desk.enrol(small_zip())
    end_first_wave(desk)
    page = words(desk.client.get("/office/waves"))
    assert "0120-0-78310" in page
    assert "今日、わたしが公式の案内で確かめました" in page
    opened(desk, [1])
    with desk.house.runtime.reading() as db:
        facts = db.connection().exec_driver_sql(
            "SELECT facts FROM audit_entries WHERE kind = 'wave.opened' ORDER BY seq DESC LIMIT 1"
        )
        assert json.loads(facts.scalar_one())["helplines_checked_on"] == "2026-11-24"


@pytest.mark.parametrize(("days", "fresh"), [(0, True), (180, True), (181, False), (-1, False)])
def test_numbers_go_stale_after_half_a_year(days: int, fresh: bool) -> None:
    today = date(2026, 11, 24)
    assert helplines_fresh(today - timedelta(days=days), today) is fresh
    assert not helplines_fresh(None, today)
