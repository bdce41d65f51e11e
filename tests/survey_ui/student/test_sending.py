"""「おくる」: once, the same page for everybody, and never a success that was not kept."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select
from starlette.testclient import TestClient

from survey_api.kit.work import Work
from survey_api.services.agencies import actions as agencies_actions
from survey_api.services.agencies.rules import Entry
from survey_api.tables.submissions import Submission
from survey_api.vocabulary import AgencyKind, Alone
from survey_api.web.cookies import _signer
from tests.house import SETUP, House, bank, best_answers, worst_answers
from tests.survey_ui.student.conftest import BANKS
from tests.survey_ui.student.test_languages import bare_page
from tests.survey_ui.student.walking import follow, walk

BREAK_THE_COMMIT = (
    "CREATE TABLE later (id INTEGER PRIMARY KEY, other INTEGER REFERENCES later (id) DEFERRABLE INITIALLY DEFERRED)",
    "CREATE TRIGGER owed AFTER INSERT ON {table} BEGIN INSERT INTO later (other) VALUES (99); END",
)
"""Every insert then owes a row that never comes: SQLite itself refuses, and only at the commit."""


def submissions(house: House) -> list[Submission]:
    with house.runtime.reading() as db:
        return list(db.exec(select(Submission)).all())


def break_commits(house: House, table: str) -> None:
    with house.runtime.survey.write.begin() as connection:
        for statement in BREAK_THE_COMMIT:
            connection.execute(text(statement.format(table=table)))


@pytest.mark.parametrize("name", BANKS)
def test_the_thank_you_page_is_the_same_bytes_for_every_child(
    house: House, client: TestClient, name: str
) -> None:
    loaded, pages = bank(name), set()
    ours = [pupil for pupil in house.pupils if pupil.grade == loaded.bank.grades[0]]
    for pupil, answers in zip(ours, (best_answers(loaded), worst_answers(loaded)), strict=True):
        client.cookies.clear()
        house.show_ticket(client, pupil)
        walk(client, loaded, answers)
        sent = client.post("/s/send")
        pages.add((sent.headers["location"], client.get(follow(sent)).content))
    assert len(pages) == 1
    (_, page) = pages.pop()
    for number in ("0120-0-78310", "0120-99-7777", "189", "110"):
        assert number in page.decode()


def test_the_last_page_names_who_helps_now_and_where_a_child_may_go_alone(
    house: House, client: TestClient
) -> None:
    fine = {"for_children": "ゆきの こうえんの となりです。", "address": "駅前", "hours": "土曜"}
    today = house.clock.at.date()

    def add(work: Work, name: str, **other: Any) -> None:
        entry = Entry(AgencyKind.PLACE, {"name": name, **fine}, 6, 18, Alone.YES, False, 5, today, True)
        agencies_actions.save(work, replace(entry, **other))

    with house.runtime.work(SETUP) as work:
        add(work, "行ける所")
        add(
            work,
            "大人といく所",
            alone=Alone.NO,
            texts={**fine, "name": "大人といく所", "for_children": "おとなと。"},
        )
        add(
            work,
            "古い所",
            verified_on=today - timedelta(days=181),
            texts={**fine, "name": "古い所", "for_children": "ふるい。"},
        )
        add(
            work,
            "大きい子の所",
            age_from=13,
            texts={**fine, "name": "大きい子の所", "for_children": "おおきい。"},
        )
        add(work, "言葉のない所", texts={"name": "言葉のない所"})
    page = {band: bare_page(client.get(f"/s/thanks/{band}").text) for band in "LMH"}
    for band in "LM":
        assert "ゆきのこうえんのとなりです" in page[band]
        assert not any(
            word in page[band] for word in ("おとなと。", "ふるい。", "おおきい。", "言葉のない所")
        )
    assert "行ける所(駅前)土曜" in page["H"]
    assert "大きい子の所" in page["H"]
    assert not any(word in page["H"] for word in ("大人といく所", "古い所", "言葉のない所"))
    for number in ("110", "119"):
        assert f'href="tel:{number}">{number}<' in client.get("/s/thanks/L").text


@pytest.mark.parametrize("name", BANKS)
@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"free_text": "きょうは いい てんきです"}, "自由記述あり"),
        ({"wish_talk": "someday"}, "本人の希望: 「"),
    ],
)
def test_what_was_written_or_wished_stands_in_somebody_s_queue_the_same_day(
    house: House, client: TestClient, name: str, said: dict[str, str], reason: str
) -> None:
    """Of a child who is fine: no list of words and no other answer decides whether a person reads it."""
    loaded = bank(name)
    house.sign_in(client, "aoki")
    assert reason not in client.get("/counselor/").text
    client.cookies.clear()
    house.show_ticket(client, next(p for p in house.pupils if p.grade == loaded.bank.grades[0]))
    walk(client, loaded, best_answers(loaded) | said)
    client.post("/s/send")
    client.cookies.clear()
    house.sign_in(client, "aoki")
    assert reason in client.get("/counselor/").text


def test_pressing_twice_is_one_submission_and_the_same_page(house: House, client: TestClient) -> None:
    pupil = house.pupils[0]
    house.show_ticket(client, pupil)
    cookie = _signer(house.runtime.keys).sign(pupil.ticket_id).decode()
    first = client.post("/s/send")
    client.cookies.set("kizuki_pupil", cookie)
    second = client.post("/s/send")
    assert (first.status_code, first.headers["location"]) == (second.status_code, second.headers["location"])
    assert len(submissions(house)) == 1


def test_the_json_door_after_the_pages_takes_the_same_content_only(house: House, client: TestClient) -> None:
    pupil = next(pupil for pupil in house.pupils if pupil.grade == 7)
    answers = {item: value for item, value in worst_answers(bank("chu")).items() if value}
    house.show_ticket(client, pupil)
    walk(client, bank("chu"), answers)
    client.post("/s/send")
    kept = submissions(house)[0].sealed
    client.cookies.set("kizuki_pupil", _signer(house.runtime.keys).sign(pupil.ticket_id).decode())
    same = client.post("/s/submissions", json={"client_id": "tablet-0001", "answers": answers})
    assert (same.status_code, same.json()["received"]) == (200, True)
    other = client.post(
        "/s/submissions", json={"client_id": "tablet-0001", "answers": answers | {"free_time": "other"}}
    )
    assert (other.status_code, other.json()["code"]) == (409, "submission_differs")
    assert [row.sealed for row in submissions(house)] == [kept]


def press_send(client: TestClient, answers: dict[str, Any]) -> Any:
    return client.post("/s/send")


def post_json(client: TestClient, answers: dict[str, Any]) -> Any:
    return client.post("/s/submissions", json={"client_id": "tablet-0001", "answers": answers})


@pytest.mark.parametrize("send", [press_send, post_json])
def test_a_commit_that_fails_never_shows_success(house: House, client: TestClient, send: Any) -> None:
    pupil = next(pupil for pupil in house.pupils if pupil.grade == 7)
    house.show_ticket(client, pupil)
    client.post("/s/q/1", data={"a": "home"})
    break_commits(house, "submissions")
    answer = send(client, {"free_time": "home"})
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert "received" not in answer.text
    assert "ありがとう" not in answer.text
    assert submissions(house) == []
    assert 'value="home" aria-pressed="true"' in client.get("/s/q/1").text, "the draft is lost"


def test_an_answer_that_could_not_be_kept_does_not_move_on(house: House, client: TestClient) -> None:
    house.show_ticket(client, next(pupil for pupil in house.pupils if pupil.grade == 7))
    break_commits(house, "drafts")
    answer = client.post("/s/q/1", data={"a": "home"})
    assert answer.status_code == 503
    assert "まだ送信できていません" in answer.text.replace("<wbr>", "")
    assert 'href="/s/q/1"' in answer.text
