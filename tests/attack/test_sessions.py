"""A session as an opponent sees it: its token, how long it lives, and what it may not do without a new proof."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from itsdangerous import TimestampSigner
from sqlmodel import select
from starlette.testclient import TestClient

from survey_api.access import second_person, sessions
from survey_api.kit.actor import Actor, ActorKind
from survey_api.tables.cases import Case
from survey_api.tables.sign_in import SecondPersonRequest
from survey_ui.shell.forms import csrf_token
from tests.answered import answer, close
from tests.house import PASSWORD, House, open_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path, pupils=2) as opened:
        yield opened


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:
    with house.client() as opened:
        yield opened


def is_in(client: TestClient) -> bool:
    return not client.get("/staff").headers.get("location", "").startswith("/signin")


def test_every_way_in_gives_a_token_of_its_own(house: House, client: TestClient) -> None:
    """Password twice, and an emergency entry; a token that was set before signing in is never taken over."""
    client.cookies.set("kizuki_staff", "chosen-by-somebody-else", domain="testserver.local")
    house.sign_in(client, "aoki")
    tokens = [client.cookies["kizuki_staff"]]
    house.sign_in(client, "aoki")
    tokens.append(client.cookies["kizuki_staff"])
    door, helper = (
        Actor.job("signin"),
        Actor(ActorKind.STAFF, house.staff["oda"], frozenset({("operator", None)})),
    )
    with house.runtime.work(door) as work:
        second_person.ask_entry(work, "aoki")
        request = work.db.exec(select(SecondPersonRequest)).one()
    with house.runtime.work(helper) as work:
        granted = second_person.grant(work, request.id)
    client.post("/signin/emergency/code", data={"login": "aoki", "code": granted.code})
    tokens.append(client.cookies["kizuki_staff"])
    assert len({*tokens, "chosen-by-somebody-else"}) == 4
    assert all(len(token) >= 40 for token in tokens)


def test_idle_and_absolute_limits_hold_whatever_somebody_does(house: House, client: TestClient) -> None:
    house.sign_in(client, "ito")
    house.clock.move(sessions.IDLE)
    assert is_in(client)
    house.clock.move(sessions.IDLE + timedelta(seconds=1))
    assert not is_in(client)
    house.sign_in(client, "ito")
    for _ in range(16):  # busy every half hour, all day
        house.clock.move(timedelta(minutes=29, seconds=50))
        is_in(client)
    assert is_in(client)
    house.clock.move(timedelta(minutes=5))
    assert not is_in(client), "over after eight hours"
    assert (timedelta(minutes=30), timedelta(hours=8)) == (sessions.IDLE, sessions.ABSOLUTE)


def test_a_child_s_cookie_is_over_after_four_hours(
    house: House, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seconds, opens in ((4 * 3600 - 60, True), (4 * 3600 + 60, False)):
        client.cookies.clear()
        with monkeypatch.context() as earlier:
            earlier.setattr(
                TimestampSigner, "get_timestamp", lambda _self, ago=seconds: int(time.time()) - ago
            )
            house.show_ticket(client, house.pupils[0])
        assert (client.get("/s/q/1").status_code == 200) is opens
        assert (client.get("/s/draft").status_code == 200) is opens


def test_what_leaves_the_house_asks_for_a_fresh_sign_in(house: House, client: TestClient) -> None:
    answer(house, worried=0)
    close(house)
    house.sign_in(client, "kato")
    token = csrf_token(house.runtime.keys, client.cookies["kizuki_staff"])
    house.clock.move(sessions.FRESH + timedelta(seconds=1))
    assert is_in(client)
    doors = (
        ("POST", f"/welfare/releases/{house.wave_id}/approve"),
        ("POST", "/welfare/files"),
        ("GET", "/welfare/files"),
        ("GET", "/account"),
        ("POST", "/account/codes"),
    )
    for method, path in doors:
        refused = client.request(method, path, data={"csrf": token} if method == "POST" else None)
        assert refused.headers["location"].startswith("/signin?"), path
        assert "again=yes" in refused.headers["location"]
    house.sign_in(client, "kato")
    assert client.get("/welfare/files").status_code == 200


def test_after_the_idle_end_the_same_page_and_the_draft_are_back(house: House, client: TestClient) -> None:
    """Somebody types, is called away, and presses the button half an hour later."""
    answer(house, worried=1)
    with house.runtime.reading() as db:
        case_id = db.exec(select(Case.id)).one()
    here = f"/counselor/cases/{case_id}"
    house.sign_in(client, "aoki")
    form = {"csrf": csrf_token(house.runtime.keys, client.cookies["kizuki_staff"])}
    typed = "廊下で声をかけた。また明日会う。"
    assert client.post(f"{here}/draft", data={**form, "form": "note", "words": typed}).status_code == 204
    house.clock.move(timedelta(minutes=31))
    out = client.post(f"{here}/note", data={**form, "version": "1", "words": typed})
    assert out.headers["location"] == f"/signin?next={here}"
    back = client.post("/signin", data={"login": "aoki", "password": PASSWORD, "next": here})
    assert back.headers["location"] == here
    assert typed in client.get(here).text
