"""Whoever stores something under a wrapping key stores it where a rotation finds it."""

import re

import pytest

from survey_api.kit.crypto import KEY_NAMES, RENEWABLE, WRAPPING
from tests.architecture.tree import PROJECT, files, text_of

REWRAPPED = {
    "survey_api/access/sealing.py": "data keys of schools: rewrap_keys of the students room",
    "survey_api/access/second_factor.py": "one-time code secrets: rewrap_secrets there",
    "survey_api/access/steps.py": "half a sign-in, over in minutes: begun again after a rotation",
    "survey_api/access/tablet_seal.py": "key pairs of waves: rewrap_wave_keys of the submissions room",
    "survey_api/vault/cipher.py": "opens with the vault's data keys",
    "survey_api/vault/door.py": "data keys of the vault: rewrap_keys of the vault",
}
"""File that names a wrapping key → what puts its keys under a new one."""


@pytest.mark.parametrize("name", WRAPPING)
def test_only_these_files_name_a_wrapping_key(name: str) -> None:
    naming = {str(path) for path in files("survey_api") if f'"{name}"' in text_of(path)}
    assert naming <= {*REWRAPPED, "survey_api/kit/crypto.py"}


def test_nobody_takes_a_wrapping_key_itself() -> None:
    """It must go through wrap, unwrap and rewrap, which know the former and the newest."""
    taken = re.compile(r'\[\s*(?:"(?:survey|vault)_kek"|_KEK)\s*\]')
    assert [str(path) for path in files("survey_api") if taken.search(text_of(path))] == []


def test_every_key_stands_in_the_list_with_how_it_is_replaced() -> None:
    lines = [
        line.split("|") for line in text_of(PROJECT / "docs" / "keys.md").splitlines() if "| `" in line[:3]
    ]
    told = {cells[1].strip(" `"): cells[4] for cells in lines if cells[2].strip() == "key file"}
    assert set(told) == set(KEY_NAMES)
    assert all("kizuki keys rotate" in told[name] for name in WRAPPING)
    assert all(
        f"kizuki keys renew {what}" in told[name] for what, names in RENEWABLE.items() for name in names
    )
