"""The first command on a new machine: what can be done is listed, and what is missing is one sentence."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
SENTENCE = re.compile(r"^[A-Z/].* (?:make|again)\b.*\.$")


@pytest.fixture
def bare_machine(tmp_path: Path) -> Path:
    """A folder of programs as a new machine has them: a shell's tools and no Python."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for tool in ("sh", "rm", "mkdir", "awk"):
        found = shutil.which(tool)
        assert found is not None
        (programs / tool).symlink_to(found)
    return programs


def set_up(programs: Path) -> subprocess.CompletedProcess[str]:
    """Run the set-up in an empty folder with nothing but those programs."""
    empty = programs.parent / "checkout"
    empty.mkdir()
    return subprocess.run(
        ["/bin/sh", str(PROJECT / "tools" / "environment.sh"), "requirements/runtime.lock"],
        cwd=empty,
        env={"PATH": str(programs)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_bare_make_lists_every_target() -> None:
    makefile = (PROJECT / "Makefile").read_text()
    targets = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert targets is not None
    environment = {
        name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL")
    }
    listing = subprocess.run(
        ["make"], cwd=PROJECT, env=environment, capture_output=True, text=True, check=True
    )
    assert [line.split()[1] for line in listing.stdout.splitlines()] == targets[1].split()


def test_without_python_one_sentence_says_what_to_do(bare_machine: Path) -> None:
    done = set_up(bare_machine)
    assert done.returncode == 1
    assert done.stderr.startswith("Kizuki needs Python 3.11 or newer and found none")
    assert SENTENCE.match(done.stderr)
    assert not (bare_machine.parent / "checkout" / ".venv").exists()


def test_an_old_python_is_not_taken(bare_machine: Path) -> None:
    (bare_machine / "python3").write_text("#!/bin/sh\nexit 1\n")
    (bare_machine / "python3").chmod(0o755)
    assert "found none" in set_up(bare_machine).stderr


def test_a_python_without_venv_is_named_with_its_remedy(bare_machine: Path) -> None:
    stripped = bare_machine / "python3"
    stripped.write_text('#!/bin/sh\ncase "$2" in *ensurepip*) exit 1 ;; esac\necho /usr/bin/python3\n')
    stripped.chmod(0o755)
    done = set_up(bare_machine)
    assert done.returncode == 1
    assert "sudo apt install python3-venv" in done.stderr
    assert SENTENCE.match(done.stderr)
