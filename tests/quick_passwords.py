"""Passwords are hashed by the real function at the least cost: a third of the suite's time was argon2id.

The service's own cost is the subject of tests/survey_api/access/test_passwords.py, which puts it back.
"""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from survey_api.access import passwords

OWN_COST = {"_HASHER": passwords._HASHER, "_NOBODY": passwords._NOBODY}
_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", _QUICK)
        patch.setattr(passwords, "_NOBODY", _QUICK.hash("nobody signs in with this"))
        yield


@pytest.fixture
def own_password_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cost of the service itself, for one test."""
    for name, value in OWN_COST.items():
        monkeypatch.setattr(passwords, name, value)
