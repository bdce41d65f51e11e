"""Answering: back keeps what was said, nothing leaks into addresses, pages say what they must."""

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.house import House, Pupil, bank, worst_answers
from tests.survey_ui.student.conftest import BANKS
from tests.survey_ui.student.walking import walk

PAGES = ("/", "/t", "/s/welcome", "/s/q/1", "/s/review", "/s/forget", "/s/thanks/L", "/s/quiet/L")


def pupil_of(house: House, name: str) -> Pupil:
    return next(pupil for pupil in house.pupils if pupil.grade == bank(name).bank.grades[0])


@pytest.mark.parametrize("name", BANKS)
def test_going_back_finds_every_answer(house: House, client: TestClient, name: str) -> None:
    loaded = bank(name)
    answers: dict[str, Any] = worst_answers(loaded) | {"free_text": "ことばに\r\nする"}
    house.show_ticket(client, pupil_of(house, name))
    walk(client, loaded, answers)
    for shown in reversed(loaded.bank.path(answers)):
        page = client.get(f"/s/q/{shown.place}").text
        if shown.item is None:
            continue
        kind, value = loaded.bank.items[shown.item].kind, answers[shown.item]
        if kind == "single":
            assert f'value="{value}" aria-pressed="true"' in page
        elif kind == "multi":
            assert all(f'value="{code}" checked' in page for code in value)
            assert page.count(" checked") == len(value)
        else:
            assert "ことばに\nする" in page


def test_an_answer_that_stands_alone_beside_others_is_asked_again(house: House, client: TestClient) -> None:
    """Nothing is dropped behind the child's back: both ticks are still there, with a sentence."""
    place = [shown.item for shown in bank("chu").bank.path({})].index("care_tasks") + 1
    house.show_ticket(client, pupil_of(house, "chu"))
    refused = client.post(f"/s/q/{place}", data={"a": ["none", "cook"]})
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert "<title>エラー：" in refused.text
    assert refused.text.count(" checked") == 2
    assert " checked" not in client.get(f"/s/q/{place}").text
    assert client.post(f"/s/q/{place}", data={"a": ["none"]}).status_code == 303


@pytest.mark.parametrize("reserved", ["declined", "dont_know"])
def test_going_on_without_a_tick_leaves_what_was_said_beside_the_list(
    house: House, client: TestClient, reserved: str
) -> None:
    """Only what is ticked is taken back by ticking nothing; 「こたえたくない」 is no tick."""
    place = [shown.item for shown in bank("chu").bank.path({})].index("care_tasks") + 1
    house.show_ticket(client, pupil_of(house, "chu"))
    pressed = re.compile(f'value="{reserved}" aria-pressed="true"')
    client.post(f"/s/q/{place}", data={"r": reserved})
    assert pressed.search(client.get(f"/s/q/{place}").text)
    assert client.post(f"/s/q/{place}").status_code == 303
    assert pressed.search(client.get(f"/s/q/{place}").text)
    client.post(f"/s/q/{place}", data={"a": "cook"})
    assert " checked" in client.get(f"/s/q/{place}").text
    client.post(f"/s/q/{place}")
    assert " checked" not in client.get(f"/s/q/{place}").text


def test_an_answer_that_could_not_be_kept_leads_back_to_its_question(
    house: House, client: TestClient
) -> None:
    house.show_ticket(client, pupil_of(house, "sho-low"))
    refused = client.post("/s/q/1", data={"a": "no such answer"})
    assert refused.status_code == 422
    assert 'class="button" href="/s/q/1"' in refused.text


def test_what_is_changed_from_the_review_leads_back_to_its_line(house: House, client: TestClient) -> None:
    house.show_ticket(client, pupil_of(house, "chu"))
    assert 'id="line-3" href="/s/q/3?back=review"' in client.get("/s/review").text
    page = client.get("/s/q/3?back=review").text
    assert 'name="back" value="review"' in page
    assert 'class="back" href="/s/review#line-3"' in page
    answer = client.post("/s/q/3", data={"a": "dont_know", "back": "review"})
    assert answer.headers["location"] == "/s/review#line-3"


def test_every_screen_at_once_is_what_the_pages_show_one_by_one(house: House, client: TestClient) -> None:
    house.show_ticket(client, pupil_of(house, "chu"))
    client.post("/s/q/1", data={"a": "home"})
    everything = client.get("/s/screens").text
    loaded = bank("chu")
    assert everything.count('<form class="question') == len(loaded.bank.screens) + sum(
        screen.when is not None for screen in loaded.bank.screens
    )
    assert everything.count('role="group" aria-labelledby="ask"') == everything.count('<form class="question')
    assert 'aria-pressed="true"' not in everything
    assert not re.search(r'name="a"[^>]* checked', everything)
    form = re.compile(r'<form class="question.*?</form>', re.DOTALL)
    whose = re.compile('<input type="hidden" name="go" value="[0-9a-f]{16}">')
    one, marks = whose.subn("", form.findall(client.get("/s/q/2").text)[0])
    assert marks == 1
    assert not whose.search(everything)
    assert one in everything


def test_the_review_shows_numbers_and_never_an_answer(house: House, client: TestClient) -> None:
    loaded = bank("chu")
    house.show_ticket(client, pupil_of(house, "chu"))
    client.post("/s/q/1", data={"a": "home"})
    page = client.get("/s/review").text
    lines = re.findall(r'href="/s/q/(\d+)\?back=review"><b>(\d+)</b>', page)
    assert len(lines) == 28
    assert all(place == number for place, number in lines)  # the number the question itself has in its bar
    assert page.count("<span data-answered>") == 1
    assert page.count("<span data-answered hidden>") == page.count("<span data-skipped>") == 27
    for code, text in loaded.words()["items"]["free_time"]["options"].items():
        assert text not in page
        assert not re.search(rf"\b{code}\b", page.partition("</style>")[2])


def test_no_address_holds_a_ticket_a_pupil_or_an_answer(house: House, client: TestClient) -> None:
    loaded, pupil = bank("chu"), pupil_of(house, "chu")
    house.show_ticket(client, pupil)
    visited = walk(client, loaded, worst_answers(loaded))
    allowed = {f"/s/q/{place}" for place in range(1, len(loaded.bank.screens) + 1)} | {"/s/review"}
    assert set(visited) <= allowed
    page = client.get("/s/q/3").text
    assert 'method="get"' not in page
    assert pupil.ticket_id not in page
    assert pupil.pseudonym not in page


@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_strict_and_is_not_stored(house: House, client: TestClient, address: str) -> None:
    house.show_ticket(client, pupil_of(house, "chu"))
    answer = client.get(address)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert " style=" not in answer.text
    for form in re.findall(r"<form[^>]*>", answer.text):
        assert 'autocomplete="off"' in form


TITLED = ("/", "/t", "/s/reading", "/s/welcome", "/s/more", "/s/practice", "/s/resume", "/s/q/1", "/s/q/2", "/s/review",
    "/s/forget", "/s/thanks/H", "/s/late/H", "/s/quiet/H", "/s/back/H", "/s/nowhere")  # fmt: skip


def test_every_page_has_a_title_of_its_own(house: House, client: TestClient) -> None:
    house.show_ticket(client, pupil_of(house, "chu"))
    titles = {address: re.findall("<title>(.*?)</title>", client.get(address).text)[0] for address in TITLED}
    titles["/ refused"] = re.findall("<title>(.*?)</title>", client.post("/t", data={"code": "1"}).text)[0]
    assert len(set(titles.values())) == len(titles), titles
    assert titles["/ refused"].startswith("エラー：")


@pytest.mark.parametrize("address", ["/s/welcome", "/s/q/1", "/s/review", "/s/forget"])
def test_without_a_ticket_every_page_leads_to_the_start(client: TestClient, address: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_after_sending_the_tablet_has_forgotten_the_child(house: House, client: TestClient) -> None:
    house.show_ticket(client, pupil_of(house, "chu"))
    client.post("/s/send")
    assert "kizuki_pupil" not in client.cookies
    assert client.get("/s/q/1").headers["location"] == "/"


def test_a_typed_code_lets_in_and_a_wrong_digit_says_what_to_do(house: House, client: TestClient) -> None:
    ticket = pupil_of(house, "chu").ticket
    wrong = ticket.code[:-1] + str((int(ticket.code[-1]) + 1) % 10)
    refused = client.post("/t", data={"code": wrong})
    assert refused.status_code == 404
    assert "12この すうじを もういちど みて" in refused.text
    assert wrong not in refused.text
    assert client.post("/t", data={"code": ticket.code_shown}).headers["location"] == "/s/reading"


def test_a_place_that_does_not_exist_is_a_kind_page(house: House, client: TestClient) -> None:
    house.show_ticket(client, pupil_of(house, "chu"))
    answer = client.get("/s/q/999")
    assert answer.status_code == 404
    assert "その画面はありません" in answer.text.replace("<wbr>", "")
