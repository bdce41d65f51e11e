"""The locks pin and hash everything, name no host, and test what is shipped."""

import re
from pathlib import Path

import pytest

from tests.architecture.tree import files, text_of

LOCKS = files("requirements", name="*.lock")
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)((?: ;[^\\]*)?)", re.MULTILINE)


def pins(path: Path) -> set[tuple[str, str, str]]:
    """(package, version, marker) of every pin."""
    return {(name, version, marker.strip()) for name, version, marker in PIN.findall(text_of(path))}


def requested(path: Path) -> set[str]:
    lines = (line.split("#")[0].strip() for line in text_of(path).splitlines())
    names = (re.split(r"[\[<>=!~; ]", line)[0] for line in lines if line and not line.startswith("-"))
    return {name.lower() for name in names}


def test_there_are_two_locks() -> None:
    assert [path.name for path in LOCKS] == ["dev.lock", "runtime.lock"]


@pytest.mark.parametrize("path", LOCKS, ids=str)
def test_a_lock_names_no_host(path: Path) -> None:
    assert not re.findall(r".*(?:://|--index|--extra|--find-links|--trusted).*", text_of(path))


@pytest.mark.parametrize("path", LOCKS, ids=str)
def test_every_line_is_a_pin_or_a_hash(path: Path) -> None:
    for line in text_of(path).splitlines():
        assert PIN.match(line) or re.match(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$", line), line


@pytest.mark.parametrize("path", LOCKS, ids=str)
def test_everything_requested_is_locked(path: Path) -> None:
    assert requested(path.with_suffix(".in")) <= {name for name, _, _ in pins(path)}


def test_tests_run_on_the_versions_that_are_shipped() -> None:
    assert pins(Path("requirements/runtime.lock")) <= pins(Path("requirements/dev.lock"))
