"""A child goes from the ticket to the thank-you page, without script, in every band."""

from typing import Any

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from survey_api.services.submissions import queries
from survey_api.tables.submissions import Draft, Submission
from survey_ui.shell.child_words import words
from tests.house import House, Pupil, bank, best_answers, worst_answers
from tests.survey_ui.student.conftest import BANKS
from tests.survey_ui.student.test_languages import bare_page
from tests.survey_ui.student.walking import follow, walk


def pupil_of(house: House, name: str, number: int = 0) -> Pupil:
    return [pupil for pupil in house.pupils if pupil.grade == bank(name).bank.grades[0]][number]


def kept(house: House) -> list[dict[str, Any]]:
    with house.runtime.reading() as db:
        rows = db.exec(select(Submission)).all()
        return [queries.sealed_answers(db, house.runtime.keys, row)["answers"] for row in rows]


@pytest.mark.parametrize("name", BANKS)
@pytest.mark.parametrize("answers_of", [best_answers, worst_answers])
def test_every_answer_arrives(house: House, client: TestClient, name: str, answers_of: Any) -> None:
    answers = answers_of(bank(name))
    house.show_ticket(client, pupil_of(house, name))
    assert client.get("/s/welcome").status_code == 200
    assert walk(client, bank(name), answers)[-1] == "/s/review"
    assert follow(client.post("/s/send")).startswith("/s/thanks/")
    assert kept(house) == [{item: value for item, value in answers.items() if value}]


@pytest.mark.parametrize("name", BANKS)
def test_a_child_may_answer_nothing_at_all(house: House, client: TestClient, name: str) -> None:
    house.show_ticket(client, pupil_of(house, name))
    visited = walk(client, bank(name), {})
    assert len(visited) == len(bank(name).bank.screens) + 1
    assert follow(client.post("/s/send")).startswith("/s/thanks/")
    assert kept(house) == [{}]


@pytest.mark.parametrize("name", BANKS)
def test_the_number_of_screens_is_the_same_for_everybody(house: House, client: TestClient, name: str) -> None:
    loaded = bank(name)
    lengths = set()
    for number, (answers, skip) in enumerate([(worst_answers(loaded), False), (best_answers(loaded), True)]):
        client.cookies.clear()
        house.show_ticket(client, pupil_of(house, name, number))
        lengths.add(len(walk(client, loaded, answers, skip_notices=skip)))
    assert lengths == {len(loaded.bank.screens) + 1}


def test_refusing_words_are_kept_as_what_they_are(house: House, client: TestClient) -> None:
    loaded = bank("chu")
    said = {
        item.id: ("dont_know" if number % 2 else "declined")
        for number, item in enumerate(loaded.bank.items.values())
        if item.kind != "text"
    }
    house.show_ticket(client, pupil_of(house, "chu"))
    walk(client, loaded, said)
    client.post("/s/send")
    assert kept(house) == [{item: said[item] for item in loaded.bank.shown_items(said) if item in said}]


def test_a_skipped_block_shows_and_keeps_none_of_its_questions(house: House, client: TestClient) -> None:
    loaded = bank("chu")
    house.show_ticket(client, pupil_of(house, "chu"))
    walk(client, loaded, worst_answers(loaded), skip_notices=True)
    client.post("/s/send")
    (answers,) = kept(house)
    assert "home_hit" not in answers
    assert answers["hard_things"] == "skip"


def test_declining_keeps_no_answer_and_ends_where_everybody_waits(house: House, client: TestClient) -> None:
    house.show_ticket(client, pupil_of(house, "chu"))
    client.post("/s/q/1", data={"a": "home"})  # begun, then back to the first page
    assert follow(client.post("/s/decline")) == "/s/quiet/H"
    with house.runtime.reading() as db:
        (row,) = db.exec(select(Submission)).all()
        assert db.exec(select(Draft)).all() == []
    assert (row.state, row.sealed) == ("declined", None)
    again = house.refused(client, secret=pupil_of(house, "chu").ticket.secret)
    assert words("H")["kind"]["ticket_spent"][1] in bare_page(again.text)


def test_forgetting_deletes_the_draft_and_the_ticket_still_works(house: House, client: TestClient) -> None:
    house.show_ticket(client, pupil_of(house, "chu"))
    client.post("/s/q/1", data={"a": "home"})
    assert client.get("/s/forget").status_code == 200
    assert follow(client.post("/s/forget")) == "/s/quiet/H"
    with house.runtime.reading() as db:
        ticket = queries.ticket_by_id(db, pupil_of(house, "chu").ticket_id)
        assert ticket is not None
        assert "answers" not in queries.draft_of(db, house.runtime.keys, ticket)
    house.show_ticket(client, pupil_of(house, "chu"))
    assert 'aria-pressed="true"' not in client.get("/s/q/1").text


def test_a_tap_that_comes_late_does_not_bring_back_what_was_deleted(house: House, client: TestClient) -> None:
    """Another tablet had no network when the child had everything deleted, and sends its taps afterwards."""
    house.show_ticket(client, pupil_of(house, "chu"))
    assert follow(client.post("/s/forget")) == "/s/quiet/H"
    house.show_ticket(client, pupil_of(house, "chu"))
    now = house.clock.at.timestamp() * 1000
    go = {"go": client.get("/s/draft").json()["mark"], "device": "tablet-late", "now": now}
    for age, left in ((60_000, {}), (0, {"free_time": "home"})):
        tap = {"item": "free_time", "value": "home", "at": now - age}
        assert client.post("/s/draft", json={**go, "taps": [tap]}).status_code == 200
        assert client.get("/s/draft").json()["answers"] == left
