"""A child takes its answers back with the ticket it answered with: until the wave's last day, without a reason."""

import re
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from httpx2 import Response
from itsdangerous import TimestampSigner
from sqlmodel import select
from starlette.testclient import TestClient

from survey_api.audit import queries as audit_queries
from survey_api.journeys.hold_back import place_hold
from survey_api.kit.actor import Actor, ActorKind
from survey_api.tables.cases import Case
from survey_api.tables.erasure import Certificate
from survey_api.tables.results import Result
from survey_api.tables.submissions import AnswerKey, Submission
from survey_api.vocabulary import HoldKind
from survey_ui.shell.child_words import ENDONYMS, words
from tests.answered import answer
from tests.house import House, Pupil, open_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path) as opened:
        answer(opened, worried=1, silent=1)
        yield opened


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:
    with house.client() as opened:
        yield opened


def show(client: TestClient, pupil: Pupil) -> Response:
    return House.refused(client, code=pupil.ticket.code_shown)


def bare_page(text: str) -> str:
    return text.replace("<wbr>", "")


def asking(page: Response) -> str:
    found = re.search(r'name="asking" value="([^"]+)"', page.text)
    assert found, page.text
    return found.group(1)


def take_back(client: TestClient, pupil: Pupil) -> Response:
    spent = show(client, pupil)
    assert spent.status_code == 200
    pressed = client.post("/s/back", data={"asking": asking(spent)})
    assert (pressed.status_code, pressed.headers["location"]) == (303, "/s/ticket")
    sure = client.get("/s/ticket")
    assert words("H")["take_back_lead"] in bare_page(sure.text)
    done = client.post("/s/back/yes", data={"asking": asking(sure)})
    assert done.status_code == 303, done.text
    return client.get(done.headers["location"])


def kept(house: House, pupil: Pupil) -> tuple[str, bytes | None, str, int]:
    with house.runtime.reading() as db:
        sheet = db.exec(select(Submission).where(Submission.pseudonym == pupil.pseudonym)).one()
        result = db.exec(select(Result).where(Result.pseudonym == pupil.pseudonym)).one()
        keys = db.exec(select(AnswerKey).where(AnswerKey.pseudonym == pupil.pseudonym)).all()
        return sheet.state, sheet.sealed, result.digest, len(keys)


def test_with_the_same_ticket_everything_goes_at_once_with_a_certificate(
    house: House, client: TestClient
) -> None:
    assert words("H")["taken_back"] in bare_page(take_back(client, house.pupils[2]).text)
    assert kept(house, house.pupils[2]) == ("withdrawn", None, "erased", 0)
    assert kept(house, house.pupils[3])[0] == "closed"
    with house.runtime.reading() as db:
        paper = db.exec(select(Certificate)).one()
        assert (paper.kind, paper.done_on) == ("withdrawal.child", date(2026, 11, 24))
        said = [line for line in audit_queries.all_entries(db) if line.kind == "record.erased"]
        assert {(line.actor_kind, line.actor_id) for line in said} == {("job", "own-wish")}
        assert house.pupils[2].ticket_id not in "".join(f"{line.facts}{line.subject_id}" for line in said)


def test_a_second_time_changes_nothing(house: House, client: TestClient) -> None:
    take_back(client, house.pupils[2])
    take_back(client, house.pupils[2])
    with house.runtime.reading() as db:
        assert len(db.exec(select(Certificate)).all()) == 1


def test_a_case_somebody_was_called_to_stays(house: House, client: TestClient) -> None:
    take_back(client, house.pupils[0])
    with house.runtime.reading() as db:
        assert db.exec(select(Case.state).where(Case.pseudonym == house.pupils[0].pseudonym)).one() == "new"
    assert kept(house, house.pupils[0]) == ("withdrawn", None, "erased", 0)


def test_every_child_sees_the_same_pages(house: House, client: TestClient) -> None:
    """One with a case, one without, one who declined."""
    client.post("/t", data={"secret": house.pupils[5].ticket.secret})
    client.post("/s/decline")
    client.cookies.clear()
    seen = []
    for number in (0, 2, 5):
        spent = show(client, house.pupils[number])
        done = take_back(client, house.pupils[number])
        seen.append((re.sub(r'value="[^"]+"', "", spent.text), done.text, done.headers.get("set-cookie")))
    assert seen[0] == seen[1] == seen[2]
    with house.runtime.reading() as db:
        papers = db.exec(select(Certificate)).all()
    assert len(papers) == 3, "the office cannot tell who had sent anything"


def test_the_next_child_at_the_tablet_finds_no_way_to_them(house: House, client: TestClient) -> None:
    spent = show(client, house.pupils[2])
    assert "kizuki_pupil" not in client.cookies
    word = asking(spent)
    assert client.get("/s/ticket").headers["location"] == "/", "the page of the child before"
    client.post("/s/back", data={"asking": word})
    client.get("/s/ticket")
    assert client.get("/s/ticket").headers["location"] == "/", "its question whether it is sure"
    client.cookies.set("kizuki_told", f"spent|{house.pupils[2].ticket_id}", path="/s/ticket")
    assert client.get("/s/ticket").headers["location"] == "/", "a cookie that is not ours"
    for forged in ("", "x", word[:-1], house.pupils[2].ticket_id):
        assert client.post("/s/back/yes", data={"asking": forged}).status_code == 404
    assert kept(house, house.pupils[2])[0] == "closed"


@pytest.mark.parametrize(("seconds", "opens"), [(298, True), (302, False)])
def test_a_page_left_open_for_more_than_five_minutes_takes_nothing_back(
    house: House, client: TestClient, monkeypatch: pytest.MonkeyPatch, seconds: int, opens: bool
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(TimestampSigner, "get_timestamp", lambda _self: int(time.time()) - seconds)
        word = asking(show(client, house.pupils[2]))
    done = client.post("/s/back/yes", data={"asking": word})
    assert done.status_code == (303 if opens else 404)
    assert (kept(house, house.pupils[2])[0] == "closed") is not opens


def test_after_the_last_day_it_is_the_office_s(house: House, client: TestClient) -> None:
    spent = show(client, house.pupils[2])
    house.clock.move(date(2026, 12, 11) - date(2026, 11, 24))
    assert asking(show(client, house.pupils[2])), "on the last day still"
    house.clock.move(timedelta(days=1))
    assert 'name="asking"' not in show(client, house.pupils[2]).text
    assert client.post("/s/back/yes", data={"asking": asking(spent)}).status_code == 409
    assert kept(house, house.pupils[2])[0] == "closed"


def test_under_a_hold_the_child_is_told_that_nothing_was_erased(house: House, client: TestClient) -> None:
    office = Actor(ActorKind.STAFF, "x", frozenset({("office", None)}))
    with house.runtime.work(office) as work:
        place_hold(
            work, HoldKind.SCHOOL, house.schools["north"], sign="", wave_id="", reason="調査が続いているため"
        )
    told = client.post("/s/back/yes", data={"asking": asking(show(client, house.pupils[2]))})
    assert told.status_code == 409
    assert "いまは けせません" in bare_page(told.text)
    assert "保全" not in told.text
    assert kept(house, house.pupils[2])[0] == "closed"


@pytest.mark.parametrize("language", ENDONYMS)
@pytest.mark.parametrize("band", ["L", "M", "H"])
def test_every_language_says_it(band: str, language: str) -> None:
    said = words(band, language)
    assert all(said[key] for key in ("take_back", "take_back_lead", "leave_sent", "taken_back"))
    assert len(said["kind"]["held_back"]) == 2
