"""Where keys come from: a file in clear, a file under a passphrase, the environment; and how they are replaced."""

from pathlib import Path

import pyotp
import pytest
from pydantic import SecretStr
from sqlmodel import select

from survey_api.access import second_factor, tablet_seal
from survey_api.cli import keys as keys_cli
from survey_api.cli.keys import rewrap_all, rotate_now
from survey_api.journeys import rotate_keys
from survey_api.kit.actor import Actor
from survey_api.kit.crypto import WRAPPING
from survey_api.kit.keyfile import create_key_file, read_key_file, read_keys, replace_key_file, text_of
from survey_api.kit.problems import KeyMissing, Problem
from survey_api.runtime import keyring_for, open_runtime
from survey_api.services.submissions import actions as submissions_actions
from survey_api.services.submissions import queries as submissions_queries
from survey_api.settings import Settings
from survey_api.tables.schools import School
from survey_api.tables.staff import Staff
from survey_api.tables.submissions import Submission
from survey_api.vault.cipher import PersonName
from survey_api.vault.door import Enrolment, enrol
from tests.answered import answer
from tests.house import House, open_house

PHRASE = "雪の朝 と 三つの 灯り"


def test_a_sealed_file_shows_no_key_and_opens_with_its_passphrase_only(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    keys = create_key_file(path, PHRASE)
    plain = text_of(keys)
    assert not [line for line in plain.splitlines() if "=" in line and line.split('"')[3] in path.read_text()]
    assert read_key_file(path, PHRASE) == keys
    with pytest.raises(KeyMissing, match="KIZUKI_KEY_PASSPHRASE"):
        read_key_file(path)
    with pytest.raises(KeyMissing, match="合言葉がちがう"):
        read_key_file(path, PHRASE + "x")


def test_keys_come_from_the_environment_without_any_file(tmp_path: Path) -> None:
    keys = create_key_file(tmp_path / "keys.json")
    for phrase in ("", PHRASE):
        settings = Settings(
            keys=SecretStr(text_of(keys, phrase)),
            key_passphrase=SecretStr(phrase),
            key_file=tmp_path / "absent.json",
            _env_file=None,
        )
        assert keyring_for(settings) == keys
        assert repr(settings).count(text_of(keys)) == 0
    with pytest.raises(KeyMissing, match="KIZUKI_KEYS"):
        read_keys("{}", "", "KIZUKI_KEYS")


def settings_of(folder: Path) -> Settings:
    return Settings(
        survey_database_url=f"sqlite:///{folder}/survey.db",
        vault_database_url=f"sqlite:///{folder}/vault.db",
        key_file=folder / "keys.json",
        checkpoint_folder=folder / "checkpoints",
        _env_file=None,
    )


def sealed_to_a_wave(house: House) -> str:
    """A wave's key pair for tablets, made; its id."""
    with house.runtime.work(Actor.job("test")) as work:
        submissions_actions.add_wave_key(work, house.wave_id)
        pair = submissions_queries.wave_key(work.db, house.wave_id)
    assert pair is not None
    return pair.id


def readable(folder: Path) -> tuple[int, str]:
    """(answers that open, one name) with what lies in the folder now, read by a service that starts now."""
    with open_runtime(settings_of(folder)) as runtime, runtime.reading() as db:
        rows = db.exec(select(Submission)).all()
        opened = [submissions_queries.sealed_answers(db, runtime.keys, row)["answers"] for row in rows]
        return len([one for one in opened if one]), runtime.vault.name_of(rows[0].pseudonym).family


def test_rotation_leaves_everything_readable_and_the_former_keys_open_nothing(tmp_path: Path) -> None:
    with open_house(tmp_path) as house:
        answer(house, worried=2)
        old = house.runtime.keys
        assert rotate_now(settings_of(tmp_path)) >= 3  # two schools, one vault key
        # the service that was running all the time goes on, also with schools it had not opened before
        with house.runtime.vault_work(Actor.job("test")) as work:
            known = enrol(work, [Enrolment("later", house.schools["south"], PersonName("後", "来"))])
        assert house.runtime.vault.name_of(known["later"]).full == "後 来"
    assert readable(tmp_path)[1] == "架空"
    new = read_key_file(tmp_path / "keys.json")
    assert not new.former
    assert all(new[name] != old[name] for name in WRAPPING)
    assert {name for name in old.keys if old[name] == new[name]} == set(old.keys) - set(WRAPPING)
    with open_runtime(settings_of(tmp_path)) as runtime, runtime.reading() as db:
        for school in db.exec(select(School)).all():
            with pytest.raises(KeyMissing):
                type(old)(old.keys).data_key("survey_kek", school.id, school.wrapped_key)


@pytest.mark.parametrize("where", ["after the file", "after the vault"])
def test_an_interrupted_rotation_is_finished_by_the_same_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    with open_house(tmp_path) as house:
        answer(house, worried=1)
        pair = sealed_to_a_wave(house)
        with house.runtime.work(Actor.job("test")) as work:
            aoki = work.db.get_one(Staff, house.staff["aoki"])
            secret = second_factor.new_secret()
            code = pyotp.TOTP(secret).at(work.now)
            assert second_factor.confirm_totp(work, aoki, secret, code)
    before = readable(tmp_path)

    class PowerCut(Exception):  # noqa: N818
        pass

    def cut(*_: object) -> int:
        raise PowerCut

    with monkeypatch.context() as patched:
        if where == "after the file":
            patched.setattr(keys_cli, "rewrap_all", cut)
        else:
            patched.setattr(rotate_keys.students_actions, "rewrap_keys", cut)
        with pytest.raises(PowerCut):
            rotate_now(settings_of(tmp_path))
    half = read_key_file(tmp_path / "keys.json")
    assert half.former
    assert readable(tmp_path) == before, "in the middle everything opens"
    assert rotate_now(settings_of(tmp_path)) > 0
    assert read_key_file(tmp_path / "keys.json")["vault_kek"] == half["vault_kek"], (
        "the same rotation goes on"
    )
    assert readable(tmp_path) == before
    with open_runtime(settings_of(tmp_path)) as runtime, runtime.reading() as db:
        assert rewrap_all(runtime) == 0
        kept = submissions_queries.wave_key_by_id(db, pair)
        assert second_factor.totp_secret(runtime.keys, db.get_one(Staff, aoki.id)) == secret
        assert tablet_seal.rewrapped(runtime.keys, pair, kept.sealed_private) is None


def test_keys_from_the_environment_are_not_rotated(tmp_path: Path) -> None:
    keys = create_key_file(tmp_path / "keys.json")
    settings = settings_of(tmp_path).model_copy(update={"keys": SecretStr(text_of(keys))})
    with pytest.raises(Problem, match="KIZUKI_KEYS"):
        rotate_now(settings)


def test_replacing_the_file_keeps_it_private(tmp_path: Path) -> None:
    keys = create_key_file(tmp_path / "keys.json")
    replace_key_file(tmp_path / "keys.json", keys, PHRASE)
    assert (tmp_path / "keys.json").stat().st_mode & 0o077 == 0
    assert read_key_file(tmp_path / "keys.json", PHRASE) == keys
