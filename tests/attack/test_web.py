"""The web itself as an opponent: other sites, other hosts, forged forms, too much, and what every answer carries."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.datastructures import Headers
from starlette.testclient import TestClient

from survey_api.runtime import Runtime
from survey_api.settings import Settings
from survey_api.web.middleware import same_origin
from survey_ui.app import create_app
from survey_ui.shell.forms import csrf_token
from tests.house import House, open_house
from tests.survey_ui.test_doors import LOGINS, PERSONAS, lines

assert PERSONAS
PUBLIC = "https://kizuki.example.lg.jp"
FORM = {"content-type": "application/x-www-form-urlencoded"}
CARRIED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("web"), pupils=2) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(house: House) -> Iterator[TestClient]:
    with house.client() as opened:
        yield opened


POSTS = sorted({path for method, path, _ in lines() if method == "POST"})
GETS = sorted({path for method, path, _ in lines() if method == "GET"})


def filled(path: str) -> str:
    for name in path.split("{")[1:]:
        path = path.replace("{" + name.split("}")[0] + "}", "0" * 32)
    return path


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_another_site_cannot_post_anything(house: House, client: TestClient, headers: dict[str, str]) -> None:
    house.sign_in(client, "aoki")
    for path in POSTS:
        answer = client.post(filled(path), data={"csrf": "x"}, headers=headers)
        assert answer.status_code == 403, path
        assert answer.text == "cross-site request refused"


def test_a_page_that_names_no_origin_is_trusted_only_without_tls() -> None:
    """Chromium says "null" of every form on plain HTTP: there SameSite and the staff forms' tokens stand alone."""
    said = Headers({"origin": "null", "host": "kizuki.example"})
    assert not same_origin(said, plain_http=False)
    assert same_origin(said, plain_http=True)


def test_a_signed_in_form_without_its_token_changes_nothing(house: House, client: TestClient) -> None:
    """Every post of a staff door, by the person whose door it is, with no token and with another session's."""
    doors = {"/counselor": "aoki", "/office": "ono", "/welfare": "ito", "/operator": "oda"}
    assert set(doors.values()) == set(LOGINS.values()) - {"berg"}
    tried = 0
    for door, login in doors.items():
        client.cookies.clear()
        house.sign_in(client, login)
        earlier = csrf_token(house.runtime.keys, client.cookies["kizuki_staff"])
        house.sign_in(client, login)
        for path in POSTS:
            if path.startswith(door):
                for form in ({}, {"csrf": earlier}):
                    answer = client.post(filled(path), data=form)
                    assert answer.status_code in (403, 404), (path, answer.status_code)
                    tried += 1
    assert tried > 40


@pytest.mark.parametrize("path", [*GETS, "/nothing-here", "/docs", "/openapi.json", "/redoc"])
def test_every_answer_carries_its_headers(client: TestClient, path: str) -> None:
    client.cookies.clear()
    answer = client.get(filled(path), headers={"origin": "https://evil.example"})
    assert answer.status_code < 500
    expected = (
        {**CARRIED, "cache-control": "no-cache"} if path == "/sw.js" else CARRIED
    )  # one file for everybody
    assert {name: answer.headers.get(name) for name in CARRIED} == expected
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "access-control-allow-origin" not in answer.headers
    assert "server" not in answer.headers


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_the_service_does_not_describe_itself(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT"])
def test_methods_that_echo_are_refused(client: TestClient, method: str) -> None:
    assert client.request(method, "/").status_code == 405


def test_too_much_is_refused_with_and_without_an_announced_length(client: TestClient) -> None:
    big = b"x" * (64 * 1024 + 1)
    assert client.post("/s/submissions", content=big).status_code == 413
    assert client.post("/s/submissions", content=iter([big])).status_code in (401, 413)
    assert client.post("/signin", content=iter([b"login=", big]), headers=FORM).status_code == 413


@pytest.mark.parametrize("bad", ["abc", "-1", "1e9", "9" * 40])
def test_a_length_that_is_none_is_refused(client: TestClient, bad: str) -> None:
    assert client.post("/signin", content=b"x", headers={"content-length": bad}).status_code == 413


ELSEWHERE = ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "javascript:alert(1)", "/ok\r\nset-cookie: a=b"]  # fmt: skip


@pytest.mark.parametrize("target", ELSEWHERE)
def test_signing_in_leads_nowhere_else(house: House, client: TestClient, target: str) -> None:
    client.cookies.clear()
    answer = client.post(
        "/signin", data={"login": "aoki", "password": "correct horse battery staple", "next": target}
    )
    location = answer.headers.get("location", "/")
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\", "/\t"))
    assert "evil" not in location
    assert "\n" not in location


@pytest.fixture(scope="module")
def behind_tls(house: House) -> Iterator[TestClient]:
    """The same house as it stands behind TLS under its own name."""
    settings = house.runtime.settings.model_copy(update={"public_url": PUBLIC, "secure_cookies": True})

    @contextmanager
    def same(_settings: Settings) -> Iterator[Runtime]:
        object.__setattr__(house.runtime, "settings", settings)
        yield house.runtime

    app = create_app(settings, open_with=same)
    with TestClient(app, base_url=PUBLIC, follow_redirects=False) as opened:
        yield opened


def test_another_host_name_is_refused(behind_tls: TestClient) -> None:
    assert behind_tls.get("/signin").status_code == 200
    for host in ("evil.example", "kizuki.example.lg.jp.evil.example", ""):
        assert behind_tls.get("/signin", headers={"host": host}).status_code == 421, host
    assert behind_tls.get("/health", headers={"host": "127.0.0.1:8000"}).status_code == 200, (
        "the machine's own probe"
    )


def test_cookies_and_transport_behind_tls(house: House, behind_tls: TestClient) -> None:
    answer = behind_tls.post("/signin", data={"login": "aoki", "password": "correct horse battery staple"})
    cookie = next(value for value in answer.headers.get_list("set-cookie") if "staff" in value)
    assert cookie.startswith("__Host-")
    for part in ("HttpOnly", "Secure", "Path=/", "SameSite=lax"):
        assert part.lower() in cookie.lower()
    assert "domain=" not in cookie.lower()
    assert "max-age=31536000" in answer.headers["strict-transport-security"]


def test_a_forwarded_header_changes_nothing(client: TestClient) -> None:
    forged = {
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "https",
        "forwarded": "host=evil.example",
    }
    assert "evil" not in client.get("/counselor/", headers=forged).headers.get("location", "")


def test_looking_changes_nothing(house: House, client: TestClient) -> None:
    """Every page once by the person whose page it is: only sessions and the trail may differ afterwards."""

    def rows() -> dict[str, int]:
        with house.runtime.survey.read.connect() as db:
            names = [
                row[0] for row in db.exec_driver_sql("SELECT name FROM sqlite_master WHERE type='table'")
            ]
            return {
                name: hash(tuple(map(tuple, db.exec_driver_sql(f"SELECT * FROM {name}").all())))
                for name in names
                if name not in ("audit_entries", "staff_sessions", "staff", "sign_in_steps", "throttles")
            }

    logins = {"/counselor": "aoki", "/office": "ono", "/welfare": "ito", "/operator": "oda"}
    for door, login in logins.items():
        client.cookies.clear()
        house.sign_in(client, login)
        before = rows()
        for path in GETS:
            if path.startswith(door):
                client.get(filled(path))
        assert rows() == before, door


def test_the_folder_of_the_test_holds_no_temporary_upload(tmp_path: Path) -> None:
    assert list(tmp_path.iterdir()) == []
