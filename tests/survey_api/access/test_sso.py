"""Sign-in through the city's own service, against a real one on this machine: and every way to be refused."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from httpx2 import Response
from joserfc.jwk import RSAKey
from starlette.testclient import TestClient

from survey_api.access import queries
from survey_api.kit.actor import Actor
from survey_api.settings import Mode, SsoService
from tests.house import House, open_house
from tests.identity_provider import CLIENT, SECRET, IdentityProvider, identity_provider, query_of
from tests.survey_api.access.test_second_factor import code_at, enrolled, is_in


@dataclass
class City:
    house: House
    provider: IdentityProvider

    def service(self, **changes: Any) -> SsoService:
        known = {
            "name": "city", "label": "市のアカウントで入る", "issuer": self.provider.issuer, "client_id": CLIENT,
            "client_secret": SECRET, "claims": {"hd": "city.example"}, "email_domains": ("city.example",),
        }  # fmt: skip
        return SsoService.model_validate({**known, **changes})

    def open(self, mode: Mode = Mode.PRACTICE, **changes: Any) -> TestClient:
        settings = self.house.runtime.settings.model_copy(
            update={"sso": (self.service(**changes),), "mode": mode}
        )
        return replace(self.house, runtime=replace(self.house.runtime, settings=settings)).client()


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    with open_house(tmp_path, pupils=1) as house, identity_provider() as provider:
        with house.runtime.work(Actor.terminal("test")) as work:
            aoki = queries.staff_by_login(work.db, "aoki")
            assert aoki is not None
            aoki.sso_email = "aoki@city.example"
            work.db.add(aoki)
        yield City(house, provider)


def come_back(city: City, client: TestClient, **changes: str) -> Response:
    """Away to the service, proved there, and back with its code."""
    away = client.get("/signin/sso/city?next=/counselor/")
    assert away.status_code == 303
    assert away.headers["location"].startswith(city.provider.issuer)
    back = urlsplit(city.provider.authorize(query_of(away.headers["location"])))
    query = {**query_of(f"?{back.query}"), **changes}
    return client.get(back.path, params=query)


def test_an_invited_colleague_comes_in_and_is_known_by_subject_from_then_on(city: City) -> None:
    with city.open() as client:
        assert "市のアカウントで入る" in client.get("/signin").text
        assert come_back(city, client).headers["location"] == "/counselor/"
        assert is_in(client)
    city.provider.person["email"] = "married@city.example"
    with city.open() as client:
        come_back(city, client)
        assert is_in(client)


def test_another_subject_with_a_known_address_stays_out(city: City) -> None:
    with city.open() as client:
        come_back(city, client)
    city.provider.person["sub"] = "somebody-else"
    with city.open() as client:
        assert come_back(city, client).status_code == 403
        assert not is_in(client)


REFUSED: dict[str, dict[str, Any]] = {
    "another tenant": {"hd": "evil.example"},
    "no tenant": {"hd": None},
    "another domain": {"email": "aoki@evil.example"},
    "not verified": {"email_verified": False},
    "not invited": {"email": "stranger@city.example", "sub": "x"},
    "another audience": {"aud": "another"},
    "another issuer": {"iss": "https://evil.example"},
    "old": {"exp": 1_000_000_000},
    "never old": {"exp": None},
    "another nonce": {"nonce": "replayed"},
}


@pytest.mark.parametrize("changes", REFUSED.values(), ids=REFUSED)
def test_an_identity_that_does_not_fit_is_refused(city: City, changes: dict[str, Any]) -> None:
    city.provider.changes = changes
    with city.open() as client:
        assert come_back(city, client).status_code == 403
        assert not is_in(client)


def test_a_forged_signature_is_refused(city: City) -> None:
    city.provider.signing = RSAKey.generate_key(2048, {"kid": "one"})
    with city.open() as client:
        assert come_back(city, client).status_code == 403


def test_another_state_and_a_code_without_our_step_are_refused(city: City) -> None:
    with city.open() as client:
        assert come_back(city, client, state="forged").status_code == 403
    with city.open() as client:
        assert client.get("/signin/sso/city/back?code=x&state=y").status_code == 409
        assert not is_in(client)


def test_a_code_of_ours_cannot_be_used_twice(city: City) -> None:
    with city.open() as client:
        away = client.get("/signin/sso/city")
        back = city.provider.authorize(query_of(away.headers["location"]))
        assert client.get(back.removeprefix("http://testserver")).status_code == 303
        assert client.get(back.removeprefix("http://testserver")).status_code == 409


def test_a_service_without_a_second_factor_has_one_asked_here(city: City) -> None:
    totp = enrolled(city.house)
    with city.open(Mode.PRODUCTION) as client:
        assert come_back(city, client).headers["location"] == "/signin/second"
        client.post("/signin/second", data={"code": code_at(city.house, totp)})
        assert is_in(client)
    with city.open(Mode.PRODUCTION, second_factor_there=True) as client:
        assert come_back(city, client).headers["location"] == "/counselor/"
    city.provider.changes = {"amr": ["pwd", "mfa"]}
    with city.open(Mode.PRODUCTION) as client:
        assert come_back(city, client).headers["location"] == "/counselor/"


def test_in_production_somebody_without_one_sets_it_up_first(city: City) -> None:
    with city.open(Mode.PRODUCTION) as client:
        assert come_back(city, client).headers["location"] == "/signin/enrol"
        assert not is_in(client)


def test_a_service_that_is_down_is_a_sentence(city: City) -> None:
    with city.open(issuer="http://127.0.0.1:9") as client:
        answer = client.get("/signin/sso/city")
        assert answer.status_code == 503
        assert "つながりません" in answer.text


def test_somebody_switched_off_stays_out(city: City) -> None:
    with city.open() as client:
        come_back(city, client)
    with city.house.runtime.work(Actor.terminal("test")) as work:
        aoki = queries.staff_by_login(work.db, "aoki")
        assert aoki is not None
        aoki.active = False
        work.db.add(aoki)
    with city.open() as client:
        assert come_back(city, client).status_code == 403
