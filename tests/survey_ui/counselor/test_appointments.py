"""オンライン相談: an hour is offered, taken once, given back or held; both sides hear of it; nobody's child is in it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from httpx2 import Response
from sqlmodel import select

from survey_api.jobs.notifications import remind
from survey_api.services.notifications.rules import body_words
from survey_api.tables.appointments import Appointment
from survey_api.tables.notifications import Notification
from survey_api.vocabulary import NotificationKind
from tests.survey_ui.counselor.room import Room, open_room

HERE = "/counselor/appointments"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """Ito of the city hall is signed in."""
    with open_room(tmp_path, login="ito") as opened:
        yield opened


def token(room: Room) -> str:
    return str(room.client.get(HERE).text.split('name="csrf" value="')[1].split('"')[0])


def offer(room: Room, **changes: str) -> Response:
    slot = {
        "agency": room.agency("雪野市福祉課 地域福祉班"),
        "on_day": "2026-11-25",
        "starts": "14:30",
        "minutes": "30",
        "how": "会議室A・市の会議回線",
    }
    return room.client.post(HERE, data={"csrf": token(room), **slot, **changes})


def hour(room: Room) -> Appointment:
    with room.house.runtime.reading() as db:
        return db.exec(select(Appointment)).one()


def act(room: Room, deed: str, version: int = 0, **fields: str) -> Response:
    row = hour(room)
    data = {"csrf": token(room), "version": str(version or row.version), **fields}
    return room.client.post(f"{HERE}/{row.id}/{deed}", data=data)


BOOKING = {"branch": "稲川総合支所", "topic": "living"}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"agency": ""}, "本庁の窓口"),
        ({"on_day": "2026-11-23"}, "今日から"),
        ({"starts": "25:00"}, "始まりの時刻"),
        ({"on_day": "2026-11-24", "starts": "09:00"}, "これからの時刻"),
        ({"minutes": "7"}, "長さ"),
        ({"how": ""}, "つなぎ方"),
    ],
)
def test_an_hour_says_where_when_and_how(room: Room, changes: dict[str, str], says: str) -> None:
    refused = offer(room, **changes)
    assert refused.status_code == 422
    assert says in refused.text


def test_a_desk_is_not_offered_twice_at_a_time(room: Room) -> None:
    assert offer(room).status_code == 303
    assert offer(room, starts="14:45").status_code == 422
    assert offer(room, starts="15:00").status_code == 303


def test_from_free_to_taken_to_held(room: Room) -> None:
    offer(room)
    with room.as_("aoki") as branch:
        assert act(branch, "book", topic="gossip", branch="支所").status_code == 422
        assert act(branch, "book", **BOOKING).status_code == 303
        assert act(branch, "book", version=1, **BOOKING).status_code == 409
    page = room.client.get(HERE).text
    assert "稲川総合支所" in page
    assert "予約あり" in page
    assert act(room, "move", to="held").status_code == 409  # it has not begun
    with room.as_("kato") as stranger:
        assert act(stranger, "move", to="open").status_code == 409
    room.house.clock.move(timedelta(days=1, hours=6))
    room.house.sign_in(room.client, "ito")
    assert act(room, "move", to="held").status_code == 303
    assert "行った" in room.client.get(HERE).text


def test_an_hour_that_is_given_back_is_free_again_and_forgets_who_had_it(room: Room) -> None:
    offer(room)
    with room.as_("aoki") as branch:
        act(branch, "book", **BOOKING)
        assert act(branch, "move", to="open").status_code == 303
    row = hour(room)
    assert (row.state, row.branch, row.guest_id, row.topic) == ("open", "", None, "")


def test_both_sides_are_reminded_once_and_the_mail_says_nothing(room: Room) -> None:
    offer(room)
    remind(room.house.runtime)
    with room.as_("aoki") as branch:
        act(branch, "book", **BOOKING)
    for _ in range(2):
        remind(room.house.runtime)
    with room.house.runtime.reading() as db:
        asked = select(Notification).where(Notification.kind == NotificationKind.APPOINTMENT_SOON)
        rows = db.exec(asked).all()
    staff = room.house.staff
    assert sorted(str(row.staff_id) for row in rows) == sorted([staff["aoki"], staff["ito"]])
    mail = body_words(NotificationKind.APPOINTMENT_SOON, "http://kizuki")
    for word in ("稲川", "くらし", "会議室", "14:30"):
        assert word not in mail
