"""Who may enter where: every route × every persona, from one table."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx2 import Response
from sqlmodel import col, select
from starlette.testclient import TestClient

from survey_api.tables.audit import AuditEntry
from survey_api.tables.cases import Case
from survey_api.web.cookies import _signer
from survey_ui.app import create_app
from survey_ui.shell.forms import csrf_token
from tests.house import House, bank, open_house, worst_answers

TABLE = Path(__file__).with_name("doors.txt")
PERSONAS = ("nobody", "pupil", "aoki", "berg", "welfare", "office", "operator")
LOGINS = {"aoki": "aoki", "berg": "berg", "welfare": "ito", "office": "ono", "operator": "oda"}


def lines() -> list[tuple[str, str, dict[str, str]]]:
    rows = [line.split() for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    return [(row[0], row[1], dict(zip(PERSONAS, row[2:], strict=True))) for row in rows]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("doors")) as opened:
        with opened.client() as client:
            client.cookies.set(
                "kizuki_pupil", _signer(opened.runtime.keys).sign(opened.pupils[0].ticket_id).decode()
            )
            sent = client.post(
                "/s/submissions", json={"client_id": "tablet-0001", "answers": worst_answers(bank("chu"))}
            )
            assert sent.status_code == 200
        yield opened


def fill(house: House, path: str) -> str:
    with house.runtime.reading() as db:
        case_id = db.exec(select(Case.id).where(Case.pseudonym == house.pupils[0].pseudonym)).one()
    known = {
        "{case_id}": case_id, "{referral_id}": "0" * 32, "{certificate_id}": "0" * 32, "{hold_id}": "0" * 32, "{agency_id}": "0" * 32, "{wave_id}": house.wave_id, "{place}": "1",
        "{escalation_id}": "0" * 32, "{filter_id}": "0" * 32, "{closure_id}": "0" * 32,
        "{item_id}": "0" * 32, "{sheet_id}": "0" * 32, "{reveal_id}": "0" * 32, "{school_id}": house.schools["north"],
        "{report_id}": "0" * 32, "{conference_id}": "0" * 32, "{row_id}": "0" * 32, "{kind}": "support",
        "{memo_id}": "0" * 32, "{appointment_id}": "0" * 32, "{card_id}": "0" * 32,
        "{band}": "H", "{sha256}": bank("chu").sha256,
        "{indicator}": "unknown", "{bank}": "unknown", "{wave}": house.wave_id, "{service}": "nobody",
        "{passkey_id}": "0" * 32, "{staff_id}": "0" * 32, "{request_id}": "0" * 32,  "{wish}": "0" * 32,
    }  # fmt: skip
    for name, value in known.items():
        path = path.replace(name, value)
    assert "{" not in path, f"say in this test what stands for the parameter of {path}"
    return path


VALID = {
    "version": "1", "to": "triage", "result": "met", "words": "話をしました", "outcome": "other_need",
    "reason": "safety", "label": "other", "form": "note", "first_on": "2027-01-04", "recipient": "nobody", "consent": "given",
}  # fmt: skip
"""Fields that every form of a case understands, so that only the person decides what happens."""


@pytest.fixture(scope="module")
def client(house: House) -> Iterator[TestClient]:
    with house.client() as opened:
        yield opened


@pytest.fixture(scope="module")
def tokens(house: House, client: TestClient) -> dict[str, str]:
    """Persona → session token: each signs in once."""
    return signed_in(house, client)


def signed_in(house: House, client: TestClient) -> dict[str, str]:
    found = {}
    for persona, login in LOGINS.items():
        client.cookies.clear()
        house.sign_in(client, login)
        found[persona] = client.cookies["kizuki_staff"]
    return found


def knock(
    house: House, client: TestClient, tokens: dict[str, str], persona: str, method: str, path: str, place: str
) -> Response:
    """`place` is the path with something in the place of each parameter."""
    client.cookies.clear()
    form = {}
    if persona == "pupil":
        cookie = _signer(house.runtime.keys).sign(house.pupils[1].ticket_id).decode()
        client.cookies.set("kizuki_pupil", cookie)
    if persona in tokens:
        client.cookies.set("kizuki_staff", tokens[persona])
        form = {**VALID, "csrf": csrf_token(house.runtime.keys, tokens[persona])}
    if method == "GET":
        return client.get(place)
    if (method, path) in RAW:
        return client.post(path, content=b"{}")
    if path == "/office/roster":
        return client.post(path, data=form, files={"file": ("roster.zip", b"not a zip")})
    return client.post(place, data=form)


def outcome(method: str, answer: Response) -> str:
    target = answer.headers.get("location", "")
    if answer.status_code == 303 and target.startswith("/signin") and "clear-site-data" not in answer.headers:
        return "signin" if method == "GET" else "no"
    if answer.status_code == 303 and target == "/":
        return "start"
    return {401: "no", 403: "no", 429: "no", 404: "none"}.get(
        answer.status_code, "in" if answer.status_code < 500 else "broken"
    )


RAW = {("POST", "/s/submissions"), ("GET", "/s/draft"), ("POST", "/s/draft"), ("POST", "/s/sealed")}
"""Plain routes that read their own bodies."""
ENDS = ("/s/decline", "/s/send", "/operator/staff/review", "/signout", "/account/signout-everywhere")
LINES = sorted(lines(), key=lambda line: ENDS.index(line[1]) + 1 if line[1] in ENDS else 0)
"""What ends a ticket or a session comes last."""


@pytest.mark.parametrize(("method", "path", "expected"), LINES, ids=[f"{m} {p}" for m, p, _ in LINES])
def test_each_persona_gets_what_the_table_says(
    house: House, client: TestClient, tokens: dict[str, str], method: str, path: str, expected: dict[str, str]
) -> None:
    if path == "/s/send":
        house.pupils[1] = house.pupils[2]  # the one before has declined
    if path == "/account/signout-everywhere":
        tokens.update(signed_in(house, client))  # all of them have signed out just before
    place = fill(house, path)
    found = {
        persona: outcome(method, knock(house, client, tokens, persona, method, path, place))
        for persona in PERSONAS
    }
    assert found == expected


def test_the_table_names_every_route(house: House) -> None:
    app = create_app(house.runtime.settings)
    served = {(method.upper(), path) for path, found in app.openapi()["paths"].items() for method in found}
    listed = {(method, path) for method, path, _ in lines()}
    assert listed - RAW == served


def test_a_refusal_of_a_role_is_in_the_trail(house: House) -> None:
    with house.client() as client:
        house.sign_in(client, "ito")
        assert client.get("/counselor/").status_code == 403
    with house.runtime.reading() as db:
        last = db.exec(select(AuditEntry).order_by(col(AuditEntry.seq).desc())).first()
    assert last is not None
    assert last.kind == "access.refused"
    assert "/counselor/" in last.facts
