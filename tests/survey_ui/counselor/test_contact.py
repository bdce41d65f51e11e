"""A contact is written down with its time and place; long words are refused, never cut; nothing is lost at a lock."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.survey_ui.counselor.room import Room, open_room


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as opened:
        opened.post("claim")
        yield opened


def test_the_time_is_filled_in_and_stays_as_it_was(room: Room) -> None:
    assert 'name="at" value="2026-11-24T09:30"' in room.client.get(room.here).text
    fields = {
        "result": "met",
        "place": "保健室",
        "at": "2026-11-20T13:10",
        "next_on": "2026-11-30",
        "words": "",
    }
    assert room.post("contact", **fields).status_code == 303
    assert room.case().first_contact_on == date(2026, 11, 20)
    page = room.client.get(room.here).text
    assert "11月20日(金) 13:10・保健室・次に確かめる日 11月30日(月)" in page


@pytest.mark.parametrize(
    ("at", "says"),
    [("2026-11-24T10:30", "今より先"), ("2026-09-01T09:00", "古すぎます"), ("昨日", "の形で入れてください")],
)
def test_a_time_that_cannot_be_is_refused(room: Room, at: str, says: str) -> None:
    answer = room.post("contact", result="met", at=at, words="会った")
    assert answer.status_code == 422
    assert says in answer.text
    assert room.case().first_contact_on is None


@pytest.mark.parametrize("deed", ["note", "contact", "close"])
def test_a_huge_note_is_refused_whole_and_kept_as_a_draft(room: Room, deed: str) -> None:
    words = "長" * 4001
    fields = {"result": "met", "outcome": "other_need", "label": "other", "words": words}
    answer = room.post(deed, **fields)
    assert answer.status_code == 422
    assert "4000文字まで" in answer.text
    assert "下書きとして残っています" in answer.text
    assert words in room.client.get(room.here).text
    assert room.post("note", words="短" * 4000).status_code == 303


def run_out(room: Room) -> str:
    """The session of aoki runs out; the token its forms still carry."""
    csrf = room.csrf()
    room.house.clock.move(timedelta(minutes=31))
    return csrf


@pytest.mark.parametrize(
    ("deed", "form"),
    [("note", "note"), ("contact", "contact"), ("close/confirm", "confirm"), ("draft", "note")],
)
def test_words_sent_after_the_session_ran_out_wait_at_the_same_case(room: Room, deed: str, form: str) -> None:
    fields = {
        "csrf": run_out(room),
        "version": "2",
        "result": "met",
        "words": "廊下で泣いていた",
        "form": "note",
    }
    before = len(room.trail())
    answer = room.client.post(f"{room.here}/{deed}", data=fields)
    assert answer.headers["location"] == f"/signin?next={room.here}"
    signed = room.client.post(
        "/signin", data={"login": "aoki", "password": "correct horse battery staple", "next": room.here}
    )
    assert signed.headers["location"] == room.here
    room.post("claim")
    if form != "confirm":
        assert f'data-draft="{form}"' in room.client.get(room.here).text
        assert "廊下で泣いていた" in room.client.get(room.here).text
    assert [entry.kind for entry in room.trail()[before:]] == ["staff.signed_in", "case.claimed"] + (
        ["case.viewed", "case.viewed"] if form != "confirm" else []
    )
    with room.as_("sato") as other:
        assert "廊下で泣いていた" not in other.client.get(room.here).text


@pytest.mark.parametrize("fault", ["forged", "day_later", "elsewhere"])
def test_words_of_nobody_known_are_not_kept(room: Room, fault: str) -> None:
    csrf = run_out(room)
    if fault == "day_later":
        room.house.clock.move(timedelta(hours=24))
    place = room.here if fault != "elsewhere" else f"/counselor/cases/{'0' * 32}"
    data = {"csrf": "0" * 32 if fault == "forged" else csrf, "version": "2", "words": "廊下で泣いていた"}
    answer = room.client.post(f"{place}/note", data=data)
    assert answer.status_code == 303
    room.house.sign_in(room.client, "aoki")
    assert "廊下で泣いていた" not in room.client.get(room.here).text
