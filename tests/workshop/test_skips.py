"""A skipped test is named at the end of the run, and is a failure where everything must run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
SKIPS_IN_A_TEST = """
import pytest

@pytest.fixture
def machine():
    pytest.skip("no such machine here")

def test_on_the_machine(machine):
    pass

def test_anywhere():
    pass
"""
SKIPS_A_FILE = "import pytest\npytest.skip('no such machine here', allow_module_level=True)\n"


def run_pytest(script: Path, require_all: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "tests.conftest",
            "--rootdir",
            str(script.parent),
            str(script),
        ],
        env={**os.environ, "KIZUKI_REQUIRE_ALL": require_all},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(params=[SKIPS_IN_A_TEST, SKIPS_A_FILE], ids=["in a test", "a whole file"])
def script(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "test_machine.py"
    path.write_text(request.param)
    return path


def test_a_skip_is_said_plainly_before_the_closing_line(script: Path) -> None:
    lines = run_pytest(script, "").stdout.strip().splitlines()
    assert "NOT RUN on this machine: 1 tests, no such machine here" in lines
    assert "1 skipped" in lines[-1]


def test_a_skip_is_a_failure_where_everything_must_run(script: Path) -> None:
    done = run_pytest(script, "1")
    assert done.returncode != 0
    assert "KIZUKI_REQUIRE_ALL is set: no such machine here" in done.stdout
    assert "skipped" not in done.stdout.splitlines()[-1]
