"""Whatever arrives at the pupils' doors: a clear answer below 500, nothing kept of what is refused, nothing echoed."""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from string import ascii_letters
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import status_code_conformance
from sqlmodel import select
from starlette.testclient import TestClient

from survey_api.access.tablet_seal import go_mark
from survey_api.services.submissions import actions as submissions_actions
from survey_api.tables.submissions import Draft, Submission
from survey_api.web.cookies import _signer
from tests.browser.live import serve
from tests.house import SETUP, House, bank, open_house, worst_answers
from tests.survey_api.journeys.test_sealed_batches import seal

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
FEW = settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("fuzz"), banks=("chu", "sho-low"), pupils=4) as opened:
        with opened.runtime.work(SETUP) as work:
            submissions_actions.add_wave_key(work, opened.wave_id)
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
    be(client, house, 4)  # another child of another bank replays what was overheard
    before = kept(house)
    assert client.post("/s/submissions", json=sheet).status_code == 422
    assert kept(house) == before
    assert client.post("/s/submissions", content=b"x" * 70_000).status_code == 413


TAPS = st.lists(
    st.tuples(
        st.sampled_from(["free_time", "laugh", "care_tasks"]),
        st.integers(0, 3),
        st.integers(1, 50),
        st.integers(0, 1),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda tap: (tap[2], tap[3]),  # one finger: no two taps of a tablet at the same moment
)


@settings(FEW, max_examples=12)
@given(TAPS, st.randoms(use_true_random=False))
def test_taps_in_any_order_any_number_of_times_leave_the_last_of_each(
    house: House, client: TestClient, taps: list[tuple[str, int, int, int]], chance: Any
) -> None:
    """Replayed, reordered, in the open and sealed: the draft is what the child tapped last."""
    be(client, house, 1)
    assert client.post("/s/forget").status_code == 303
    house.clock.at += timedelta(minutes=1)  # what was forgotten stays forgotten: these taps are later
    be(client, house, 1)
    draft, shape = client.get("/s/draft").json(), bank("chu").shape
    device, now = f"tablet-{chance.random()}", house.clock.at.timestamp() * 1000

    def value_of(item: str, pick: int) -> Any:
        code = sorted(shape[item].codes)[pick % len(shape[item].codes)]
        return [code] if shape[item].kind == "multi" else code

    sent = [
        {"item": item, "value": value_of(item, pick), "at": now - 30_000 + 10 * at + 5 * late}
        for item, pick, at, late in taps
    ]
    again = [*sent, *chance.choices(sent, k=2)]
    chance.shuffle(again)
    for number, tap in enumerate(again):
        body = {"go": draft["go"], "device": device, "taps": [tap]}
        if number % 2:
            blob = base64.b64encode(seal(draft["key"], json.dumps(body).encode())).decode()
            answer = client.post("/s/sealed", json={"sealed": blob, "now": now})
        else:
            answer = client.post("/s/draft", json={**body, "go": draft["mark"], "now": now})
        assert answer.status_code == 200, answer.text
    last = {tap["item"]: tap["value"] for tap in sorted(sent, key=lambda tap: tap["at"])}
    assert client.get("/s/draft").json()["answers"] == last


def test_a_draft_of_another_child_bank_or_size_changes_nothing(house: House, client: TestClient) -> None:
    low = next(place for place, pupil in enumerate(house.pupils) if pupil.grade == 1)
    be(client, house, low)
    theirs = client.get("/s/draft").json()
    be(client, house, 1)
    ours = client.get("/s/draft").json()
    tap = {"item": "free_time", "value": "home", "at": 1}
    body: dict[str, Any] = {"go": ours["mark"], "device": "tablet-fuzz", "now": 2, "taps": [tap]}
    before = kept(house)
    other_version = [{"item": "bedtime", "value": "early", "at": 1}]
    for wrong, statuses in (
        ({**body, "go": theirs["mark"]}, (401,)),
        ({**body, "taps": other_version}, (422,)),
        ({**body, "taps": [tap] * 201}, (413, 422)),
        ({**body, "device": "x" * 70_000}, (413,)),
    ):
        assert client.post("/s/draft", json=wrong).status_code in statuses, wrong["taps"][:1]
    for go, taps in ((theirs["go"], [tap]), (ours["go"], other_version), (ours["go"] + "x", [tap])):
        plain = json.dumps({"go": go, "device": "tablet-fuzz", "taps": taps, "finished": True}).encode()
        blob = base64.b64encode(seal(ours["key"], plain)).decode()
        refused = client.post("/s/sealed", json={"sealed": blob, "now": 2})
        assert refused.status_code in (409, 422), refused.json()
    assert client.post("/s/sealed", content=b"x" * 70_000).status_code == 413
    assert kept(house) == before


PROBLEM = {
    "description": "refused",
    "content": {
        "application/problem+json": {
            "schema": {"type": "object", "required": ["code", "title", "detail"]},
        }
    },
}
TEXT, NUMBER = {"type": "string"}, {"type": "number"}
TAP = {
    "type": "object",
    "required": ["item", "at"],
    "properties": {
        "item": {"enum": ITEMS},
        "value": {"type": ["string", "array", "null"]},
        "at": NUMBER,
        "seconds": NUMBER,
    },
}
BODIES: dict[str, dict[str, Any]] = {
    "/s/submissions": {
        "required": ["client_id", "answers"],
        "additionalProperties": False,
        "properties": {
            "client_id": {"type": "string", "minLength": 8, "maxLength": 64},
            "answers": {
                "type": "object",
                "properties": {item: {"type": ["string", "array"]} for item in ITEMS},
            },
            "seconds": {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}},
        },
    },
    "/s/draft": {
        "required": ["go", "device", "now", "taps"],
        "properties": {
            "go": {"anyOf": [{"enum": ["MARK"]}, TEXT]},
            "device": {"type": "string", "minLength": 8, "maxLength": 64},
            "now": NUMBER,
            "taps": {"type": "array", "items": TAP},
        },
    },
    "/s/sealed": {"required": ["sealed", "now"], "properties": {"sealed": TEXT, "now": NUMBER}},
}
"""Every JSON door of a child. MARK stands for the mark of the go whose cookie is shown."""
REFUSALS = (400, 401, 403, 409, 413, 415, 422)
DOOR = {
    "openapi": "3.1.0",
    "info": {"title": "JSON doors", "version": "1"},
    "paths": {
        path: {
            "post": {
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"type": "object", **body}}},
                },
                "responses": {
                    "200": {"description": "kept"},
                    **{str(status): PROBLEM for status in REFUSALS},
                },
            }
        }
        for path, body in BODIES.items()
    },
}
DOOR_SCHEMA = schemathesis.openapi.from_dict(DOOR)


@pytest.fixture(scope="module")
def address(house: House) -> Iterator[str]:
    with serve(house) as url:
        yield url


@DOOR_SCHEMA.parametrize()
@settings(max_examples=15, deadline=None)
def test_the_json_door_keeps_to_its_description(case: Case[Any], house: House, address: str) -> None:
    ticket_id = house.pupils[3].ticket_id
    signed = _signer(house.runtime.keys).sign(ticket_id).decode()
    if isinstance(case.body, dict) and case.body.get("go") == "MARK":
        case.body["go"] = go_mark(house.runtime.keys, ticket_id)
    answer = case.call(base_url=address, headers={"cookie": f"kizuki_pupil={signed}"})
    case.validate_response(answer, checks=[not_a_server_error, status_code_conformance])
