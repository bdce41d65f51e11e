"""The second proof: always asked of whoever has one, set up before the first session in production, used once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from starlette.testclient import TestClient

from survey_api.access import queries, second_factor
from survey_api.kit.actor import Actor
from survey_api.settings import Mode
from survey_ui.shell.forms import csrf_token
from tests.house import PASSWORD, House, open_house

SETUP = Actor.terminal("test")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path, pupils=1) as opened:
        yield opened


@pytest.fixture
def strict(house: House) -> House:
    """The same house as a city runs it."""
    settings = house.runtime.settings.model_copy(update={"mode": Mode.PRODUCTION})
    return replace(house, runtime=replace(house.runtime, settings=settings))


def enrolled(house: House, login: str = "aoki") -> pyotp.TOTP:
    secret = second_factor.new_secret()
    with house.runtime.work(SETUP) as work:
        staff = queries.staff_by_login(work.db, login)
        assert staff is not None
        assert second_factor.confirm_totp(work, staff, secret, code_at(house, pyotp.TOTP(secret)))
    house.clock.move(timedelta(seconds=60))
    return pyotp.TOTP(secret)


def code_at(house: House, totp: pyotp.TOTP, shift: int = 0) -> str:
    return totp.at(int(house.clock.now().timestamp()) + shift)


def password(client: TestClient, login: str = "aoki") -> str:
    answer = client.post("/signin", data={"login": login, "password": PASSWORD, "next": "/counselor/"})
    assert answer.status_code == 303
    return str(answer.headers["location"])


def is_in(client: TestClient) -> bool:
    return not client.get("/staff").headers["location"].startswith("/signin")


def test_whoever_has_a_second_factor_is_asked_for_it(house: House) -> None:
    totp = enrolled(house)
    with house.client() as client:
        assert password(client) == "/signin/second"
        assert not is_in(client)
        answer = client.post("/signin/second", data={"code": code_at(house, totp)})
        assert answer.headers["location"] == "/counselor/"
        assert is_in(client)


def test_a_code_works_once_and_not_from_the_day_before(house: House) -> None:
    totp = enrolled(house)
    code = code_at(house, totp)
    with house.client() as client:
        password(client)
        assert client.post("/signin/second", data={"code": code}).status_code == 303
    with house.client() as client:
        password(client)
        assert client.post("/signin/second", data={"code": code}).status_code == 403
        assert client.post("/signin/second", data={"code": code_at(house, totp, -86_400)}).status_code == 403
        assert not is_in(client)


def test_full_width_digits_and_a_clock_half_a_minute_off_are_understood(house: House) -> None:
    totp = enrolled(house)
    early = code_at(house, totp, 30)
    typed = " ".join(chr(ord(digit) + 0xFEE0) for digit in early)
    with house.client() as client:
        password(client)
        assert client.post("/signin/second", data={"code": typed}).status_code == 303


def test_wrong_codes_end_the_step_and_slow_the_account(house: House) -> None:
    totp = enrolled(house)
    with house.client() as client:
        password(client)
        for _ in range(5):
            assert client.post("/signin/second", data={"code": "000000"}).status_code in (403, 429)
        assert client.post("/signin/second", data={"code": code_at(house, totp)}).status_code == 409
        again = client.post("/signin", data={"login": "aoki", "password": PASSWORD})
        assert again.status_code == 429
        assert not is_in(client)


def test_a_half_finished_sign_in_is_over_after_ten_minutes(house: House) -> None:
    totp = enrolled(house)
    with house.client() as client:
        password(client)
        house.clock.move(timedelta(minutes=11))
        assert client.post("/signin/second", data={"code": code_at(house, totp)}).status_code == 409


def test_a_recovery_code_stands_in_once(house: House) -> None:
    enrolled(house)
    with house.runtime.work(SETUP) as work:
        codes = second_factor.new_recovery_codes(work, house.staff["aoki"])
    for expected in (303, 403):
        with house.client() as client:
            password(client)
            answer = client.post("/signin/second", data={"code": codes[0].lower().replace("-", " ")})
            assert answer.status_code == expected
    with house.runtime.reading() as db:
        assert queries.recovery_codes_left(db, house.staff["aoki"]) == 9


def test_the_secret_is_not_in_the_database(house: House, tmp_path: Path) -> None:
    totp = enrolled(house)
    with house.runtime.work(SETUP) as work:
        codes = second_factor.new_recovery_codes(work, house.staff["aoki"])
    stored = b"".join(file.read_bytes() for file in tmp_path.glob("survey.db*"))
    assert totp.secret.encode() not in stored
    assert not [code for code in codes if code.encode() in stored or code.replace("-", "").encode() in stored]


def test_production_opens_no_session_before_a_second_factor_is_set_up(strict: House) -> None:
    with strict.client() as client:
        assert password(client) == "/signin/enrol"
        assert not is_in(client)
        shown = client.get("/signin/enrol").text
        secret = shown.partition('<code class="secret">')[2].partition("</code>")[0].replace(" ", "")
        assert client.post("/signin/enrol", data={"code": "123"}).status_code == 403
        assert not is_in(client)
        done = client.post("/signin/enrol", data={"code": code_at(strict, pyotp.TOTP(secret))})
        assert done.text.count("<li><code>") == second_factor.RECOVERY_CODES
        assert is_in(client)


def test_changing_how_one_signs_in_asks_for_a_fresh_sign_in(house: House) -> None:
    with house.client() as client:
        house.sign_in(client, "aoki")
        assert client.get("/account").status_code == 200
        house.clock.move(timedelta(minutes=6))
        assert client.get("/account").headers["location"] == "/signin?next=/account&again=yes"
        token = csrf_token(house.runtime.keys, client.cookies["kizuki_staff"])
        assert (
            client.post("/account/codes", data={"csrf": token}).headers["location"]
            == "/signin?next=/account&again=yes"
        )
        assert "もう一度サインイン" in client.get("/signin?again=yes").text


def test_a_new_password_signs_every_other_device_out(house: House) -> None:
    with house.client() as old, house.client() as new:
        house.sign_in(old, "aoki")
        house.sign_in(new, "aoki")
        form = {"csrf": csrf_token(house.runtime.keys, new.cookies["kizuki_staff"])}
        longer = "a longer sentence of my own"
        wrong = {**form, "present": "not this", "password": longer, "again": longer}
        assert new.post("/account/password", data=wrong).status_code == 422
        assert is_in(old)
        right = {**form, "present": PASSWORD, "password": longer, "again": longer}
        assert new.post("/account/password", data=right).status_code == 303
        assert is_in(new)
        assert not is_in(old)


def test_signing_out_everywhere(house: House) -> None:
    with house.client() as one, house.client() as other:
        house.sign_in(one, "aoki")
        house.sign_in(other, "aoki")
        form = {"csrf": csrf_token(house.runtime.keys, one.cookies["kizuki_staff"])}
        one.post("/account/signout-everywhere", data=form)
        assert not is_in(one)
        assert not is_in(other)
