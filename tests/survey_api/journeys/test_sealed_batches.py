"""Sealed on a tablet, opened by the service: once, by the right key, into the right draft, however late."""

import base64
import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from httpx2 import Response
from sqlmodel import select
from starlette.testclient import TestClient

from survey_api.access.scope import Scope
from survey_api.access.tickets import new_ticket
from survey_api.journeys.finish_submission import read_late
from survey_api.journeys.rotate_keys import renew_wave_keys
from survey_api.kit.opened import Opened
from survey_api.services.submissions import actions, queries
from survey_api.services.waves import actions as waves_actions
from survey_api.tables.audit import AuditEntry
from survey_api.tables.cases import Case
from survey_api.tables.notifications import Notification
from survey_api.tables.schools import Student
from survey_api.tables.submissions import LateSheet, Submission
from survey_api.tables.waves import Ticket, Wave
from survey_ui.shell.forms import csrf_token
from tests.house import SETUP, House, bank, open_house, worst_answers
from tests.locked import PHRASES, lock, make_quick, session


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path, pupils=2) as opened:
        yield opened


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:
    with house.client() as opened:
        yield opened


def seal(key: dict[str, str], plain: bytes) -> bytes:
    """What a tablet does, written out once more from the description of the format."""
    theirs = base64.b64decode(key["public"])
    own = ec.generate_private_key(ec.SECP256R1())
    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
    aes = AESGCM(HKDF(SHA256(), 32, salt=point + theirs, info=b"kizuki tablet 1").derive(shared))
    head, nonce = b"\x01" + bytes.fromhex(key["id"]) + point, os.urandom(12)
    return head + nonce + aes.encrypt(nonce, plain, head)


def start(house: House, client: TestClient, number: int = 0) -> dict[str, Any]:
    house.show_ticket(client, house.pupils[number])
    return dict(client.get("/s/draft").json())


def sheet(draft: dict[str, Any], answers: dict[str, Any], *, finished: bool, at: float = 1000.0) -> bytes:
    taps = [{"item": item, "value": value, "at": at} for item, value in answers.items()]
    body = {"go": draft["go"], "device": "tablet-a", "taps": taps, "finished": finished}
    return seal(draft["key"], json.dumps(body).encode())


def hand_in(client: TestClient, blob: bytes, now: float = 2000.0) -> Response:
    return client.post("/s/sealed", json={"sealed": base64.b64encode(blob).decode(), "now": now})


def kept(house: House) -> list[Submission]:
    with house.runtime.reading() as db:
        return list(db.exec(select(Submission)).all())


def test_a_finished_sheet_arrives_without_any_cookie_and_calls_a_person(
    house: House, client: TestClient
) -> None:
    answers = {item: value for item, value in worst_answers(bank("chu")).items() if value}
    blob = sheet(start(house, client), answers, finished=True)
    client.cookies.clear()
    for _ in range(3):
        assert hand_in(client, blob).json() == {"received": True, "finished": True}
    (row,) = kept(house)
    with house.runtime.reading() as db:
        assert queries.sealed_answers(db, house.runtime.keys, row)["answers"] == answers
        assert len(db.exec(select(Case)).all()) == 1


def test_a_sealed_draft_is_there_when_the_child_goes_on_elsewhere(house: House, client: TestClient) -> None:
    draft = start(house, client)
    assert hand_in(client, sheet(draft, {"free_time": "home"}, finished=False)).json()["finished"] is False
    assert start(house, client)["answers"] == {"free_time": "home"}
    assert kept(house) == []


def test_an_older_sheet_does_not_undo_a_newer_answer(house: House, client: TestClient) -> None:
    draft = start(house, client)
    hand_in(client, sheet(draft, {"free_time": "home"}, finished=False, at=1500))
    hand_in(client, sheet(draft, {"free_time": "other"}, finished=False, at=1200))
    assert start(house, client)["answers"] == {"free_time": "home"}


@pytest.mark.parametrize("place", [0, 5, 30, 85, 110, -1])
def test_a_changed_byte_anywhere_is_refused(house: House, client: TestClient, place: int) -> None:
    blob = bytearray(sheet(start(house, client), {"free_time": "home"}, finished=True))
    blob[place] ^= 1
    answer = hand_in(client, bytes(blob))
    assert (answer.status_code, answer.json()["code"]) == (422, "seal_broken")
    assert kept(house) == []


def test_a_made_up_go_is_refused(house: House, client: TestClient) -> None:
    draft = start(house, client) | {"go": base64.urlsafe_b64encode(os.urandom(60)).decode()}
    assert hand_in(client, sheet(draft, {}, finished=True)).status_code == 422


def test_after_a_renewal_old_seals_still_open_and_new_tablets_use_the_new_key(
    house: House, client: TestClient
) -> None:
    before = start(house, client)
    with house.runtime.work(SETUP) as work:
        actions.add_wave_key(work, house.wave_id)
    after = start(house, client)
    assert before["key"] != after["key"]
    assert hand_in(client, sheet(before, {"free_time": "home"}, finished=True)).status_code == 200


def end_wave(house: House) -> None:
    """As the office does, at the moment of the house's clock."""
    with house.runtime.work(SETUP) as work:
        wave = work.db.get(Wave, house.wave_id)
        assert wave is not None
        waves_actions.close_wave(work, wave)


def late(house: House) -> list[LateSheet]:
    with house.runtime.reading() as db:
        return list(db.exec(select(LateSheet)).all())


def test_who_has_begun_may_finish_for_half_an_hour(house: House, client: TestClient) -> None:
    draft = start(house, client)
    end_wave(house)
    house.clock.move(timedelta(minutes=29))
    tap = {
        "go": draft["mark"],
        "device": "tablet-a",
        "now": 1000,
        "taps": [{"item": "free_time", "value": "home", "at": 900}],
    }
    assert client.post("/s/draft", json=tap).status_code == 200
    assert client.get("/s/q/2").status_code == 200
    assert house.refused(client, secret=house.pupils[1].ticket.secret).status_code == 409
    assert hand_in(client, sheet(draft, {}, finished=True)).json() == {"received": True, "finished": True}
    assert len(kept(house)) == 1


@pytest.mark.parametrize("after", [timedelta(minutes=31), timedelta(days=60)])
def test_a_later_sheet_is_kept_unread_for_a_person_to_decide(
    house: House, client: TestClient, after: timedelta
) -> None:
    draft = start(house, client)
    answers = {item: value for item, value in worst_answers(bank("chu")).items() if value}
    finished, unfinished = (sheet(draft, answers, finished=done) for done in (True, False))
    end_wave(house)
    house.clock.move(after)
    assert hand_in(client, unfinished).json()["code"] == "wave_closed"
    for _ in range(2):
        assert hand_in(client, finished).json() == {"received": True, "finished": True, "late": True}
    assert kept(house) == []
    (waiting,) = late(house)
    with house.runtime.reading() as db:
        assert db.exec(select(Case)).all() == []
        (told,) = db.exec(select(Notification)).all()
        scope = Scope(frozenset({waiting.school_id}))
        content = queries.late_content(db, house.runtime.keys, scope, waiting, Opened())
        assert content["answers"] == answers
    assert (told.subject_id, told.urgent) == (waiting.id, True)
    assert b"free_time" not in (waiting.sealed or b"")


def leave_roster(house: House) -> None:
    """The pupil has left the school, or moved to another, while the wave is open."""
    with house.runtime.work(SETUP) as work:
        waves_actions.follow_roster(work, [house.pupils[0].ticket_id], [])


def test_a_sheet_of_a_pupil_who_has_left_the_roster_meanwhile_waits_for_a_person_too(
    house: House, client: TestClient
) -> None:
    draft = start(house, client)
    answers = {item: value for item, value in worst_answers(bank("chu")).items() if value}
    finished, unfinished = (sheet(draft, answers, finished=done) for done in (True, False))
    leave_roster(house)
    assert hand_in(client, unfinished).json()["code"] == "ticket_revoked"
    for _ in range(2):
        assert hand_in(client, finished).json() == {"received": True, "finished": True, "late": True}
    assert kept(house) == []
    (waiting,) = late(house)
    house.sign_in(client, "aoki")
    assert "名簿から外れたあと" in client.get("/counselor/late").text
    csrf = csrf_token(house.runtime.keys, client.cookies["kizuki_staff"])
    client.post(f"/counselor/late/{waiting.id}/read", data={"csrf": csrf})
    with house.runtime.reading() as db:
        assert len(db.exec(select(Case)).all()) == 1
    assert len(kept(house)) == 1


def test_a_sheet_sent_by_hand_after_the_pupil_has_left_the_roster_is_kept_too(
    house: House, client: TestClient
) -> None:
    start(house, client)
    client.post("/s/q/1", data={"a": "home"})
    leave_roster(house)
    answer = client.post("/s/send")
    assert (answer.status_code, answer.headers["location"]) == (303, "/s/late/H")
    assert len(late(house)) == 1


def move_south(house: House) -> str:
    """The pupil has moved to another school that is asked in the same wave; returns the secret of its new ticket."""
    child = house.pupils[0]
    with house.runtime.work(SETUP) as work:
        ticket, student = work.db.get(Ticket, child.ticket_id), work.db.get(Student, child.pseudonym)
        assert ticket is not None
        assert student is not None
        student.school_id = house.schools["south"]
        new = (house.wave_id, student.school_id, child.pseudonym, ticket.bank_sha256)
        waves_actions.follow_roster(work, [child.ticket_id], [new])
        fresh = new_ticket(work.keys, house.wave_id)
        added = work.db.exec(select(Ticket.id).where(Ticket.school_id == student.school_id)).one()
        waves_actions.issue(work, added, fresh)
    return fresh.secret


def test_a_pupil_who_moves_in_the_middle_of_a_wave_goes_on_there_and_each_school_has_its_own_case(
    house: House, client: TestClient
) -> None:
    answers = {item: value for item, value in worst_answers(bank("chu")).items() if value}
    waits = sheet(start(house, client), answers, finished=True)
    client.post("/s/q/1", data={"a": "home"})
    secret = move_south(house)
    client.cookies.clear()
    client.post("/t", data={"secret": secret})
    assert client.post("/s/q/1", data={"a": "home"}).status_code == 303
    assert hand_in(client, sheet(client.get("/s/draft").json(), answers, finished=True)).status_code == 200
    assert hand_in(client, waits).json()["late"] is True
    (sheet_id,) = [row.id for row in late(house)]
    desks = {}
    for who in ("aoki", "berg"):
        client.cookies.clear()
        house.sign_in(client, who)
        if who == "aoki":
            csrf = csrf_token(house.runtime.keys, client.cookies["kizuki_staff"])
            client.post(f"/counselor/late/{sheet_id}/read", data={"csrf": csrf})
        with house.runtime.reading() as db:
            cases = [case.id for case in db.exec(select(Case)).all()]
        queue = client.get("/counselor/").text
        desks[who] = [case for case in cases if case in queue]
        assert client.get(f"/counselor/cases/{desks[who][0]}").status_code == 200
    assert [len(each) for each in desks.values()] == [1, 1]
    assert desks["aoki"] != desks["berg"]


def test_nothing_is_kept_of_a_ticket_that_was_revoked_before_anything_was_answered(
    house: House, client: TestClient
) -> None:
    start(house, client)
    leave_roster(house)
    assert client.post("/s/send").status_code == 404
    assert (late(house), kept(house)) == ([], [])


def test_a_late_sheet_of_a_locked_school_is_read_only_while_its_key_is_open(
    house: House, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_quick(monkeypatch)
    lock(house)
    answers = {item: value for item, value in worst_answers(bank("chu")).items() if value}
    blob = sheet(start(house, client), answers, finished=True)
    end_wave(house)
    house.clock.move(timedelta(days=3))
    assert hand_in(client, blob).json()["late"] is True
    (waiting,) = late(house)
    client.cookies.clear()
    house.sign_in(client, "aoki")
    csrf = {"csrf": csrf_token(house.runtime.keys, client.cookies["kizuki_staff"])}
    assert "読むには学校の鍵が要ります" in client.get("/counselor/late").text
    asked = client.post(f"/counselor/late/{waiting.id}/read", data=csrf)
    assert asked.status_code == 423
    assert "この学校の鍵をひらいてください" in asked.text
    assert (late(house)[0].state, kept(house)) == ("waiting", [])
    opened = session(house, "aoki")
    opened.unlock(waiting.school_id, PHRASES["aoki"])
    with house.runtime.reading() as db:
        scope = Scope(frozenset({waiting.school_id}))
        content = queries.late_content(db, house.runtime.keys, scope, waiting, opened.opened)
    assert content["answers"] == answers
    with house.runtime.work(opened.actor, opened=opened.opened) as work:
        read_late(work, waiting.id)
    assert (late(house)[0].state, len(kept(house))) == ("read", 1)


def test_a_sheet_that_arrives_when_its_draft_is_gone_is_whole(house: House, client: TestClient) -> None:
    """The tablet's clock is ahead, and what the service has had before came as the oldest taps of all."""
    draft = start(house, client)
    client.post("/s/q/1", data={"a": "home"})
    had = [
        {"item": "free_time", "value": "home", "at": 0},
        {"item": "free_text", "value": "あとで", "at": 9e14},
    ]
    body = {"go": draft["go"], "device": "tablet-a", "taps": had, "finished": True}
    end_wave(house)
    house.clock.move(timedelta(days=9))
    with house.runtime.work(SETUP) as work:
        assert actions.drop_drafts(work, house.wave_id) == 1
    assert hand_in(client, seal(draft["key"], json.dumps(body).encode()), now=9.5e14).json()["late"] is True
    (waiting,) = late(house)
    with house.runtime.reading() as db:
        scope = Scope(frozenset({waiting.school_id}))
        content = queries.late_content(db, house.runtime.keys, scope, waiting, Opened())
    assert content["answers"] == {"free_time": "home", "free_text": "あとで"}


def wish(draft: dict[str, Any], said: str, at: float) -> bytes:
    body = {"go": draft["go"], "device": "tablet-a", "taps": [], "finished": False, "wish": said, "at": at}
    return seal(draft["key"], json.dumps(body).encode())


def test_a_wish_to_delete_everything_needs_no_cookie_and_spares_what_was_answered_since(
    house: House, client: TestClient
) -> None:
    draft = start(house, client)
    hand_in(
        client, sheet(draft, {"free_time": "home", "free_text": "いや"}, finished=False, at=1000), now=1100
    )
    forget = wish(draft, "/s/forget", 1500)
    hand_in(client, sheet(draft, {"free_text": "やっぱり"}, finished=False, at=1800), now=1900)
    client.cookies.clear()
    for _ in range(2):
        assert hand_in(client, forget).json() == {"received": True, "finished": False}
        with house.runtime.reading() as db:
            ticket = queries.ticket_by_id(db, house.pupils[0].ticket_id)
            assert ticket is not None
            assert queries.draft_of(db, house.runtime.keys, ticket)["answers"] == {"free_text": "やっぱり"}


@pytest.mark.parametrize("ended", [False, True])
def test_a_wish_not_to_take_part_ends_the_go_and_after_the_wave_deletes_all_the_same(
    house: House, client: TestClient, ended: bool
) -> None:
    draft = start(house, client)
    client.post("/s/q/1", data={"a": "home"})
    if ended:
        end_wave(house)
    house.clock.move(timedelta(hours=1))
    client.cookies.clear()
    for done in (False, not ended):
        told = hand_in(client, wish(draft, "/s/decline", 1999)).json()
        assert told == {"received": True, "finished": done}
    assert [row.state for row in kept(house)] == ([] if ended else ["declined"])
    with house.runtime.reading() as db:
        ticket = queries.ticket_by_id(db, house.pupils[0].ticket_id)
        assert ticket is not None
        assert "answers" not in queries.draft_of(db, house.runtime.keys, ticket)


def test_a_draft_sent_by_hand_too_late_is_kept_too_and_says_so(house: House, client: TestClient) -> None:
    start(house, client)
    client.post("/s/q/1", data={"a": "home"})
    end_wave(house)
    house.clock.move(timedelta(hours=1))
    answer = client.post("/s/send")
    assert (answer.status_code, answer.headers["location"]) == (303, "/s/late/H")
    assert "届きました" in client.get("/s/late/H").text
    assert len(late(house)) == 1
    assert client.get("/s/q/1").status_code == 303


@pytest.mark.parametrize("decision", ["read", "leave"])
def test_the_person_decides_once_and_only_at_the_own_school(
    house: House, client: TestClient, decision: str
) -> None:
    draft = start(house, client)
    answers = {item: value for item, value in worst_answers(bank("chu")).items() if value}
    end_wave(house)
    house.clock.move(timedelta(days=3))
    hand_in(client, sheet(draft, answers, finished=True))
    (waiting,) = late(house)
    address = f"/counselor/late/{waiting.id}/{decision}"

    def press() -> Response:
        csrf = csrf_token(house.runtime.keys, client.cookies["kizuki_staff"])
        return client.post(address, data={"csrf": csrf})

    client.cookies.clear()
    house.sign_in(client, "berg")
    assert waiting.id not in client.get("/counselor/late").text
    assert press().status_code == 404
    client.cookies.clear()
    house.sign_in(client, "aoki")
    assert waiting.id in client.get("/counselor/late").text
    assert "終わったあとに届いた回答が1件" in client.get("/counselor/").text
    assert press().status_code == 303
    assert press().status_code in (404, 409)
    assert waiting.id not in client.get("/counselor/late").text
    (row,) = late(house)
    with house.runtime.reading() as db:
        assert len(db.exec(select(Case)).all()) == (decision == "read")
    assert len(kept(house)) == (decision == "read")
    assert (row.state, row.sealed is None) == (("read", True) if decision == "read" else ("left", False))


def test_the_command_renews_the_key_of_every_open_wave(house: House, client: TestClient) -> None:
    before = start(house, client)
    with house.runtime.work(SETUP) as work:
        assert len(renew_wave_keys(work)) == 1
    assert start(house, client)["key"] != before["key"]
    with house.runtime.reading() as db:
        assert db.exec(select(AuditEntry).where(AuditEntry.kind == "wave.key_renewed")).one().facts
    assert hand_in(client, sheet(before, {"free_time": "home"}, finished=True)).status_code == 200
    end_wave(house)
    with house.runtime.work(SETUP) as work:
        assert renew_wave_keys(work) == []


def test_nothing_readable_is_in_the_private_key_s_row(house: House, client: TestClient) -> None:
    start(house, client)
    with house.runtime.reading() as db:
        pair = queries.wave_key(db, house.wave_id)
    assert pair is not None
    assert len(pair.public) == 65
    assert pair.sealed_private[:1] == b"\x01"
    assert len(pair.sealed_private) == 1 + 12 + 32 + 16


def test_a_sealed_draft_sent_again_after_the_end_of_a_go_says_only_that_it_arrived(
    house: House, client: TestClient
) -> None:
    draft = start(house, client)
    client.post("/s/send")
    blob = sheet(draft, {"free_time": "home"}, finished=False)
    assert hand_in(client, blob).json() == {"received": True, "finished": True}
    (row,) = kept(house)
    with house.runtime.reading() as db:
        assert queries.sealed_answers(db, house.runtime.keys, row)["answers"] == {}
