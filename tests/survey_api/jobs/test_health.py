"""Each red state is seen, says what to do, and goes away when it is done; the open doors count and never tell."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from survey_api.audit import actions as audit_actions
from survey_api.jobs import health
from survey_api.jobs.checkpoint import write_checkpoint
from survey_api.jobs.health import Finding, State, look
from survey_api.kit.actor import Actor
from survey_api.kit.crypto import KEY_NAMES, Keyring
from survey_api.kit.keyfile import replace_key_file
from survey_api.kit.problems import Problem
from survey_api.runtime import open_runtime
from survey_api.settings import Mode, Settings
from tests.answered import answer
from tests.house import House, open_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path, after=one_is_worried) as opened:
        yield opened


def one_is_worried(house: House) -> None:
    answer(house, worried=1)


def found(house: House, key: str) -> Finding:
    return next(one for one in look(house.runtime) if one.key == key)


def sql(house: House, statement: str) -> None:
    with house.runtime.survey.write.begin() as connection:
        connection.execute(text(statement))


def backed_up(house: House) -> None:
    with house.runtime.work(Actor.job("test")) as work:
        audit_actions.note_backup(work, 1)
        audit_actions.note_drill(work, 1, "b")
    write_checkpoint(house.runtime)


def mail_waits(house: House) -> None:
    """In practice nothing leaves where nothing is set up, and that is as it should be."""
    house.clock.move(timedelta(minutes=31))
    assert found(house, "notifications").state is State.WELL
    assert "練習" in found(house, "notifications").words
    told = house.runtime.settings.model_copy(update={"smtp_host": "mail.example"})
    object.__setattr__(house.runtime, "settings", told)


def test_a_house_in_order_is_all_well(house: House) -> None:
    backed_up(house)
    assert {one.key: one.words for one in look(house.runtime) if one.state and one.key != "disk"} == {}


BREAK: dict[str, tuple[Callable[[House], object], State]] = {
    "survey_database": (lambda house: sql(house, "UPDATE alembic_version SET version_num = 'old'"), State.BAD),
    "unscored": (lambda house: (sql(house, "DELETE FROM case_events"), sql(house, "PRAGMA defer_foreign_keys=ON"),
                                sql(house, "UPDATE results SET submission_id = (SELECT max(submission_id) FROM results)")), State.BAD),
    "notifications": (lambda house: mail_waits(house), State.WORRY),
    "backup": (lambda house: house.clock.move(timedelta(days=4)), State.BAD),
    "drill": (lambda house: house.clock.move(timedelta(days=36)), State.WORRY),
    "checkpoint": (lambda house: house.clock.move(timedelta(hours=27)), State.WORRY),
    "key_file": (lambda house: os.chmod(house.runtime.settings.key_file, 0o644), State.WORRY),
    "database_files": (lambda house: os.chmod(house.runtime.settings.key_file.with_name("vault.db"), 0o644), State.WORRY),
}  # fmt: skip


@pytest.mark.parametrize("key", list(BREAK))
def test_what_breaks_is_seen_with_what_to_do(house: House, key: str) -> None:
    backed_up(house)
    assert found(house, key).state is State.WELL
    change, state = BREAK[key]
    change(house)
    seen = found(house, key)
    assert seen.state is state
    assert seen.fix
    with house.client() as client:
        house.sign_in(client, "oda")
        shown = client.get("/operator/").text
        assert seen.title in shown
        assert seen.words in shown


def test_a_full_disk_is_seen(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_free", lambda _place: 50 * 1024**2)
    assert found(house, "disk").state is State.BAD
    with house.client() as client:
        assert client.get("/ready").status_code == 503


def test_ready_follows_what_keeping_an_answer_needs(house: House) -> None:
    with house.client() as client:
        assert client.get("/ready").json() == {"status": "ready"}
        sql(house, "UPDATE alembic_version SET version_num = 'old'")
        assert client.get("/ready").status_code == 503
        assert client.get("/health").status_code == 200


def test_metrics_need_their_token_and_hold_numbers_only(house: House) -> None:
    with house.client() as client:
        assert client.get("/metrics").status_code == 404
        told = house.runtime.settings.model_copy(update={"metrics_token": SecretStr("t" * 32)})
        object.__setattr__(house.runtime, "settings", told)
        assert client.get("/metrics", headers={"authorization": "Bearer wrong"}).status_code == 404
        answered = client.get("/metrics", headers={"authorization": f"Bearer {'t' * 32}"})
        assert answered.status_code == 200
        lines = [line for line in answered.text.splitlines() if not line.startswith("#")]
        assert all(line.startswith(("kizuki_state{check=", "kizuki_value{check=")) for line in lines)
        assert all(float(line.rsplit(" ", 1)[1]) >= -1 for line in lines)


def production(folder: Path, **changed: object) -> Settings:
    return Settings(
        mode=Mode.PRODUCTION,
        survey_database_url=f"sqlite:///{folder}/survey.db",
        vault_database_url=f"sqlite:///{folder}/vault.db",
        key_file=folder / "keys.json",
        _env_file=None,
    ).model_copy(update=changed)


@pytest.mark.parametrize(
    "keys", [dict.fromkeys(KEY_NAMES, bytes(32)), dict.fromkeys(KEY_NAMES, b"kizuki" * 5 + b"xx")]
)
def test_production_refuses_placeholder_keys(tmp_path: Path, keys: dict[str, bytes]) -> None:
    replace_key_file(tmp_path / "keys.json", Keyring(keys))
    with pytest.raises(Problem, match="鍵"), open_runtime(production(tmp_path)):
        pass


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"survey_database_url": "postgresql+psycopg://kizuki:password@db/kizuki"}, "パスワード"),
        ({"vault_database_url": "postgresql+psycopg://kizuki:kizuki@db/vault"}, "パスワード"),
        ({"public_url": "https://kizuki.example.lg.jp"}, "KIZUKI_SECURE_COOKIES"),
    ],
)
def test_production_refuses_settings_of_a_first_try(
    house: House, changed: dict[str, object], said: str
) -> None:
    folder = house.runtime.settings.key_file.parent
    with open_runtime(production(folder)):
        pass
    with pytest.raises(Problem, match=said), open_runtime(production(folder, **changed)):
        pass
