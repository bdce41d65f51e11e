"""Which passwords are taken, and how they are kept."""

import pytest

from survey_api.access import passwords
from survey_api.access.passwords import hash_password, verify_password
from survey_api.kit.problems import BadInput


@pytest.mark.parametrize(
    "common",
    [
        "password1234",
        "PASSWORD123456",
        "123456789012",
        "qwertyuiopas",
        "aaaaaaaaaaaa",
        "kizukikizuki",
        "iloveyou1234",
    ],
)
def test_what_everybody_tries_first_is_refused(common: str) -> None:
    with pytest.raises(BadInput, match="よく使われる"):
        hash_password(common)


@pytest.mark.parametrize(
    "own",
    [
        "correct horse battery staple",
        "ふゆのゆざわは雪がふかい",
        "tulip anchor motor",
        "x" * 3 + "ひみつの合言葉です9q",
        "長い" + "ことばをつなげて" * 12,
    ],
)
def test_words_of_one_s_own_are_taken_whatever_they_are_made_of(own: str) -> None:
    assert verify_password(hash_password(own), own)


@pytest.mark.parametrize("length", [0, 11, 129])
def test_the_length_is_all_that_is_asked_otherwise(length: int) -> None:
    with pytest.raises(BadInput, match="12文字以上128文字以内"):
        hash_password("ゆ" * length)


@pytest.mark.usefixtures("own_password_cost")
def test_a_password_is_kept_by_argon2id_with_these_costs() -> None:
    assert hash_password("correct horse battery staple").startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert passwords._AT_ONCE._value <= 4  # type: ignore[attr-defined]


@pytest.mark.usefixtures("own_password_cost")
def test_an_unknown_name_costs_the_same_work(monkeypatch: pytest.MonkeyPatch) -> None:
    worked: list[str] = []

    class Counting:
        def verify(self, stored: str, password: str) -> bool:
            worked.append(stored)
            return passwords.PasswordHasher().verify(stored, password)

    monkeypatch.setattr(passwords, "_HASHER", Counting())
    assert not verify_password(None, "x" * 20)
    assert not verify_password(passwords.UNSET, "x" * 20)
    assert [stored.split("$")[3] for stored in worked] == ["m=65536,t=3,p=1"] * 2
