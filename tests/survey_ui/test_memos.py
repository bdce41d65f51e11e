"""気づきメモ: one way in with a card, a person matches it, the sender learns a state and nothing else."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from survey_api.access.scope import Scope
from survey_api.journeys.escalate_cases import escalate_cases
from survey_api.kit.actor import Actor
from survey_api.kit.work import Work
from survey_api.services.review.clocks.queries import known_keys
from survey_api.vocabulary import AuditKind
from tests.survey_ui.counselor.room import Room, open_room

MEMO = {"seen_on": "きのうの夕方", "place": "公園", "what": "一人で弟を背負っていた", "urgent": "yes"}


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as opened:
        opened.post("claim")
        yield opened


def csrf(page: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
    assert found is not None
    return found[1]


def receipt_in(page: str) -> str:
    found = re.search(r'class="receipt">([0-9A-Z-]{14})<', page)
    assert found is not None, page
    return found[1]


@pytest.fixture
def card(room: Room) -> str:
    with room.house.client() as office:
        room.house.sign_in(office, "ono")
        form = {"csrf": csrf(office.get("/office/memo-cards").text), "label": "民生委員 東地区 3"}
        return receipt_in(office.post("/office/memo-cards", data=form).text)


@pytest.fixture
def outside(room: Room) -> Iterator[TestClient]:
    with room.house.client() as client:
        yield client


def leave(outside: TestClient, card: str, **changes: str) -> Any:
    return outside.post("/memo", data={"card": card, **MEMO, **changes})


def test_a_memo_is_matched_by_a_person_and_its_sender_learns_a_state_only(
    room: Room, card: str, outside: TestClient
) -> None:
    receipt = receipt_in(leave(outside, card.lower().replace("-", " ")).text)
    asked = outside.post("/memo/receipt", data={"receipt": receipt}).text
    assert "受け取りました" in asked
    inbox = room.client.get("/counselor/memos").text
    assert "一人で弟を背負っていた" in inbox
    assert "民生委員 東地区 3" in inbox
    memo_id = re.search(r'action="/counselor/memos/([0-9a-f]{32})"', inbox)
    assert memo_id is not None
    form = {"csrf": room.csrf(), "case": room.case_id}
    assert room.client.post(f"/counselor/memos/{memo_id[1]}", data=form).status_code == 303
    assert "一人で弟を背負っていた" in room.client.get(room.here).text
    answer = outside.post("/memo/receipt", data={"receipt": receipt}).text
    assert "対応しました" in answer
    for words in (room.pupil.name.given, "青-100", room.case_id, "一人で弟を背負っていた"):
        assert words not in answer
    assert room.client.post(f"/counselor/memos/{memo_id[1]}", data=form).status_code == 409
    kinds = [entry.kind for entry in room.trail()]
    assert AuditKind.MEMO_RECEIVED in kinds
    assert AuditKind.MEMO_ACTED in kinds


def test_a_memo_for_one_school_stays_there(room: Room, card: str, outside: TestClient) -> None:
    leave(outside, card, school=room.house.schools["south"])
    assert "一人で弟を背負っていた" not in room.client.get("/counselor/memos").text
    with room.house.client() as south:
        room.house.sign_in(south, "berg")
        page = south.get("/counselor/memos").text
        assert "一人で弟を背負っていた" in page
        memo_id = page.split("/counselor/memos/")[1][:32]
        form = {"csrf": csrf(page), "case": room.case_id}
        assert south.post(f"/counselor/memos/{memo_id}", data=form).status_code == 404
    form = {"csrf": room.csrf(), "case": ""}
    assert room.client.post(f"/counselor/memos/{memo_id}", data=form).status_code == 404


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"card": "AAAA-BBBB-CCCC"}, "札の番号がちがいます"),
        ({"card": ""}, "札の番号がちがいます"),
        ({"what": ""}, "見たこと・聞いたことを書いて"),
        ({"what": "長" * 501}, "500文字まで"),
        ({"school": "0" * 32}, "学校: 選べる"),
    ],
)
def test_a_wrong_memo_is_refused_and_loses_no_word(
    room: Room, card: str, outside: TestClient, changes: dict[str, str], says: str
) -> None:
    answer = leave(outside, **{"card": card, "place": "公園の前", **changes})
    assert answer.status_code == 422
    assert says in answer.text
    assert "公園の前" in answer.text
    assert "いまはありません" in room.client.get("/counselor/memos").text


def test_a_card_that_was_taken_back_opens_nothing(room: Room, card: str, outside: TestClient) -> None:
    with room.house.client() as office:
        room.house.sign_in(office, "ono")
        page = office.get("/office/memo-cards").text
        assert card not in page
        stop = re.search(r'action="(/office/memo-cards/[0-9a-f]{32}/stop)"', page)
        assert stop is not None
        assert office.post(stop[1], data={"csrf": csrf(page)}).status_code == 303
    assert leave(outside, card).status_code == 422


def test_no_card_number_receipt_or_word_lies_open(
    room: Room, card: str, outside: TestClient, tmp_path: Path
) -> None:
    receipt = receipt_in(leave(outside, card).text)
    content = b"".join(path.read_bytes() for path in tmp_path.glob("survey.db*"))
    for words in (card.replace("-", ""), receipt.replace("-", ""), "一人で弟を背負っていた"):
        assert words.encode() not in content


def test_an_urgent_memo_that_nobody_acts_on_climbs_and_is_an_alarm(
    room: Room, card: str, outside: TestClient
) -> None:
    """The clock of what is most urgent; one of no school goes to the duty at once; acting on it ends the alarm."""
    leave(outside, card, school=room.house.schools["north"])
    leave(outside, card)
    leave(outside, card, urgent="no")
    assert "急ぎの気づきメモが2件、対応を待っています" in room.client.get("/counselor/").text
    for minutes, made in ((20, 0), (15, 2), (1, 0), (30, 1), (60, 0)):
        room.house.clock.move(timedelta(minutes=minutes))
        assert made_by_clock(room) == made, minutes
    hops = [
        json.loads(one.facts) for one in room.trail() if one.subject_kind == "memo" and "cause" in one.facts
    ]
    assert [hop["level"] for hop in hops].count("duty") == 2
    with room.as_("aoki") as again:
        assert "期限を過ぎたもの2件" in again.client.get("/counselor/").text
        inbox = again.client.get("/counselor/memos").text
        assert inbox.count("期限を過ぎ、教育委員会の当番に上がりました") == 2
    with room.as_("mori") as duty:
        shown = duty.client.get("/counselor/duty").text
        assert shown.count("急ぎの気づきメモに、だれも対応していない") == 2
        assert "学校が分からない" in shown
        assert "一人で弟を背負っていた" not in shown
    with room.as_("oda") as operator:
        assert "2件に、期限までにだれも対応していません" in operator.client.get("/operator/").text
    with room.as_("aoki") as again:
        token = again.csrf()
        for memo_id in set(re.findall(r'action="/counselor/memos/([0-9a-f]{32})"', inbox)):
            again.client.post(f"/counselor/memos/{memo_id}", data={"csrf": token, "case": ""})
    with room.as_("mori") as duty:
        assert "いまは ありません" in duty.client.get("/counselor/duty").text


def made_by_clock(room: Room) -> int:
    """How many hops of memos one look of the clock makes."""
    job = Actor.job("clocks")
    with room.house.runtime.work(job) as work:
        before = memo_keys(work)
        escalate_cases(work)
        return len(memo_keys(work) - before)


def memo_keys(work: Work) -> set[str]:
    keys = known_keys(work.db, Scope.whole_city(work.actor))
    return {key for key in keys if key.startswith("memo|")}
