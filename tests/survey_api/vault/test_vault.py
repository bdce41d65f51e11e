"""The vault: names open only with its key, pseudonyms stay, and a stolen pair of files tells no name."""

from pathlib import Path

import pytest

from survey_api.kit.actor import Actor
from survey_api.kit.keyfile import create_key_file
from survey_api.kit.problems import KeyMissing, NotFound
from survey_api.vault.cipher import PersonName, seal_person
from survey_api.vault.door import Enrolment, Vault, enrol
from tests.house import open_house


def test_the_same_pupil_keeps_the_same_pseudonym(tmp_path: Path) -> None:
    with open_house(tmp_path, pupils=3) as house:
        school = house.schools["north"]
        again = [
            Enrolment("1", school, house.pupils[1].name),
            Enrolment("new", school, PersonName("新", "人")),
        ]
        with house.runtime.vault_work(Actor.job("test")) as work:
            known = enrol(work, again)
        assert known["1"] == house.pupils[1].pseudonym
        assert house.runtime.vault.name_of(known["new"]).full == "新 人"
        assert house.runtime.vault.name_of(house.pupils[1].pseudonym) == house.pupils[1].name


def test_a_changed_name_is_rewritten_under_the_same_pseudonym(tmp_path: Path) -> None:
    with open_house(tmp_path, pupils=1) as house:
        renamed = PersonName("改姓", "花子")
        with house.runtime.vault_work(Actor.job("test")) as work:
            known = enrol(work, [Enrolment("0", house.schools["north"], renamed)])
        assert house.runtime.vault.name_of(known["0"]) == renamed


def test_neither_file_holds_a_name_and_another_key_opens_nothing(tmp_path: Path) -> None:
    with open_house(tmp_path, pupils=4) as house:
        names = [part for pupil in house.pupils for part in (pupil.name.family, pupil.name.given)]
        pseudonym = house.pupils[0].pseudonym
        stranger = Vault(house.runtime.vault_store, create_key_file(tmp_path / "other.json"))
        with pytest.raises(KeyMissing):
            stranger.name_of(pseudonym)
    for file in tmp_path.glob("*.db*"):
        raw = file.read_bytes()
        assert not [name for name in names if name.encode() in raw], file.name


def test_every_sealed_person_is_equally_long(tmp_path: Path) -> None:
    keys = create_key_file(tmp_path / "keys.json")
    wrapped = keys.new_data_key("vault_kek", "s")
    short = seal_person(keys, "s", wrapped, "p", PersonName("林", "碧"))
    long = seal_person(
        keys, "s", wrapped, "p", PersonName("勅使河原", "寿限無之介", "テシガワラ", "ジュゲムノスケ", "40")
    )
    assert len(short) == len(long)


def test_nobody_is_found_under_an_unknown_pseudonym(tmp_path: Path) -> None:
    with open_house(tmp_path, pupils=1) as house, pytest.raises(NotFound):
        house.runtime.vault.name_of("nobody")
