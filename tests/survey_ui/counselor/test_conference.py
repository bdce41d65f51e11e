"""Two kinds of meeting with two gates; the child's view is never left out; fixed minutes stay fixed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from survey_api.vocabulary import AuditKind
from tests.survey_ui.counselor.room import Room, open_room

START: dict[str, str] = {
    "held_on": "2026-11-26",
    "reason": "家の世話が重い",
    "members.agency.0": "雪野市こども家庭センター",
    "members.secrecy.0": "yes",
    "members.agency.1": "雪野市社会福祉協議会",
    "members.secrecy.1": "yes",
}
WHOLE: dict[str, str] = {
    **START,
    "facts.agency.0": "雪野市社会福祉協議会",
    "facts.words.0": "週に一度、訪ねている",
    "child_view": "heard",
    "child_words": "弟の迎えを休みたい日がある",
    "decisions.what.0": "迎えを手伝う",
    "decisions.who.0": "社会福祉協議会",
    "decisions.by.0": "12月1日",
    "tells_child": "担任でなく、相談員が明日",
}


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as opened:
        opened.post("claim")
        yield opened


def send(room: Room, path: str, **fields: str) -> Any:
    return room.client.post(f"{room.here}/conferences/{path}", data={"csrf": room.csrf(), **fields})


def prepared(room: Room, kind: str = "support", **fields: str) -> str:
    answer = send(room, f"new/{kind}", **{**START, **fields})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).rsplit("/", 1)[-1]


def test_a_support_conference_needs_no_consent(room: Room) -> None:
    meeting = prepared(room)
    answer = send(room, meeting, version="1", do="fix", **WHOLE)
    assert answer.status_code == 303, answer.text
    page = room.client.get(f"{room.here}/conferences/{meeting}").text
    assert "社会福祉法 第106条の6" in page
    assert "弟の迎えを休みたい日がある" in page
    assert room.pupil.name.given not in page
    assert "支援会議(11月26日)" in room.client.get(room.here).text


def test_a_layered_conference_does_not_open_without_consent(room: Room) -> None:
    refused = send(room, "new/layered", **START)
    assert refused.status_code == 422
    assert "本人の同意が要ります" in refused.text
    assert "家の世話が重い" in refused.text
    assert AuditKind.CONFERENCE_OPENED not in {entry.kind for entry in room.trail()}
    consent = {"consent_by": "青木", "consent_day": "令和8年11月25日"}
    meeting = prepared(room, "layered", **consent)
    without = send(room, meeting, version="1", do="fix", **WHOLE)
    assert without.status_code == 422
    assert send(room, meeting, version="1", do="fix", **WHOLE, **consent).status_code == 303


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"child_view": ""}, "「聞いた」か「聞けていない」"),
        ({"child_words": ""}, "聞いた本人の意見"),
        ({"child_view": "not_heard"}, "聞けていない理由"),
        ({"members.secrecy.1": ""}, "守秘の確認をとる(雪野市社会福祉協議会)"),
        ({"members.agency.1": "", "members.secrecy.1": ""}, "2機関以上"),
        ({"facts.words.0": "", "facts.agency.0": ""}, "事実を1つ以上"),
        ({"facts.agency.0": "新聞社"}, "出席者に入れる"),
        ({"decisions.who.0": ""}, "だれが・いつまで"),
        ({"decisions.by.0": ""}, "だれが・いつまで"),
        ({"tells_child": ""}, "本人に伝えるか"),
        ({"reason": ""}, "集まる理由"),
        ({"held_on": ""}, "開く日"),
        ({"place": "長" * 61}, "場所・方法: 60文字"),
    ],
)
def test_minutes_are_not_fixed_while_something_is_missing(
    room: Room, changes: dict[str, str], says: str
) -> None:
    meeting = prepared(room)
    answer = send(room, meeting, version="1", do="fix", **{**WHOLE, **changes})
    assert answer.status_code == 422
    assert says in answer.text
    assert "迎えを手伝う" in answer.text  # nothing typed is lost
    assert AuditKind.CONFERENCE_HELD not in {entry.kind for entry in room.trail()}


def test_rows_come_and_go_without_script_and_without_saving(room: Room) -> None:
    meeting = prepared(room)
    more = send(room, meeting, version="1", do="add:facts", **WHOLE).text
    assert 'name="facts.words.1"' in more
    less = send(room, meeting, version="1", do="drop:members:0", **WHOLE).text
    assert 'value="雪野市こども家庭センター"' not in less.split("<datalist")[0]
    stored = room.client.get(f"{room.here}/conferences/{meeting}").text
    assert "週に一度、訪ねている" not in stored


def test_fixed_minutes_stay_and_two_writers_do_not_overwrite_each_other(room: Room) -> None:
    meeting = prepared(room)
    assert send(room, meeting, version="1", **WHOLE).status_code == 303
    assert send(room, meeting, version="1", **WHOLE).status_code == 409
    assert send(room, meeting, version="2", do="fix", **WHOLE).status_code == 303
    assert send(room, meeting, version="3", **WHOLE).status_code == 409


def test_the_next_meeting_invites_the_same_people(room: Room) -> None:
    prepared(room)
    page = room.client.get(f"{room.here}/conferences/new/support").text
    assert 'value="雪野市社会福祉協議会"' in page
    assert 'value="yes" checked' not in page  # each meeting asks for secrecy anew


def test_nothing_said_lies_open_in_the_database(room: Room, tmp_path: Path) -> None:
    send(room, prepared(room), version="1", do="fix", **WHOLE)
    content = b"".join(path.read_bytes() for path in tmp_path.glob("survey.db*"))
    assert "弟の迎え".encode() not in content
