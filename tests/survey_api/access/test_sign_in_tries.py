"""Wrong passwords slow down the name, the browser and the address; nobody is kept out by somebody else."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from httpx2 import Response
from sqlmodel import select
from starlette.testclient import TestClient

from survey_api.access import sign_in_tries
from survey_api.access.sign_in_tries import ADDRESS_FREE, BROWSER_FREE, NAME_FREE
from survey_api.tables.waves import TicketTries
from tests.house import PASSWORD, House, open_house


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """The slow hash is replaced: this file is about who has to wait."""
    monkeypatch.setattr(
        "survey_api.access.sessions.verify_password", lambda _stored, given: given == PASSWORD
    )
    with open_house(tmp_path, pupils=1) as opened:
        yield opened


@contextmanager
def browser(house: House, address: str = "198.51.100.7") -> Iterator[TestClient]:
    """A browser of its own that has seen the sign-in page, somewhere on the network."""
    with house.client() as client:
        client._transport.client = (address, 50000)  # type: ignore[attr-defined]
        client.get("/signin")
        yield client


def tries(client: TestClient, login: str, times: int, password: str = "wrong") -> Response:
    for _ in range(times):
        answer = client.post("/signin", data={"login": login, "password": password})
    return answer


def comes_in(client: TestClient, login: str) -> bool:
    return client.post("/signin", data={"login": login, "password": PASSWORD}).status_code == 303


def test_a_name_that_nobody_has_behaves_like_any_other(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Same status, same page, same waits, from the first try to the eighth; and the slow work each time."""
    asked: list[bool] = []
    monkeypatch.setattr(
        "survey_api.access.sessions.verify_password", lambda stored, _: asked.append(stored is None)
    )
    with browser(house) as client:
        told = []
        for login in ("aoki", "nobody"):
            client.cookies.clear()
            client.get("/signin")
            answers = [tries(client, login, 1) for _ in range(NAME_FREE + 3)]
            told.append([(one.status_code, one.text.replace(login, "")) for one in answers])
        assert told[0] == told[1]
        assert [status for status, _ in told[0]] == [403] * NAME_FREE + [429] * 3
        assert asked == [False] * NAME_FREE + [True] * NAME_FREE


def test_somebody_else_s_tries_do_not_keep_a_person_out_of_their_own_browser(house: House) -> None:
    with browser(house) as own, browser(house, "203.0.113.9") as stranger:
        assert comes_in(own, "aoki")
        assert tries(stranger, "aoki", NAME_FREE + 1).status_code == 429
        assert not comes_in(stranger, "aoki")
        own.cookies.delete("kizuki_staff")
        assert comes_in(own, "aoki")
        assert tries(own, "aoki", NAME_FREE + 1).status_code == 429, "it counts for itself"


def test_a_browser_that_tries_many_names_is_slowed(house: House) -> None:
    with browser(house) as client:
        for number in range(BROWSER_FREE):
            assert tries(client, f"name{number}", 1).status_code == 403
        assert tries(client, "another", 1).status_code == 429
        house.clock.move(timedelta(minutes=6))
        assert comes_in(client, "aoki")


def test_an_address_that_changes_its_browser_is_slowed_late_and_briefly(house: House) -> None:
    with browser(house) as client:
        for number in range(ADDRESS_FREE):
            client.cookies.clear()
            assert tries(client, f"name{number}", 1).status_code == 403
        client.cookies.clear()
        waits = tries(client, "another", 1)
        assert waits.status_code == 429
        assert "31秒待って" in waits.text or "30秒待って" in waits.text
        house.clock.move(timedelta(seconds=31))
        assert comes_in(client, "aoki")


A_BAD_MORNING = 40
"""Wrong passwords at one school that must keep out nobody who is new there."""


def test_a_school_behind_one_address_works_on(house: House) -> None:
    """While somebody at the same address tries name after name, those who have signed in here before come in."""
    with browser(house) as office, browser(house) as counselor, browser(house) as pest:
        assert comes_in(office, "ono")
        assert comes_in(counselor, "aoki")
        for number in range(max(ADDRESS_FREE, A_BAD_MORNING) + 1):
            pest.cookies.clear()
            tries(pest, f"name{number}", 1)
            if number == A_BAD_MORNING:
                with browser(house) as newcomer:
                    assert comes_in(newcomer, "sato"), "a browser that is new at this school"
        for client, login in ((office, "ono"), (counselor, "aoki")):
            client.cookies.delete("kizuki_staff")
            assert comes_in(client, login)
        with browser(house, "203.0.113.9") as elsewhere:
            assert comes_in(elsewhere, "ito"), "another address waits for nothing"


def test_a_cookie_that_is_not_ours_makes_nobody_known(house: House) -> None:
    with browser(house) as client:
        client.cookies.set("kizuki_known", house.staff["aoki"] + ".x.y")
        assert tries(client, "aoki", NAME_FREE + 1).status_code == 429


@pytest.mark.parametrize(("proxy", "slowed"), [("198.51.100.7", False), ("", True), ("203.0.113.1", True)])
def test_a_forwarded_address_is_believed_from_the_proxy_only(house: House, proxy: str, slowed: bool) -> None:
    told = house.runtime.settings.model_copy(update={"proxy_address": proxy})
    object.__setattr__(house.runtime, "settings", told)
    with browser(house) as client:
        for number in range(ADDRESS_FREE + 1):
            client.cookies.clear()
            answer = client.post(
                "/signin",
                data={"login": f"name{number}", "password": "wrong"},
                headers={"x-forwarded-for": f"10.9.8.7, 192.0.2.{number}"},
            )
        assert (answer.status_code == 429) is slowed


def test_nothing_of_a_person_is_kept(house: House) -> None:
    with browser(house) as client:
        tries(client, "aoki", 2)
    with house.runtime.reading() as db:
        kept = [row.place for row in db.exec(select(TicketTries)).all()]
    assert {place.partition("-")[0] for place in kept} == {"name", "browser", "address"}
    assert not [word for word in ("aoki", "198.51", house.staff["aoki"]) if word in " ".join(kept)]
    assert timedelta(minutes=5) >= sign_in_tries.LONGEST_WAIT, "never a lock"
