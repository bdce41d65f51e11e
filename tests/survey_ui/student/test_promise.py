"""What the pages promise is what the desk's clocks keep, also when a city sets its own, on days with school."""

from datetime import UTC, date, datetime

import pytest
from starlette.testclient import TestClient

from survey_api.journeys.promise_talk import talk_by
from survey_api.kit.ids import new_id
from survey_api.services.banks.texts_check import LANGUAGES
from survey_api.services.review.clocks.rules import CLOCK_LIMITS, DEFAULT_CLOCKS, PROMISED_DAYS
from survey_api.tables.desk import OnSite, SchoolClosure
from survey_ui.shell.child_words import day_words, words
from survey_ui.student.view import READ_WITHIN_SCHOOL_DAYS
from tests.house import SETUP, House, bank
from tests.survey_ui.student.conftest import BANKS
from tests.survey_ui.student.test_answering import pupil_of
from tests.survey_ui.student.test_languages import allow, bare, bare_page


def test_every_clock_of_the_desk_runs_out_before_the_promised_day() -> None:
    assert max(clock.act for clock in DEFAULT_CLOCKS.values()) <= READ_WITHIN_SCHOOL_DAYS
    assert PROMISED_DAYS == READ_WITHIN_SCHOOL_DAYS
    assert CLOCK_LIMITS["act"][2] <= READ_WITHIN_SCHOOL_DAYS


@pytest.mark.parametrize("name", BANKS)
def test_a_wish_to_talk_goes_by_the_clock_whose_day_the_page_says(name: str) -> None:
    rules = [rule for rule in bank(name).scoring_key.rules if rule.concern == "wish"]
    assert {str(rule.urgency) for rule in rules} == {"today", "this_week"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_child_reads_the_same_promise_beside_the_question(
    house: House, client: TestClient, language: str
) -> None:
    allow(house)
    loaded = bank("chu")
    place = [shown.item for shown in loaded.bank.path({})].index("wish_talk") + 1
    house.show_ticket(client, pupil_of(house, "chu"))
    client.post("/s/reading", data={"language": language})
    said = words("H", language)
    before_a_holiday = datetime(
        2027, 4, 28, 1, 0, tzinfo=UTC
    )  # Wednesday; 29 April and 3 to 5 May are holidays
    for moment, day in ((house.clock.at, date(2026, 11, 27)), (before_a_holiday, date(2027, 5, 7))):
        house.clock.at = moment
        allow(house, closes_on=date(2027, 6, 1))
        house.show_ticket(client, pupil_of(house, "chu"))
        client.post("/s/reading", data={"language": language})
        page = bare_page(client.get(f"/s/q/{place}").text)
        told = said["promise"].format(day=day_words(said, day), who=said["roles"]["teacher"])
        assert bare(told) in page
        assert bare(said["promise_now"]) in page
        assert bare(told) not in bare_page(client.get("/s/q/1").text)


def test_the_promised_day_knows_the_school_and_who_is_there(house: House) -> None:
    north, tuesday = house.schools["north"], house.clock.at.date()
    with house.runtime.reading() as db:
        assert talk_by(db, north, tuesday) == date(2026, 11, 27)
    with house.runtime.work(SETUP) as work:
        work.db.add(
            SchoolClosure(
                id=new_id(),
                school_id=north,
                first_on=date(2026, 11, 26),
                last_on=date(2026, 11, 27),
                words="休校",
            )
        )
    with house.runtime.reading() as db:
        assert talk_by(db, north, tuesday) == date(2026, 12, 1)
        assert talk_by(db, house.schools["south"], tuesday) == date(2026, 11, 27)
    with house.runtime.work(SETUP) as work:
        work.db.add(
            OnSite(school_id=house.schools["south"], weekday=0, half="am", staff_id=house.staff["berg"])
        )
    with house.runtime.reading() as db:
        assert talk_by(db, house.schools["south"], tuesday) == date(2026, 11, 30)
