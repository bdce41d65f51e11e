"""Alembic reads every revision anew for every command: here once a process, for no test writes one."""

from collections.abc import Callable, Iterator
from functools import cache

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from survey_api.cli.migrate import config_for


@cache
def revisions_of(section: str, read: Callable[[Config], ScriptDirectory]) -> ScriptDirectory:
    return read(config_for(section, "sqlite://"))


@pytest.fixture(scope="session", autouse=True)
def quick_migrations() -> Iterator[None]:
    read = ScriptDirectory.from_config
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            ScriptDirectory, "from_config", lambda config: revisions_of(config.config_ini_section, read)
        )
        yield
