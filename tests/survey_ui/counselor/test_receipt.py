"""The receiver of a sheet answers with the number on the paper, sees nothing, and the case knows it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx2 import Response

from survey_api.vocabulary import AuditKind
from tests.survey_ui.counselor.room import Room, open_room
from tests.survey_ui.counselor.test_sheet import draft, finish


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as opened:
        opened.post("claim")
        yield opened


def number_on(room: Room, address: str) -> str:
    found = re.search(r'class="receipt-no">([0-9A-Z-]{14})<', room.client.get(address).text)
    assert found is not None
    return found[1]


def answer(room: Room, number: str, said: str, words: str = "") -> Response:
    """From the receiver's own browser, without any sign-in."""
    with room.house.client() as outside:
        return outside.post("/reply", data={"number": number, "answer": said, "words": words})


def test_the_receiver_answers_by_the_number_and_learns_nothing(room: Room) -> None:
    address = draft(room)
    number = number_on(room, address)
    assert answer(room, number, "acknowledged").status_code == 422  # a draft has not left
    assert finish(room, address).status_code == 303
    told = answer(room, number.lower().replace("-", " "), "acknowledged")
    assert told.status_code == 200
    for secret in ("青-100", room.pupil.name.full, "放課後に話したい", "北の中学校", "こども家庭センター"):
        assert secret not in told.text
    page = room.client.get(room.here).text
    assert "受け取ったと連絡があった(つなぎ先が、紙の番号で)" in page
    assert "受け取り済み(返事待ち)" in room.client.get(address).text
    line = next(one for one in room.trail() if one.kind == AuditKind.REFERRAL_REPLIED)
    assert (line.actor_kind, line.actor_id) == ("terminal", "receiver")


def test_a_return_needs_its_reason_and_comes_back_today(room: Room) -> None:
    address = draft(room)
    finish(room, address)
    number = number_on(room, address)
    refused = answer(room, number, "returned")
    assert refused.status_code == 422
    assert "戻ってきた理由" in refused.text
    assert answer(room, number, "returned", "担当の区域ではないため").status_code == 200
    assert "担当の区域ではないため" in room.client.get(room.here).text
    assert answer(room, number, "acknowledged").status_code == 422  # this copy has ended


@pytest.mark.parametrize("number", ["", "AAAA-BBBB-CCCC", "'; DROP TABLE referrals;--"])
def test_a_number_nobody_printed_opens_nothing(room: Room, number: str) -> None:
    finish(room, draft(room))
    assert answer(room, number, "acknowledged").status_code == 422
    assert AuditKind.REFERRAL_REPLIED not in {one.kind for one in room.trail()}
