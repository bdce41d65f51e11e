"""Random checks: the same seed draws the same sheets, a label comes before the machine, a miss becomes a case."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from survey_api.audit import queries as audit_queries
from survey_api.journeys.close_wave import close_wave
from survey_api.kit.actor import Actor
from survey_api.services.review.checks.rules import drawn, sample_size
from survey_api.tables.cases import Case
from survey_api.tables.desk import CheckItem
from survey_api.vocabulary import AuditKind
from tests.house import SETUP, House, bank, best_answers, open_house
from tests.survey_ui.counselor.room import send

IDS = st.lists(st.uuids().map(lambda id_: id_.hex), unique=True, max_size=60)


@given(IDS, st.integers(1, 100), st.integers(1, 40))
def test_a_seed_draws_the_same_again_and_never_more_than_there_are(
    ids: list[str], percent: int, least: int
) -> None:
    size = sample_size(len(ids), percent, least)
    first = drawn("seed", ids, size)
    assert first == drawn("seed", list(reversed(ids)), size)
    assert len(first) == size <= len(ids)
    assert set(first) <= set(ids)
    assert size >= min(len(ids), least)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Three children without a flag in a wave that has ended."""
    with open_house(tmp_path, pupils=3) as opened:
        for pupil in opened.pupils:
            send(opened, pupil, best_answers(bank("chu")))
        yield opened


def test_from_the_draw_to_a_case(house: House) -> None:
    with house.client() as client:
        house.sign_in(client, "aoki")
        token = client.get("/counselor/").text.split('name="csrf" value="')[1].split('"')[0]
        school = {"csrf": token, "wave": house.wave_id, "school": house.schools["north"]}
        assert client.post("/counselor/checks", data=school).status_code == 409
        with house.runtime.work(Actor.job("close")) as work:
            close_wave(work, house.wave_id)
        assert client.post("/counselor/checks", data=school).status_code == 303
        assert client.post("/counselor/checks", data=school).status_code == 409
        with house.runtime.reading() as db:
            items = db.exec(select(CheckItem)).all()
        assert [item.propensity for item in items] == [1.0] * 3
        here = f"/counselor/checks/{items[0].id}"
        blind = client.get(here).text
        assert "<h3>機械の結果</h3>" not in blind
        assert client.post(f"{here}/case", data={"csrf": token, "urgency": "check"}).status_code == 409
        assert client.post(f"{here}/label", data={"csrf": token, "label": "sure"}).status_code == 422
        assert client.post(f"{here}/label", data={"csrf": token, "label": "care"}).status_code == 303
        assert client.post(f"{here}/label", data={"csrf": token, "label": "none"}).status_code == 409
        assert "<h3>機械の結果</h3>" in client.get(here).text
        made = client.post(f"{here}/case", data={"csrf": token, "urgency": "this_week"})
        assert made.headers["location"].startswith("/counselor/cases/")
        assert client.post(f"{here}/case", data={"csrf": token, "urgency": "check"}).status_code == 409
        page = client.get(made.headers["location"]).text
        assert "▲" in page
        assert "抜き取り確認で、人が見つけました" in page
        assert "1 / 3件" in client.get("/counselor/checks").text
        house.sign_in(client, "sato")
        assert client.get(here).status_code == 200
        with house.runtime.work(SETUP) as work:
            case = work.db.exec(select(Case)).one()
            case.owner_id, case.restricted = house.staff["sato"], True
            work.db.add(case)
        assert client.get(here).status_code == 200
        for login in ("aoki", "berg"):
            house.sign_in(client, login)
            assert client.get(here).status_code == 404, "only few know of the case it became"
    with house.runtime.reading() as db:
        assert db.exec(select(Case.urgency)).all() == ["this_week"]


def test_the_trail_has_what_is_needed_to_draw_again(house: House) -> None:
    with house.runtime.work(Actor.job("close")) as work:
        close_wave(work, house.wave_id)
    with house.client() as client:
        house.sign_in(client, "aoki")
        token = client.get("/counselor/").text.split('name="csrf" value="')[1].split('"')[0]
        data = {"csrf": token, "wave": house.wave_id, "school": house.schools["north"]}
        client.post("/counselor/checks", data=data)
    with house.runtime.reading() as db:
        line = next(one for one in audit_queries.all_entries(db) if one.kind == AuditKind.CHECK_DRAWN)
        items = db.exec(select(CheckItem).order_by(CheckItem.position)).all()
    facts = json.loads(line.facts)
    ids = [item.result_id for item in items]
    assert drawn(facts["seed"], sorted(ids), facts["size"]) == ids
