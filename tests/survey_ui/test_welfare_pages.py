"""Welfare pages through the real app: protected numbers, their charts and tables, and no other door."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import select
from starlette.testclient import TestClient

from survey_api.kit.actor import Actor
from survey_api.services.insights import released
from survey_api.services.insights.planning import declared
from survey_api.services.insights.safe import PlaceKind
from survey_api.tables.releases import Release
from tests.answered import answer, close
from tests.house import House, open_house
from tests.survey_ui.test_welfare_attack import sums

PAGES = (
    "/welfare/",
    "/welfare/schools",
    "/welfare/trends",
    "/welfare/indicators/hungry",
    "/welfare/method",
    "/welfare/response",
    "/welfare/outcomes",
    "/welfare/compare",
    "/welfare/city",
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("house"), banks=("sho-high", "chu"), pupils=14) as opened:
        answer(opened, worried=4, silent=1)
        close(opened)
        yield opened


@pytest.fixture(scope="module")
def officer(house: House) -> Iterator[TestClient]:
    with house.client() as client:
        house.sign_in(client, "ito")
        release_over_pages(house, client)
        yield client


def csrf_of(client: TestClient) -> str:
    found = re.search(r'name="csrf" value="(\w+)"', client.get("/welfare/releases").text)
    assert found
    return found[1]


def release_over_pages(house: House, client: TestClient) -> None:
    """The person of this client asks; somebody else lets it go."""
    door = f"/welfare/releases/{house.wave_id}"
    asked = client.post(door, data={"csrf": csrf_of(client)})
    assert (asked.status_code, asked.headers["location"]) == (303, "/welfare/releases")
    page = client.get("/welfare/releases").text
    assert "用意できました" in page
    assert "別の人が公表します" in page
    assert not re.search(r"\d+〜\d+人", page)
    assert "まだ数字がありません" in client.get("/welfare/").text
    alone = client.post(f"{door}/approve", data={"csrf": csrf_of(client)})
    assert alone.status_code == 409
    assert "二人で行います" in alone.text
    with house.client() as second:
        house.sign_in(second, "kato")
        assert second.post(f"{door}/approve", data={"csrf": csrf_of(second)}).status_code == 303
        assert "公表ずみ" in second.get("/welfare/releases").text


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_with_one_heading_and_is_small(officer: TestClient, path: str) -> None:
    answered = officer.get(path)
    assert answered.status_code == 200, answered.text
    assert answered.text.count("<h1>") == 1
    assert "style=" not in answered.text
    assert len(answered.content) < 120_000


def test_every_number_of_people_shown_is_in_the_bundle(house: House, officer: TestClient) -> None:
    with house.runtime.reading() as db:
        (wave,) = released.released_waves(db, house.runtime.keys)
    known = {cell.people for cell in wave.release.table.cells}
    known |= {cell.asked for cell in wave.release.table.cells}
    known |= sums(wave.release.table)
    shown = set()
    for path in [*PAGES[:4], *(f"/welfare/indicators/{one.id}" for one in declared())]:
        shown |= set(re.findall(r"\d+〜\d+人", officer.get(path).text))
    assert shown
    assert shown <= known


def test_a_chart_has_a_title_a_sentence_and_a_table(officer: TestClient) -> None:
    page = officer.get("/welfare/indicators/hungry").text
    assert page.count("<svg") == 2
    assert page.count("<title id=") == page.count("<desc id=") == page.count("<figcaption>") == 2
    assert "くらべられる前回の数字がありません。" in page
    assert "<details><summary>表で見る" in page


def test_a_block_can_be_chosen_and_an_unplanned_place_cannot(house: House, officer: TestClient) -> None:
    with house.runtime.reading() as db:
        (wave,) = released.released_waves(db, house.runtime.keys)
    block, _ = next(wave.release.table.of("hungry", PlaceKind.BLOCK))
    assert block.title in officer.get("/welfare/indicators/hungry", params={"place": block.id}).text
    assert officer.get("/welfare/indicators/hungry", params={"place": "unit:x:1"}).status_code == 404
    assert officer.get("/welfare/indicators/height").status_code == 404
    assert officer.get("/welfare/schools", params={"wave": "x"}).status_code == 404


def test_pages_are_the_same_every_time(officer: TestClient) -> None:
    first = officer.get("/welfare/schools").text
    assert all(officer.get("/welfare/schools").text == first for _ in range(5))


def test_releasing_twice_says_why_not(house: House, officer: TestClient) -> None:
    answered = officer.post(f"/welfare/releases/{house.wave_id}", data={"csrf": csrf_of(officer)})
    assert answered.status_code == 409
    assert "もう公表されています" in answered.text
    assert officer.post(f"/welfare/releases/{house.wave_id}").status_code == 403


@pytest.mark.parametrize("login", ["aoki", "ono", "oda"])
def test_nobody_else_enters(house: House, login: str) -> None:
    with house.client() as client:
        house.sign_in(client, login)
        assert {client.get(path).status_code for path in PAGES} == {403}
        assert client.get("/welfare/releases").status_code == (200 if login == "ono" else 403)


def test_a_tampered_bundle_is_not_shown(tmp_path: Path) -> None:
    with open_house(tmp_path, banks=("chu",), pupils=14) as house:
        answer(house, worried=4)
        close(house)
        with house.client() as client:
            house.sign_in(client, "ito")
            assert "まだ数字がありません" in client.get("/welfare/").text
            release_over_pages(house, client)
            with house.runtime.work(Actor.terminal("thief")) as work:
                bundle = work.db.exec(select(Release.bundle)).one()
                forged = update(Release).values(bundle=bundle.replace(b"[[0,", b"[[1,", 1))
                with pytest.raises(IntegrityError, match="only grows"):
                    work.db.connection().execute(forged)
                guards = text("SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name='releases'")
                for (guard,) in work.db.connection().execute(guards).all():
                    work.db.connection().execute(text(f"DROP TRIGGER {guard}"))
                work.db.connection().execute(forged)
            answered = client.get("/welfare/")
    assert answered.status_code == 409
    assert "書きかえられています" in answered.text
