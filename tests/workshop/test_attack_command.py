"""`make attack` is strict about the libraries, and says so when it could not ask anybody."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.architecture.tree import PROJECT

UNREACHED = "requests.exceptions.ConnectionError: Max retries exceeded with url: /v1/query"
MIRROR = "ERROR:pip_audit._cli:alembic: Dependency not found on PyPI and could not be audited: alembic"
FOUND = "Found 1 known vulnerability in 1 package\\nName Version ID Fix Versions"


def attack(folder: Path, said: str, status: int, tests: int = 0) -> subprocess.CompletedProcess[str]:
    """The command with a stand-in for pytest and for the auditor."""
    for name, lines in (
        ("python", f"exit {tests}"),
        ("pip-audit", f"printf '%b\\n' '{said}'\nexit {status}"),
    ):
        file = folder / name
        file.write_text(f"#!/bin/sh\n{lines}\n")
        file.chmod(0o755)
    return subprocess.run(
        ["sh", "tools/attack.sh"],
        cwd=PROJECT,
        env={**os.environ, "BIN": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("said", [UNREACHED, MIRROR])
def test_when_nobody_could_be_asked_it_says_so_and_fails(tmp_path: Path, said: str) -> None:
    done = attack(tmp_path, said, 1)
    assert done.returncode == 2
    assert "ATTACKS: repelled" in done.stdout
    assert "ADVISORIES: NOT CHECKED" in done.stdout


def test_a_known_weakness_is_shown_and_fails(tmp_path: Path) -> None:
    done = attack(tmp_path, FOUND, 1)
    assert done.returncode == 1
    assert "1 known vulnerability" in done.stdout
    assert "ADVISORIES: checked, a library has a known weakness" in done.stdout


def test_it_passes_only_when_both_halves_do(tmp_path: Path) -> None:
    assert attack(tmp_path, "No known vulnerabilities found", 0).returncode == 0
    failed = attack(tmp_path, "No known vulnerabilities found", 0, tests=1)
    assert failed.returncode == 1
    assert "ATTACKS: not every one" in failed.stdout
