"""支援プラン: decided only when every row has its person and days, late rows make a late case; K as the worked example."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from survey_api.access import queries as access_queries
from survey_api.access.permissions import Permission
from survey_api.access.scope import Scope
from survey_api.kit.actor import Actor, ActorKind
from survey_api.kit.work import Work
from survey_api.practice.case_of_k import TROUBLES, walk_k
from survey_api.services.plans import queries as plans_queries
from survey_api.vocabulary import AuditKind
from tests.survey_ui.counselor.room import Room, open_room

PLAN: dict[str, str] = {
    "wish": "放課後に休みたい",
    "consent": "given",
    "agreed_by": "青木 11月24日",
    "rows.trouble.0": "家の世話",
    "rows.agency.0": "雪野市こども家庭センター",
    "rows.method.0": "家事の手伝いを入れる",
    "rows.person.0": "伊藤",
    "rows.due_on.0": "2026-12-25",
    "rows.review_on.0": "2026-12-08",
    "rows.state.0": "planned",
}


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as opened:
        opened.post("claim")
        yield opened


def send(room: Room, version: int = 1, **fields: str) -> Any:
    form = {"csrf": room.csrf(), "version": str(version), **PLAN, **fields}
    return room.client.post(f"{room.here}/plan", data=form)


def counselor(room: Room) -> Actor:
    with room.house.runtime.reading() as db:
        staff_id = room.house.staff["aoki"]
        return Actor(ActorKind.STAFF, staff_id, access_queries.grants_of(db, staff_id))


def late(room: Room) -> dict[str, int]:
    scope = Scope.of(counselor(room), Permission.WORK_CASES)
    with room.house.runtime.reading() as db:
        return plans_queries.late_cases(db, scope, room.house.clock.now().date())


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"rows.person.0": ""}, "1行目: 担当者"),
        ({"rows.due_on.0": ""}, "1行目: いつまで"),
        ({"rows.review_on.0": ""}, "1行目: 確認日"),
        ({"rows.method.0": ""}, "1行目: 支援方法"),
        ({"rows.trouble.1": "学び"}, "2行目: 支援機関・支援方法・担当者・いつまで・確認日"),
        ({"consent": ""}, "同意の欄"),
        ({"agreed_by": ""}, "同意を確かめた"),
        ({"wish": ""}, "本人の希望"),
    ],
)
def test_a_plan_is_not_decided_while_something_is_missing(
    room: Room, changes: dict[str, str], says: str
) -> None:
    refused = send(room, do="decide", **changes)
    assert refused.status_code == 422
    assert says in refused.text
    assert "雪野市こども家庭センター" in refused.text.split("<datalist")[0]
    assert send(room, do="keep", **changes).status_code == 303  # a draft may lack anything
    assert AuditKind.PLAN_DECIDED not in {entry.kind for entry in room.trail()}


def test_a_wrong_day_names_its_row(room: Room) -> None:
    refused = send(room, **{"rows.due_on.0": "年末"})
    assert refused.status_code == 422
    assert "いつまで(1行目)" in refused.text


def test_a_decided_plan_sets_the_clock_and_late_rows_surface(room: Room) -> None:
    assert send(room, do="decide").status_code == 303
    assert room.case().due_on == date(2026, 12, 8)
    assert "支援プランの" not in room.client.get("/counselor/").text
    assert late(room) == {}
    room.house.clock.move(timedelta(days=15))
    room.house.sign_in(room.client, "aoki")
    assert late(room) == {room.case_id: 1}
    page = room.client.get(f"{room.here}/plan").text
    assert "過ぎた行が1つ" in page
    queue = room.client.get("/counselor/").text
    assert "期限を1日過ぎています" in queue
    assert "支援プランの1行が期限切れ" in queue
    row_id = page.split("/plan/rows/")[1][:32]
    form = {"csrf": room.csrf(), "version": "1", "state": "doing", "review_on": "2026-12-22"}
    assert room.client.post(f"{room.here}/plan/rows/{row_id}", data=form).status_code == 303
    assert late(room) == {}
    assert room.case().due_on == date(2026, 12, 22)
    assert room.client.post(f"{room.here}/plan/rows/{row_id}", data=form).status_code == 409


def test_a_decided_plan_is_changed_only_by_deciding_again(room: Room) -> None:
    send(room, do="decide")
    assert send(room, 2, do="keep").status_code == 409
    assert send(room, 1, do="decide").status_code == 303
    assert send(room, 1, do="decide").status_code == 409


def test_rows_are_added_and_taken_away_without_script(room: Room) -> None:
    assert 'name="rows.person.1"' in send(room, do="add:rows").text
    assert 'value="伊藤"' not in send(room, do="drop:rows:0").text


def test_the_case_of_k_from_the_citys_slides(room: Room) -> None:
    room.post("contact", result="met")
    room.post("move", to="supporting")
    actor = counselor(room)

    def later() -> AbstractContextManager[Work]:
        room.house.clock.move(timedelta(minutes=1))
        return room.house.runtime.work(actor)

    walk_k(later, room.case_id)
    meetings = room.client.get(f"{room.here}/conferences").text
    assert meetings.count("支援会議</a> 記録を確定") == 2
    assert "フリースクールの先生" in meetings
    page = room.client.get(f"{room.here}/plan").text
    for trouble, agency, method, *_ in TROUBLES:
        for words in (trouble, agency, method):
            assert words in page
    assert "本人の同意のもとで決める" in page
    timeline = room.client.get(room.here).text
    assert timeline.index("<b>支援プラン</b>") < timeline.index("<b>会議</b>")
