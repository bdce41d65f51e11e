"""Cases are found again by sign, day, concern and state; a child's words only with a purpose; never by a name."""

from collections.abc import Iterator

import pytest

from survey_api.vocabulary import AuditKind
from tests.survey_ui.counselor.room import Room, open_room


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with open_room(tmp_path_factory.mktemp("search")) as opened:
        yield opened


def found(room: Room, **asked: str) -> bool:
    """Whether the case of the room is among what is found."""
    answer = room.client.post("/counselor/search", data={"csrf": room.csrf(), **asked})
    assert answer.status_code == 200, answer.text
    return f"/counselor/cases/{room.case_id}" in answer.text


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ({"sign": "青-100"}, True),
        ({"sign": "青ー100"}, True),
        ({"sign": "青-101"}, False),
        ({"first_on": "2026-11-24"}, True),
        ({"first_on": "2026-11-25"}, False),
        ({"last_on": "2026-11-23"}, False),
        ({"concern": "safety"}, True),
        ({"concern": "change"}, False),
        ({"state": "open"}, True),
        ({"state": "new"}, True),
        ({"state": "closed"}, False),
        ({"sign": "青-100", "state": "closed"}, False),
    ],
)
def test_by_sign_day_concern_and_state(room: Room, asked: dict[str, str], there: bool) -> None:
    assert found(room, **asked) is there


def test_words_of_a_child_need_a_purpose_that_is_written_down_without_the_words(room: Room) -> None:
    asked = {"csrf": room.csrf(), "said": "かえりたくない"}
    refused = room.client.post("/counselor/search", data=asked)
    assert refused.status_code == 422
    assert "目的を選んでください" in refused.text
    assert room.case_id not in refused.text
    assert AuditKind.WORDS_SEARCHED not in {line.kind for line in room.trail()}
    assert found(room, said="かえりたくない", purpose="safety")
    line = room.trail()[-1]
    assert (line.kind, line.facts) == (AuditKind.WORDS_SEARCHED, '{"count":1,"purpose":"safety"}')
    assert not found(room, said="うれしい", purpose="safety")


@pytest.mark.parametrize(
    "asked", [{}, {"said": "あ", "purpose": "safety"}, {"said": "あい", "purpose": "curious"}]
)
def test_an_empty_or_idle_search_is_refused(room: Room, asked: dict[str, str]) -> None:
    assert room.client.post("/counselor/search", data={"csrf": room.csrf(), **asked}).status_code == 422


def test_nothing_is_found_by_a_name_or_at_another_school(room: Room) -> None:
    assert not found(room, sign=room.pupil.name.family)
    assert not found(room, said=room.pupil.name.given, purpose="safety")
    with room.as_("berg") as other:
        assert not found(other, state="open")
