"""Sign-in: the right password opens, wrong ones are slowed, sessions end, and each of it is in the trail."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from survey_api.tables.audit import AuditEntry
from survey_api.tables.staff import StaffSession
from tests.house import PASSWORD, House, open_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path, pupils=1) as opened:
        yield opened


def test_each_role_arrives_at_its_own_page(house: House) -> None:
    for login, home in (("aoki", "/counselor/"), ("ito", "/welfare/"), ("ono", "/office/")):
        with house.client() as client:
            house.sign_in(client, login)
            assert client.get("/staff").headers["location"] == home


def test_the_session_token_is_stored_only_as_a_hash(house: House) -> None:
    with house.client() as client:
        house.sign_in(client, "aoki")
        token = client.cookies["kizuki_staff"]
    with house.runtime.reading() as db:
        assert token not in [row.token_hash for row in db.exec(select(StaffSession)).all()]


def test_wrong_passwords_are_slowed_even_for_the_right_one(house: House) -> None:
    with house.client() as client:
        for _ in range(5):
            answer = client.post("/signin", data={"login": "aoki", "password": "wrong"})
            assert answer.status_code == 403
        refused = client.post("/signin", data={"login": "aoki", "password": PASSWORD})
        assert refused.status_code == 429
        assert "秒待って" in refused.text
        house.clock.move(timedelta(minutes=6))
        house.sign_in(client, "aoki")


def test_a_stranger_and_a_wrong_password_read_the_same(house: House) -> None:
    with house.client() as client:
        stranger = client.post("/signin", data={"login": "nobody", "password": "x" * 20})
        wrong = client.post("/signin", data={"login": "nobody", "password": "y" * 20})
        assert stranger.status_code == wrong.status_code == 403
        assert stranger.text == wrong.text


def test_idle_and_old_sessions_end(house: House) -> None:
    with house.client() as client:
        house.sign_in(client, "ito")
        house.clock.move(timedelta(minutes=31))
        assert client.get("/staff").headers["location"].startswith("/signin")


def test_signing_out_kills_the_token(house: House) -> None:
    with house.client() as client:
        house.sign_in(client, "ono")
        token = client.cookies["kizuki_staff"]
        refused = client.post("/signout", data={"csrf": "wrong"})
        assert refused.status_code == 403
        from survey_ui.shell.forms import csrf_token

        client.post("/signout", data={"csrf": csrf_token(house.runtime.keys, token)})
        client.cookies.set("kizuki_staff", token)
        assert client.get("/staff").headers["location"].startswith("/signin")


def test_the_way_back_never_leaves_the_service(house: House) -> None:
    for bad in ("https://evil.example", "//evil.example", "/\\evil.example"):
        with house.client() as client:
            answer = client.post("/signin", data={"login": "ito", "password": PASSWORD, "next": bad})
            assert answer.headers["location"] == "/staff"


def test_sign_ins_and_refusals_are_in_the_trail(house: House) -> None:
    with house.client() as client:
        client.post("/signin", data={"login": "aoki", "password": "wrong"})
        house.sign_in(client, "aoki")
    with house.runtime.reading() as db:
        kinds = [row.kind for row in db.exec(select(AuditEntry)).all()]
    assert kinds[-2:] == ["staff.sign_in_refused", "staff.signed_in"]
