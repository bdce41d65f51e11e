"""Whatever arrives at the pupils' doors: a clear answer below 500, nothing kept of what is refused, nothing echoed."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from string import ascii_letters
from typing import Any

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import status_code_conformance
from sqlmodel import select
from starlette.testclient import TestClient

from survey_api.runtime import Runtime
from survey_api.settings import Settings
from survey_api.tables.submissions import Draft, Submission
from survey_api.web.cookies import _signer
from survey_ui.app import create_app
from tests.house import House, bank, open_house, worst_answers

ITEMS = list(bank("chu").shape)
CODES = sorted(
    {code for shape in bank("chu").shape.values() for code in shape.codes} | {"declined", "dont_know"}
)
WORDS = st.text(max_size=30) | st.sampled_from([*ITEMS, *CODES, "skip", "\x00", "\ud83d\ude00" * 500])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)
SHEETS = st.fixed_dictionaries(
    {},
    optional={
        "client_id": VALUES | st.text(ascii_letters, min_size=8, max_size=64),
        "answers": VALUES | st.dictionaries(st.sampled_from(ITEMS), VALUES, max_size=6),
        "seconds": VALUES | st.dictionaries(st.sampled_from(ITEMS), VALUES, max_size=6),
        "more": VALUES,
    },
)
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("fuzz"), banks=("chu", "sho-low"), pupils=3) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(house: House) -> Iterator[TestClient]:
    with house.client() as opened:
        yield opened


def be(client: TestClient, house: House, number: int) -> None:
    client.cookies.clear()
    signed = _signer(house.runtime.keys).sign(house.pupils[number].ticket_id).decode()
    client.cookies.set("kizuki_pupil", signed)


def kept(house: House) -> tuple[int, dict[str, bytes]]:
    with house.runtime.reading() as db:
        drafts = {row.ticket_id: bytes(row.sealed) for row in db.exec(select(Draft)).all()}
        return len(db.exec(select(Submission)).all()), drafts


@FEW
@given(
    st.sampled_from(["/s/submissions", "/s/draft", "/s/sealed"]),
    st.binary(max_size=400) | VALUES.map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass")),
)
def test_bytes_that_are_no_sheet_are_refused_and_change_nothing(
    house: House, client: TestClient, door: str, raw: bytes
) -> None:
    be(client, house, 0)
    before = kept(house)
    answer = client.post(door, content=raw)
    assert answer.status_code in (400, 413, 422), answer.text
    assert set(answer.json()) == {"code", "title", "detail"}
    assert kept(house) == before


@FEW
@given(SHEETS)
def test_a_sheet_is_kept_whole_or_refused_whole(house: House, client: TestClient, sheet: Any) -> None:
    be(client, house, 0)
    before = kept(house)
    answer = client.post("/s/submissions", content=json.dumps(sheet).encode("utf-8", "surrogatepass"))
    assert answer.status_code in (200, 409, 422), answer.text
    if answer.status_code != 200:
        assert kept(house) == before
        detail = answer.json()["detail"]
        answers = sheet.get("answers")
        for value in answers.values() if isinstance(answers, dict) else ():
            assert not (isinstance(value, str) and len(value) > 8 and value in detail), "an answer was echoed"
    else:
        assert set(sheet["answers"]) <= set(ITEMS)


@FEW
@given(
    st.integers(-2, 40) | st.text("0123456789abcxyz.-%_~ ", min_size=1, max_size=6),
    st.dictionaries(
        st.sampled_from(["a", "r", "text", "back"]), WORDS | st.lists(WORDS, max_size=3), max_size=4
    ),
)
def test_a_question_takes_its_own_answers_or_refuses(
    house: House, client: TestClient, place: Any, fields: dict[str, Any]
) -> None:
    be(client, house, 1)
    form = {
        name: value.encode("utf-8", "replace").decode()
        if isinstance(value, str)
        else [one.encode("utf-8", "replace").decode() for one in value]
        for name, value in fields.items()
    }
    before = kept(house)
    answer = client.post(f"/s/q/{place}", data=form)
    assert answer.status_code in (303, 404, 405, 422), answer.text
    if answer.status_code != 303:
        assert kept(house) == before
    else:
        assert answer.headers["location"].startswith(("/s/q/", "/s/review", "/s/"))


@FEW
@given(
    st.sampled_from(["/t", "/language", "/s/reading", "/class"]),
    st.dictionaries(
        st.sampled_from(["code", "secret", "language", "ruby", "spaced", "size", "at", "left", "speak"]),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
        max_size=6,
    ),
)
def test_the_doors_before_the_questions_answer_kindly(
    house: House, client: TestClient, address: str, fields: dict[str, str]
) -> None:
    be(client, house, 1)
    answer = client.post(address, data=fields)
    assert answer.status_code in (303, 404, 429), answer.text
    assert "location" not in answer.headers or answer.headers["location"].startswith("/")
    assert not answer.headers.get("location", "/").startswith("//")


@FEW
@given(st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=';,"\\'), max_size=60))
def test_a_made_up_cookie_is_nobody(house: House, client: TestClient, value: str) -> None:
    client.cookies.clear()
    for name in ("kizuki_pupil", "kizuki_reading", "kizuki_device", "kizuki_class"):
        client.cookies.set(name, value)
    assert client.get("/").status_code == 200
    assert client.get("/s/welcome").headers["location"] == "/"
    assert client.get("/class/now").headers["location"] == "/class"


def test_a_sheet_of_another_bank_or_ticket_changes_nothing(house: House, client: TestClient) -> None:
    other = {"client_id": "tablet-0001", "answers": {"no_such_item": "never"}}
    sheet: dict[str, Any] = {"client_id": "tablet-0001", "answers": worst_answers(bank("chu"))}
    be(client, house, 2)
    before = kept(house)
    assert client.post("/s/submissions", json=other).status_code == 422
    assert kept(house) == before
    first = client.post("/s/submissions", json=sheet)
    assert first.status_code == 200
    again = {"answers": dict(reversed(sheet["answers"].items())), "client_id": "tablet-0002"}
    assert client.post("/s/submissions", json=again).json()["receipt"] == first.json()["receipt"]
    changed = {**sheet, "answers": {**sheet["answers"], "free_text": "ちがう"}}
    assert client.post("/s/submissions", json=changed).json()["code"] == "submission_differs"
    be(client, house, 3)  # another child of another bank replays what was overheard
    before = kept(house)
    assert client.post("/s/submissions", json=sheet).status_code == 422
    assert kept(house) == before
    assert client.post("/s/submissions", content=b"x" * 70_000).status_code == 413


PROBLEM = {
    "description": "refused",
    "content": {
        "application/problem+json": {
            "schema": {"type": "object", "required": ["code", "title", "detail"]},
        }
    },
}
DOOR = {
    "openapi": "3.1.0",
    "info": {"title": "JSON door", "version": "1"},
    "paths": {
        "/s/submissions": {
            "post": {
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "additionalProperties": False,
                                "required": ["client_id", "answers"],
                                "properties": {
                                    "client_id": {"type": "string", "minLength": 8, "maxLength": 64},
                                    "answers": {
                                        "type": "object",
                                        "properties": {item: {"type": ["string", "array"]} for item in ITEMS},
                                    },
                                    "seconds": {
                                        "type": "object",
                                        "additionalProperties": {"type": "number", "minimum": 0},
                                    },
                                },
                            }
                        }
                    },
                },
                "responses": {
                    "200": {"description": "kept"},
                    **{str(status): PROBLEM for status in (400, 401, 409, 413, 415, 422)},
                },
            }
        }
    },
}
DOOR_SCHEMA = schemathesis.openapi.from_dict(DOOR)


@pytest.fixture(scope="module")
def address(house: House) -> Iterator[str]:
    @contextmanager
    def same_runtime(_settings: Settings) -> Iterator[Runtime]:
        yield house.runtime

    app = create_app(house.runtime.settings, open_with=same_runtime)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@DOOR_SCHEMA.parametrize()
@settings(max_examples=15, deadline=None)
def test_the_json_door_keeps_to_its_description(case: Case[Any], house: House, address: str) -> None:
    signed = _signer(house.runtime.keys).sign(house.pupils[4].ticket_id).decode()
    answer = case.call(base_url=address, headers={"cookie": f"kizuki_pupil={signed}"})
    case.validate_response(answer, checks=[not_a_server_error, status_code_conformance])
