"""A name is on one answer only, with a reason, and its trail line is kept before the answer leaves."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from survey_api.vocabulary import AuditKind
from tests.survey_ui.counselor.room import Room, open_room


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as opened:
        yield opened


def reveals(room: Room) -> list[dict[str, Any]]:
    return [json.loads(entry.facts) for entry in room.trail() if entry.kind == AuditKind.NAME_REVEALED]


def test_the_name_is_on_that_answer_and_nowhere_before_or_after(room: Room) -> None:
    full = room.pupil.name.full
    assert full not in room.client.get(room.here).text
    answer = room.post("name", reason="child_wish")
    assert answer.status_code == 200
    assert full in answer.text
    assert 'data-viewer="aokiさん' in answer.text
    assert "no-store" in answer.headers["cache-control"]
    for address in ("/counselor/", room.here, f"{room.here}/sheet"):
        assert room.pupil.name.given not in room.client.get(address).text
    assert reveals(room) == [{"case_id": room.case_id, "reason": "child_wish"}]
    assert "名前の確認: 本人の希望" in room.client.get(room.here).text


@pytest.mark.parametrize(
    "fields",
    [{}, {"reason": "curious"}, {"reason": "hand_over"}, {"reason": "other", "words": "みじかい"}],
)
def test_without_a_reason_there_is_no_name_and_no_line(room: Room, fields: dict[str, str]) -> None:
    answer = room.post("name", **fields)
    assert answer.status_code == 422
    assert room.pupil.name.given not in answer.text
    assert reveals(room) == []


def test_the_line_is_kept_before_the_answer_starts(room: Room) -> None:
    kept: list[int] = []
    app = room.client.app

    async def watched(scope: Any, receive: Any, send: Any) -> None:
        async def sending(message: Any) -> None:
            if message["type"] == "http.response.start":
                kept.append(len(reveals(room)))
            await send(message)

        await app(scope, receive, sending)

    data = {"csrf": room.csrf(), "reason": "safety"}
    watching = TestClient(watched, cookies=room.client.cookies)
    assert room.pupil.name.full in watching.post(f"{room.here}/name", data=data).text
    assert kept == [1]


def test_when_the_line_cannot_be_kept_the_name_stays_closed(room: Room) -> None:
    with room.house.runtime.survey.write.connect() as connection:
        connection.execute(
            text(
                "CREATE TRIGGER broken BEFORE INSERT ON audit_entries "
                "WHEN NEW.kind = 'vault.name_revealed' BEGIN SELECT RAISE(ABORT, 'disk'); END"
            )
        )
        connection.commit()
    quiet = TestClient(room.client.app, cookies=room.client.cookies, raise_server_exceptions=False)
    answer = quiet.post(f"{room.here}/name", data={"csrf": room.csrf(), "reason": "safety"})
    assert answer.status_code >= 500
    assert room.pupil.name.given not in answer.text
    assert reveals(room) == []
