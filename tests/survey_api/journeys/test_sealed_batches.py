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

from survey_api.services.submissions import actions, queries
from survey_api.tables.cases import Case
from survey_api.tables.submissions import Submission
from survey_api.tables.waves import Wave
from survey_api.vocabulary import WaveState
from tests.house import SETUP, House, bank, open_house, worst_answers


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


@pytest.mark.parametrize(("days", "status"), [(25, 200), (60, 409)])
def test_a_sheet_that_waited_past_the_end_is_taken_for_thirty_days(
    house: House, client: TestClient, days: int, status: int
) -> None:
    draft = start(house, client)
    finished, unfinished = (sheet(draft, {"free_time": "home"}, finished=done) for done in (True, False))
    with house.runtime.work(SETUP) as work:
        wave = work.db.get(Wave, house.wave_id)
        assert wave is not None
        wave.state = WaveState.CLOSED
        work.db.add(wave)
    house.clock.move(timedelta(days=days))
    assert hand_in(client, unfinished).json()["code"] == "wave_closed"
    assert hand_in(client, finished).status_code == status
    assert len(kept(house)) == (1 if status == 200 else 0)


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
