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


def run_pytest(folder: Path, require_all: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "tests.skips",
            "--rootdir",
            str(folder),
            "--continue-on-collection-errors",
            str(folder),
        ],
        env={**os.environ, "KIZUKI_REQUIRE_ALL": require_all, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("skips")
    (folder / "test_machine.py").write_text(SKIPS_IN_A_TEST)
    (folder / "test_file.py").write_text(SKIPS_A_FILE)
    return folder


def test_a_skip_is_said_plainly_before_the_closing_line(scripts: Path) -> None:
    lines = run_pytest(scripts, "").stdout.strip().splitlines()
    assert "NOT RUN on this machine: 2 tests, no such machine here" in lines
    assert "2 skipped" in lines[-1]


def test_a_skip_is_a_failure_where_everything_must_run(scripts: Path) -> None:
    done = run_pytest(scripts, "1")
    assert done.returncode != 0
    assert done.stdout.count("KIZUKI_REQUIRE_ALL is set: no such machine here") >= 2
    assert "skipped" not in done.stdout.splitlines()[-1]
