"""Every setting stands in .env.example, with its default and what it means."""

import re

import pytest

from survey_api.settings import Settings
from tests.architecture.tree import PROJECT, text_of

EXAMPLE = PROJECT / ".env.example"
LINE = re.compile(r"^(#?)(KIZUKI_[A-Z_]+)=(.*)$")


def entries() -> list[tuple[str, str]]:
    """(line before, setting name) of each setting in the example, commented out or not."""
    lines = text_of(EXAMPLE).splitlines()
    return [
        (before, match[2])
        for before, line in zip(["", *lines], lines, strict=False)
        if (match := LINE.match(line))
    ]


def test_every_setting_is_there_once() -> None:
    assert sorted(name for _, name in entries()) == sorted(
        f"KIZUKI_{field}".upper() for field in Settings.model_fields
    )


def test_every_setting_is_explained() -> None:
    for before, name in entries():
        assert before.startswith("# "), f"{name} needs a line above it that says what it means"


def test_the_example_is_what_happens_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields:
        monkeypatch.delenv(f"KIZUKI_{field.upper()}", raising=False)
    assert Settings(_env_file=EXAMPLE) == Settings(_env_file=None)
