"""What is under version control: nothing of one machine, nothing unfinished, nothing huge, no code among data."""

import re
from pathlib import Path

import pytest

from tests.architecture.tree import PROJECT, text_of, tracked

# Written with one letter in brackets, so that this file does not contain what it looks for.
REGISTRIES = re.compile(r"pypi[.]org|python[h]osted|npmj[s][.]|deb[.]debia[n]")
MACHINE_PATHS = re.compile(r"(?<![\w.~])/(?:wor[k]/|far[m]/|tm[p]/kz|hom[e]/\w|User[s]/\w|roo[t]/)")
UNFINISHED = re.compile(r"\b(?:TOD[O]|FIXM[E]|XX[X]|NotImplementedErro[r])\b|mark\.(?:ski[p]|xfai[l])")
LARGEST = 1_500_000  # bytes


def found(pattern: re.Pattern[str], *suffixes: str) -> list[str]:
    return [
        f"{path}:{number}: {line.strip()[:100]}"
        for path in tracked()
        if not suffixes or path.suffix in suffixes
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_package_registry_is_named() -> None:
    assert found(REGISTRIES) == []


def test_no_path_of_one_machine() -> None:
    assert found(MACHINE_PATHS) == []


def test_nothing_is_left_unfinished() -> None:
    assert found(UNFINISHED, ".py", ".html", ".js", ".css", ".sh") == []


def test_nothing_is_huge() -> None:
    assert [path for path in tracked() if (PROJECT / path).stat().st_size > LARGEST] == []


def test_no_lock_that_names_registries() -> None:
    assert not {"uv.lock", "pylock.toml", "poetry.lock"} & {path.name for path in tracked()}


@pytest.mark.parametrize("kind", [".py", ".js", ".html", ".sh"])
def test_question_banks_hold_no_code(kind: str) -> None:
    banks = [path for path in tracked() if path.parts[0] == "question_banks"]
    assert banks
    assert [path for path in banks if path.suffix == kind] == []


def test_question_banks_name_no_python_object() -> None:
    assert found(re.compile(r"!!python|!<tag:yaml"), ".yaml") == []


def test_the_example_of_settings_is_the_only_environment_file() -> None:
    assert [path for path in tracked() if path.name.startswith(".env")] == [Path(".env.example")]
