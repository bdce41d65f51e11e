"""A child presses おくる: kept before acknowledged, once, understood, and a person called when one should look."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import text
from sqlmodel import select
from starlette.testclient import TestClient

from scoring.assessment import Assessment, Previous, assess
from survey_api.access import sealing
from survey_api.services.banks.sheets import sheet_of
from survey_api.services.results.rules import digest_of
from survey_api.services.submissions import queries as submissions_queries
from survey_api.tables.cases import Case
from survey_api.tables.notifications import Notification
from survey_api.tables.results import Result
from survey_api.tables.submissions import Draft, Submission
from survey_api.tables.waves import Ticket, Wave
from survey_api.web.cookies import _signer
from tests.house import House, Pupil, bank, best_answers, open_house, worst_answers


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path) as opened:
        yield opened


def send(
    house: House, client: TestClient, pupil: Pupil, answers: Any, client_id: str = "tablet-0001"
) -> Response:
    client.cookies.set("kizuki_pupil", _signer(house.runtime.keys).sign(pupil.ticket_id).decode())
    return client.post("/s/submissions", json={"client_id": client_id, "answers": answers})


def rows(house: House, table: Any) -> list[Any]:
    with house.runtime.reading() as db:
        return list(db.exec(select(table)).all())


def test_what_was_acknowledged_is_kept_sealed_and_opens_again(house: House) -> None:
    answers = best_answers(bank("chu"))
    with house.client() as client:
        answer = send(house, client, house.pupils[0], answers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["received"] is True
    kept = rows(house, Submission)[0]
    assert json.dumps(answers)[2:20].encode() not in kept.sealed
    with house.runtime.reading() as db:
        assert submissions_queries.sealed_answers(db, house.runtime.keys, kept)["answers"] == answers


def test_a_child_who_is_fine_opens_no_case_and_one_who_is_not_opens_one(house: House) -> None:
    with house.client() as client:
        send(house, client, house.pupils[0], best_answers(bank("chu")))
        assert rows(house, Case) == []
        send(house, client, house.pupils[1], worst_answers(bank("chu")))
    case = rows(house, Case)[0]
    assert (case.pseudonym, case.urgency, case.state) == (house.pupils[1].pseudonym, "today", "new")
    assert [row.subject_id for row in rows(house, Notification)] == [case.id]


def test_both_children_get_the_same_words_back(house: House) -> None:
    with house.client() as client:
        fine = send(house, client, house.pupils[0], best_answers(bank("chu"))).json()
        not_fine = send(house, client, house.pupils[1], worst_answers(bank("chu"))).json()
    assert set(fine) == set(not_fine) == {"received", "receipt"}
    assert len(fine["receipt"]) == len(not_fine["receipt"])


def test_the_same_again_is_the_same_success_and_other_content_is_refused(house: House) -> None:
    answers = best_answers(bank("chu"))
    with house.client() as client:
        first = send(house, client, house.pupils[0], answers)
        again = send(house, client, house.pupils[0], dict(reversed(answers.items())))
        other = send(house, client, house.pupils[0], worst_answers(bank("chu")))
    assert again.status_code == 200
    assert again.json() == first.json()
    assert other.status_code == 409
    assert len(rows(house, Submission)) == len(rows(house, Result)) == 1
    assert rows(house, Case) == []


def test_a_commit_that_fails_never_shows_success(house: House) -> None:
    """The trigger makes the very last moment fail, after everything else went well."""
    with house.runtime.survey.write.begin() as connection:
        connection.execute(text("CREATE TABLE gate (id INTEGER PRIMARY KEY)"))
        connection.execute(
            text(
                "CREATE TABLE late (id TEXT, gate INTEGER REFERENCES gate(id) DEFERRABLE INITIALLY DEFERRED)"
            )
        )
        connection.execute(
            text(
                "CREATE TRIGGER too_late AFTER INSERT ON submissions BEGIN INSERT INTO late VALUES (NEW.id, 99); END"
            )
        )
    with house.client() as client:
        answer = send(house, client, house.pupils[0], best_answers(bank("chu")))
    assert answer.status_code >= 500
    assert "receipt" not in answer.text
    assert rows(house, Submission) == []
    assert {ticket.state for ticket in rows(house, Ticket)} == {"unused"}
    with house.runtime.survey.write.begin() as connection:
        connection.execute(text("DROP TRIGGER too_late"))
    with house.client() as client:
        assert send(house, client, house.pupils[0], best_answers(bank("chu"))).status_code == 200


def test_a_locked_database_is_a_calm_503(house: House) -> None:
    with house.runtime.survey.write.connect() as holder:
        holder.execute(text("SELECT 1"))  # BEGIN IMMEDIATE holds the write lock
        with house.client() as client:
            answer = send(house, client, house.pupils[0], best_answers(bank("chu")))
        holder.rollback()
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert rows(house, Submission) == []


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"not json", "body"),
        (b"[]", "body"),
        (b'{"client_id": "x", "answers": {}}', "client_id"),
        (b'{"client_id": "tablet-0001", "answers": []}', "answers"),
        (b'{"client_id": "tablet-0001", "answers": {"breakfast": "always"}}', "answers.breakfast"),
        (b'{"client_id": "tablet-0001", "answers": {"care_tasks": ["none", "cook"]}}', "answers.care_tasks"),
        (b'{"client_id": "tablet-0001", "answers": {"care_who": ["mother"]}}', "answers.care_who"),
        (b'{"client_id": "tablet-0001", "answers": {}, "seconds": {"breakfast": -1}}', "seconds"),
        (b'{"client_id": "tablet-0001", "answers": {}, "score": 1}', "body"),
    ],
)
def test_a_malformed_sheet_is_refused_by_name_and_changes_nothing(
    house: House, body: bytes, named: str
) -> None:
    with house.client() as client:
        client.cookies.set(
            "kizuki_pupil", _signer(house.runtime.keys).sign(house.pupils[0].ticket_id).decode()
        )
        answer = client.post("/s/submissions", content=body)
    assert answer.status_code == 422, answer.text
    assert named in answer.json()["detail"]
    assert rows(house, Submission) == rows(house, Draft) == []


def test_a_forged_cookie_and_a_closed_wave_are_refused(house: House) -> None:
    with house.client() as client:
        client.cookies.set("kizuki_pupil", house.pupils[0].ticket_id + ".forged.forged")
        assert client.post("/s/submissions", content=b"{}").status_code == 401
        with house.runtime.survey.write.begin() as connection:
            connection.execute(Wave.__table__.update().values(state="closed"))  # type: ignore[attr-defined]
        answer = send(house, client, house.pupils[0], best_answers(bank("chu")))
    assert answer.status_code == 409
    assert rows(house, Submission) == []


def test_every_result_is_computed_again_byte_for_byte(house: House) -> None:
    with house.client() as client:
        for pupil, answers in zip(house.pupils, (best_answers, worst_answers), strict=False):
            send(house, client, pupil, answers(bank("chu")))
    with house.runtime.reading() as db:
        for result in db.exec(select(Result)).all():
            submission = db.get(Submission, result.submission_id)
            assert submission is not None
            stored = submissions_queries.sealed_answers(db, house.runtime.keys, submission)
            opened = sealing.open_for_child(
                db, house.runtime.keys, result, f"result|{result.id}", result.sealed
            )
            previous = Previous.from_dict(opened["previous"]) if opened["previous"] else None
            again = assess(
                bank("chu").scoring_key,
                sheet_of(bank("chu"), stored["answers"]),
                previous,
                seconds=stored["seconds"],
            )
            assert again.to_bytes() == Assessment.from_dict(opened["assessment"]).to_bytes()
            assert digest_of(house.runtime.keys, submission.id, again.to_bytes()) == result.digest
