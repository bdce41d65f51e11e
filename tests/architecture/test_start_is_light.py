"""The service starts without the numeric libraries, which serve releases only, and with every route built."""

import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from tests.architecture.tree import PROJECT
from tests.house import open_house

HEAVY = ("numpy", "pandas", "scipy", "sklearn", "sudachipy")


def test_the_web_path_loads_no_numeric_library() -> None:
    script = f"import sys, survey_ui.app; print(*sorted(set(sys.modules) & set({HEAVY!r})))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


def test_the_first_request_builds_no_route(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Building one silences warnings of the whole process: beside other requests that goes wrong now and then."""

    def built_late(*_: object, **__: object) -> None:
        raise AssertionError("a route was built by a request; build_routes builds them at start")

    with open_house(tmp_path) as house, house.client() as client:
        monkeypatch.setattr(warnings, "catch_warnings", built_late)
        assert client.get("/").status_code == 200
        assert client.get("/signin").status_code == 200
