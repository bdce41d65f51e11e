"""What the pages promise is what the desk's clocks keep, also when a city sets its own, on days with school."""

import re
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


def wish_page(house: House, client: TestClient, name: str, item: str) -> str:
    house.show_ticket(client, pupil_of(house, name))
    places = [shown.item for shown in bank(name).bank.path({"wish_talk": "today"})]
    client.post(f"/s/q/{places.index('wish_talk') + 1}", data={"a": "today"})
    return client.get(f"/s/q/{places.index(item) + 1}").text


def there(house: House, weekday: int, talks_as: str) -> None:
    north, staff = house.schools["north"], house.staff["aoki"]
    with house.runtime.work(SETUP) as work:
        work.db.add(OnSite(school_id=north, weekday=weekday, half="am", staff_id=staff, talks_as=talks_as))


@pytest.mark.parametrize("name", BANKS)
def test_whoever_wants_to_talk_chooses_whom_and_how_in_five_taps_at_most(name: str) -> None:
    asked = bank(name).bank
    yes, no = ({"wish_talk": wish} for wish in ("today", "not_now"))
    steps = [item for item in asked.shown_items(yes) if item.startswith("talk_")]
    assert steps[0] == "talk_whom"
    assert "no_home_call" in asked.items["talk_how"].options
    taps = 1 + sum(1 if asked.items[item].kind == "single" else 2 for item in steps)
    assert taps <= 5
    assert len(asked.path(yes)) == len(asked.path(no))
    assert not [item for item in asked.shown_items(no) if item.startswith("talk_")]


@pytest.mark.parametrize("name", BANKS)
def test_only_people_of_the_school_are_offered_each_with_the_day_the_person_is_there(
    house: House, client: TestClient, name: str
) -> None:
    before = wish_page(house, client, name, "talk_whom")
    assert all(f'value="{code}"' in before for code in bank(name).bank.items["talk_whom"].options)
    there(house, 2, "nurse")  # Wednesdays
    page = wish_page(house, client, name, "talk_whom")
    assert 'value="nurse"' in page
    assert 'value="homeroom"' in page
    assert 'value="counselor"' not in page
    assert 'value="other_staff"' not in page


def test_a_person_who_is_away_comes_on_the_first_day_back(house: House, client: TestClient) -> None:
    there(house, 4, "nurse")  # Fridays: within the clock of Tuesday to Friday
    there(house, 0, "counselor")  # Mondays: after it
    page = bare_page(wish_page(house, client, "chu", "talk_whom"))
    assert "養護教諭" in page or "保健" in page
    assert "11月27日(金)までに" in page
    assert "11月30日(月)までに" in page
    client.post(
        f"/s/q/{[s.item for s in bank('chu').bank.path({})].index('n_season') + 1}", data={"a": "counselor"}
    )
    how = wish_page(house, client, "chu", "talk_how")
    shown = [line for line in how.split("<p ") if "data-whom" in line and " hidden>" not in line]
    assert len(shown) == 1
    assert 'data-whom="counselor"' in shown[0]
    assert "11月30日(月)までに、スクールカウンセラーが" in bare_page("<p " + shown[0])


@pytest.mark.parametrize("item", ["talk_whom", "talk_how"])
def test_beside_the_promised_day_stands_where_to_go_now(house: House, client: TestClient, item: str) -> None:
    assert bare(words("H", "ja")["promise_now"]) in bare_page(wish_page(house, client, "chu", item))


CALL_AND_FIRST = {
    "ja": ("(でんわ|電話)", "(さき|先)に"),
    "ja-easy": ("(でんわ|電話)", "(さき|先)に"),
    "en": ("call", "first"),
    "pt-BR": ("ligar", "antes"),
    "zh-Hans": ("电话", "先"),
    "fil": ("tumawag", "muna"),
    "vi": ("gọi điện", "trước"),
    "es": ("llamar", "antes"),
}
"""What the honest limit must say, in each language: that a call may be needed, and that the child hears of it first."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", BANKS)
def test_no_call_to_the_home_has_its_honest_limit_beside_it(name: str, language: str) -> None:
    hint = bare(bank(name).words(language)["items"]["talk_how"]["hint"])
    call, first = (bare(word) for word in CALL_AND_FIRST[language])
    assert re.search(f"{call}.*{first}|{first}.*{call}", hint), hint


def test_the_limit_is_on_the_page_of_the_choice(house: House, client: TestClient) -> None:
    page = bare_page(wish_page(house, client, "chu", "talk_how"))
    assert bare(bank("chu").words()["items"]["talk_how"]["hint"]) in page
