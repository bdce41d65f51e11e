"""How far the classes are, for a counselor: nobody can be told from it, and who declined looks like who has not sent."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from survey_api.journeys.finish_submission import decline_submission
from survey_api.kit.actor import Actor
from survey_api.services.waves.queries import ClassRow
from survey_api.services.waves.rules import class_words
from tests.house import House, bank, best_answers, open_house
from tests.survey_ui.counselor.room import send


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path, pupils=6) as opened:
        yield opened


def progress(house: House, login: str = "aoki") -> str:
    with house.client() as client:
        house.sign_in(client, login)
        answer = client.get("/counselor/progress")
        assert answer.status_code == 200
        return str(answer.text).split("<main")[1]


def test_a_child_who_declined_looks_like_one_who_has_only_opened(house: House) -> None:
    for pupil in house.pupils[:5]:
        send(house, pupil, best_answers(bank("chu")))
    with house.runtime.reading() as db:
        before = progress(house)
        assert db is not None
    assert "5人以上" in before
    assert "1〜1人" in before
    with house.runtime.work(Actor.student(house.pupils[5].ticket_id)) as work:
        decline_submission(work, house.pupils[5].ticket_id)
    after = progress(house)
    # the ticket is opened now, as that of a child who reads the first page: nothing else has changed
    assert after.replace("<td>全員</td>", "<td>5人以上</td>", 1) == before


def test_nothing_on_the_page_says_who(house: House) -> None:
    send(house, house.pupils[0], best_answers(bank("chu")))
    page = progress(house)
    for pupil in house.pupils:
        for one in (pupil.pseudonym, pupil.ticket_id, pupil.name.given, pupil.name.family, "青-1"):
            assert one not in page
    assert "いま実施中の調査回はありません" in progress(house, "berg")


@pytest.mark.parametrize("tickets", [1, 4])
def test_a_small_class_has_no_number(tickets: int) -> None:
    said = class_words(ClassRow("s", "学校", 7, "1", tickets, 1, 1, 1))
    assert set(vars(said).values()) == {"5未満"}


@pytest.mark.parametrize("sent", range(12))
def test_two_columns_together_tell_no_more_than_one(sent: int) -> None:
    said = class_words(ClassRow("s", "学校", 7, "1", 12, sent, sent, 0))
    low, high = (int(part) for part in said.left.removesuffix("人").split("〜"))
    lowest = 0 if said.sent == "5人未満" else int(said.sent.removesuffix("人以上"))
    assert (12 - high, 12 - low) == (lowest, min(lowest + 4, 11))
