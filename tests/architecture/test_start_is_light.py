"""The service starts without the numeric libraries: they cost seconds and memory and serve releases only."""

import subprocess
import sys

from tests.architecture.tree import PROJECT

HEAVY = ("numpy", "pandas", "scipy", "sklearn", "sudachipy")


def test_the_web_path_loads_no_numeric_library() -> None:
    script = f"import sys, survey_ui.app; print(*sorted(set(sys.modules) & set({HEAVY!r})))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
