"""Settings of one's own desk change one's own desk, and silence nothing that is most urgent."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from survey_api.kit.actor import Actor
from survey_api.services.notifications import actions, rules
from survey_api.tables.notifications import Delivery, Notification
from survey_api.vocabulary import NotificationKind
from tests.survey_ui.counselor.room import Room, open_room

OWN = "/counselor/own"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as opened:
        yield opened


def post(room: Room, what: str, **fields: str) -> int:
    return room.client.post(f"{OWN}/{what}", data={"csrf": room.csrf(), **fields}).status_code


def test_the_pages_look_as_one_has_set_and_only_ones_own(room: Room) -> None:
    assert "data-keys" not in room.client.get("/counselor/").text
    assert post(room, "look", text_size="2", dense="yes") == 303
    mine = room.client.get("/counselor/").text
    assert '<html lang="ja" class="dense text-2">' in mine
    assert '<body class="staff" data-keys="off">' in mine
    with room.as_("sato") as other:
        assert '<html lang="ja">' in other.client.get("/counselor/").text
    assert post(room, "look", text_size="9") == 422


@pytest.mark.parametrize(
    ("now", "leaves"),
    [
        ("2026-11-24T02:00", "2026-11-24T02:00"),  # 11:00 at school
        ("2026-11-24T09:30", "2026-11-24T22:00"),  # 18:30: waits until 07:00 of the next day
        ("2026-11-24T15:30", "2026-11-24T22:00"),  # half past midnight
        ("2026-11-24T22:00", "2026-11-24T22:00"),  # 07:00
    ],
)
def test_a_quiet_night_passes_midnight(now: str, leaves: str) -> None:
    at, then = (datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (now, leaves))
    assert rules.after_quiet(("18:00", "07:00"), at) == then
    assert rules.after_quiet(None, at) == at


def test_a_quiet_noon_ends_on_the_same_day() -> None:
    at = datetime(2026, 11, 24, 3, 15, tzinfo=UTC)  # 12:15
    assert rules.after_quiet(("12:00", "13:00"), at) == datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


def deliveries(room: Room) -> dict[tuple[str, bool], timedelta]:
    """(whom, urgent) → how long a mail waits."""
    with room.house.runtime.reading() as db:
        rows = db.exec(select(Delivery, Notification.urgent).join(Notification)).all()
    now, login = room.house.clock.now(), {id_: name for name, id_ in room.house.staff.items()}
    return {(login[row.reaches], urgent): row.next_try_at - now for row, urgent in rows}


def told(room: Room) -> None:
    """One usual and one urgent message for the school, on their way."""
    with room.house.runtime.work(Actor.job("test")) as work:
        for urgent in (False, True):
            actions.queue(
                work,
                NotificationKind.CASE_WAITING,
                school_id=room.case().school_id,
                subject_id=room.case_id,
                event_key=f"test|{urgent}",
                urgent=urgent,
            )
        actions.spread(work, mail=True, webhook=False)


def test_quiet_hours_hold_back_everything_but_the_most_urgent(room: Room) -> None:
    address = {"csrf": room.csrf(), "email": "aoki@example.lg.jp"}
    assert room.client.post("/counselor/alerts", data=address).status_code == 200
    assert post(room, "quiet", quiet_from="09:00", quiet_until="") == 422
    assert post(room, "quiet", quiet_from="09:00", quiet_until="10:00") == 303
    told(room)
    waits = deliveries(room)
    assert waits[("aoki", True)] == timedelta(0)
    assert waits[("aoki", False)] == timedelta(minutes=30)


def counted(room: Room, login: str) -> int:
    """How many cases somebody's queue counts as the own ones."""
    with room.as_(login) as other:
        page = other.client.get("/counselor/").text
    found = re.search(r"自分の担当\D*(\d+)", page)
    assert found is not None
    return int(found[1])


def test_who_stands_in_is_told_and_must_be_of_the_same_school(room: Room) -> None:
    with room.as_("sato") as head:
        head.client.post("/counselor/alerts", data={"csrf": head.csrf(), "email": "sato@example.lg.jp"})
    days = {"cover_from": "2026-11-24", "cover_until": "2026-12-01"}
    assert post(room, "cover", cover=room.house.staff["berg"], **days) == 422
    assert post(room, "cover", cover=room.house.staff["sato"], cover_from="2026-11-24", cover_until="") == 422
    assert post(room, "cover", cover=room.house.staff["sato"], **days) == 303
    with room.as_("sato") as head:
        assert "aokiさんの代わりに、あなたに知らせが届きます" in head.client.get(OWN).text
    told(room)
    assert {who for who, _ in deliveries(room)} == {"sato"}
    assert room.post("claim").status_code == 303
    assert counted(room, "sato") == 1
    assert post(room, "cover", cover="") == 303
    assert counted(room, "sato") == 0
    with room.as_("sato") as head:
        assert "代わりに、あなたに" not in head.client.get(OWN).text
