"""Practice and real data never meet: no house is emptied or mixed, and one click puts the invented city back."""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from survey_api.audit import chain
from survey_api.audit import queries as audit_queries
from survey_api.cli import practice
from survey_api.cli.migrate import upgrade_both
from survey_api.kit.problems import NotFound, Problem
from survey_api.practice.start_over import folder_of, keep_start, start_over
from survey_api.runtime import INVENTED_BY, open_runtime
from survey_api.settings import Mode, Settings
from survey_api.tables.audit import AuditEntry
from survey_api.vocabulary import AuditKind
from tests.house import House, open_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path, pupils=1) as opened:
        yield opened


def settings_of(folder: Path, mode: Mode = Mode.PRACTICE) -> Settings:
    return Settings(
        mode=mode,
        survey_database_url=f"sqlite:///{folder}/survey.db",
        vault_database_url=f"sqlite:///{folder}/vault.db",
        key_file=folder / "keys.json",
        checkpoint_folder=folder / "checkpoints",
        _env_file=None,
    )


def trail_of(house: House) -> list[AuditEntry]:
    with house.runtime.reading() as db:
        return list(audit_queries.all_entries(db))


def test_practice_mode_never_empties_or_opens_a_house_that_people_use(house: House, tmp_path: Path) -> None:
    before = trail_of(house)
    with pytest.raises(Problem, match="練習用ではありません"):
        practice.load_once(settings_of(tmp_path))
    assert trail_of(house) == before
    with sqlite3.connect(tmp_path / "survey.db") as db:
        assert db.execute("SELECT count(*) FROM schools").fetchone() == (2,)


def test_production_refuses_the_databases_of_the_invented_city(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    upgrade_both(settings)
    with open_runtime(settings) as runtime, runtime.work(INVENTED_BY) as work:
        from survey_api.audit import trail

        trail.record(work, AuditKind.WAVE_CLOSED, "wave", "1")
    with pytest.raises(Problem, match="架空の市"), open_runtime(settings_of(tmp_path, Mode.PRODUCTION)):
        pass


@pytest.mark.postgres
def test_one_click_puts_the_city_back_on_a_server_too(tmp_path: Path, postgres_urls: tuple[str, str]) -> None:
    with open_house(tmp_path, pupils=1, urls=postgres_urls) as house:
        one_click_puts_it_back(house, tmp_path)
        (folder_of(house.runtime.settings) / "survey" / "revision").write_text("older")
        with pytest.raises(Problem, match="前の版のもの"):
            start_over(house.runtime, replace(INVENTED_BY, grants=frozenset({("operator", None)})))


def test_one_click_puts_the_city_back_and_signs_everybody_out(house: House, tmp_path: Path) -> None:
    one_click_puts_it_back(house, tmp_path)


def one_click_puts_it_back(house: House, tmp_path: Path) -> None:
    keep_start(house.runtime)
    begun = trail_of(house)
    with house.client() as client:
        house.sign_in(client, "oda")
        home = client.get("/operator/").text
        assert "練習の市を元にもどす" in home
        token = re.search(r'name="csrf" value="([0-9a-f]+)"', home)
        assert token is not None
        (tmp_path / "checkpoints").mkdir(exist_ok=True)
        (tmp_path / "checkpoints" / "later.checkpoint").write_text("a note of the training")
        assert client.post("/practice/reset", data={"csrf": "0" * 32}).status_code == 403
        answer = client.post("/practice/reset", data={"csrf": token[1]})
        assert answer.headers["location"].startswith("/signin")
        assert client.get("/operator/").headers["location"].startswith("/signin")
        house.sign_in(client, "oda")
    lines = trail_of(house)
    assert lines[: len(begun)] == begun
    assert lines[len(begun)].kind == AuditKind.PRACTICE_RESET
    with house.runtime.reading() as db:
        assert chain.verify(audit_queries.all_entries(db), ()).broken_at is None
    assert list((tmp_path / "checkpoints").iterdir()) == []


def test_who_may_not_has_no_button_and_no_door(house: House) -> None:
    keep_start(house.runtime)
    with house.client() as client:
        house.sign_in(client, "aoki")
        page = client.get("/counselor/").text
        assert "練習モード" in page
        assert "元にもどす" not in page
        assert "ほんとうの アンケートでは ありません" in client.get("/t").text
        token = page.split('name="csrf" value="')[1].split('"')[0]
        assert client.post("/practice/reset", data={"csrf": token}).status_code == 403


def test_nothing_is_put_back_in_production_or_under_other_keys(house: House) -> None:
    operator = replace(INVENTED_BY, grants=frozenset({("operator", None)}))
    keep_start(house.runtime)
    real = replace(
        house.runtime, settings=house.runtime.settings.model_copy(update={"mode": Mode.PRODUCTION})
    )
    with pytest.raises(NotFound):
        start_over(real, operator)
    (folder_of(house.runtime.settings) / "keys.sha256").write_text("others")
    with pytest.raises(Problem, match="鍵を替えた"):
        start_over(house.runtime, operator)
