"""Who may enter where: every route × every persona, from one table."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx2 import Response
from sqlmodel import select
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
        case_id = db.exec(select(Case.id)).one()
    known = {
        "{case_id}": case_id, "{referral_id}": "0" * 32, "{wave_id}": house.wave_id, "{place}": "1",
        "{band}": "H", "{sha256}": bank("chu").sha256,
    }  # fmt: skip
    for name, value in known.items():
        path = path.replace(name, value)
    assert "{" not in path, f"say in this test what stands for the parameter of {path}"
    return path


def knock(house: House, persona: str, method: str, path: str) -> Response:
    with house.client() as client:
        form = dress(house, client, persona)
        if method == "GET":
            return client.get(fill(house, path))
        if path == "/s/submissions":
            return client.post(path, content=b"{}")
        if path == "/office/roster":
            return client.post(path, data=form, files={"file": ("roster.zip", b"not a zip")})
        return client.post(fill(house, path), data=form)


def dress(house: House, client: TestClient, persona: str) -> dict[str, str]:
    """Come as this persona; returns what every form of theirs carries."""
    if persona == "pupil":
        client.cookies.set(
            "kizuki_pupil", _signer(house.runtime.keys).sign(house.pupils[1].ticket_id).decode()
        )
    if persona not in LOGINS:
        return {}
    house.sign_in(client, LOGINS[persona])
    return {"csrf": csrf_token(house.runtime.keys, client.cookies["kizuki_staff"])}


def outcome(answer: Response) -> str:
    target = answer.headers.get("location", "")
    if answer.status_code == 303 and target.startswith("/signin"):
        return "signin"
    if answer.status_code == 303 and target == "/":
        return "start"
    return {401: "no", 403: "no", 404: "none"}.get(
        answer.status_code, "in" if answer.status_code < 500 else "broken"
    )


LINES = [line for line in lines() if line[1] not in ("/s/decline", "/s/send")]
LAST = [line for line in lines() if line[1] in ("/s/decline", "/s/send")]  # these end the pupil's ticket


@pytest.mark.parametrize(
    ("method", "path", "expected"), LINES + LAST, ids=[f"{m} {p}" for m, p, _ in LINES + LAST]
)
def test_each_persona_gets_what_the_table_says(
    house: House, method: str, path: str, expected: dict[str, str]
) -> None:
    if path == "/s/send":
        house.pupils[1] = house.pupils[2]
    found = {}
    for persona in PERSONAS:
        if method == "POST" and persona == "aoki" and "/cases/" in path and expected["aoki"] == "in":
            answer = knock(house, persona, method, path)
            found[persona] = outcome(answer)
            continue
        found[persona] = outcome(knock(house, persona, method, path))
    wanted = dict(expected)
    assert found == wanted


def test_the_table_names_every_route(house: House) -> None:
    app = create_app(house.runtime.settings)
    served = {(method.upper(), path) for path, found in app.openapi()["paths"].items() for method in found}
    listed = {(method, path) for method, path, _ in lines()}
    assert listed - {("POST", "/s/submissions")} == served


def test_a_refusal_of_a_role_is_in_the_trail(house: House) -> None:
    knock(house, "welfare", "GET", "/counselor/")
    with house.runtime.reading() as db:
        last = db.exec(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()  # type: ignore[attr-defined]
    assert last is not None
    assert last.kind == "access.refused"
    assert "/counselor/" in last.facts
