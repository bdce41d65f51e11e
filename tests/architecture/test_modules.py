"""How a module is laid out: packages are one sentence, imports stand at the top, scoring stands alone."""

import ast
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, files, parsed

LATE_IMPORTS = {
    "scoring/cluster.py": "Dask: loaded when a frame is spread, after the threads are pinned",
    "survey_api/access/passwords.py": "the list of leaked passwords: loaded when somebody sets one",
    "survey_api/cli/banks.py": "the simulator: loaded when norms are written",
    "survey_api/cli/rescore.py": "pandas: loaded by this command only",
    "survey_api/jobs/health.py": "alembic: needed once, for the newest revision",
    "survey_api/services/insights/bounds.py": "numpy and scipy: loaded by the release job, never at start",
    "survey_api/services/banks/phrases.py": "the phrase model: loaded when a bank is published",
    "scoring/morphology.py": "the dictionary of Japanese forms: loaded when the first text comes",
    "survey_api/cli/lab.py": "numpy, pandas, scikit-learn: loaded by its own commands only",
    "survey_api/cli/practice.py": "the simulator and what it needs: loaded by its own commands only",
}
"""File → why some of its imports stand inside a function."""

BATCH_ONLY = {
    Path("scoring") / name
    for name in (
        "batch.py",
        "batch_columns.py",
        "batch_context.py",
        "batch_quality.py",
        "batch_rules.py",
        "batch_sums.py",
        "cluster.py",
    )
}
BORROWED = {"scoring/morphology.py": {"sudachipy"}}
"""What a file of living scoring may use beyond the standard library, and must be able to do without."""


def living_scoring() -> list[Path]:
    return [path for path in files("scoring") if "lab" not in path.parts and path not in BATCH_ONLY]


@pytest.mark.parametrize("path", files(*PACKAGES, name="__init__.py"), ids=str)
def test_a_package_is_one_sentence(path: Path) -> None:
    body = parsed(path).body
    assert len(body) == 1
    sentence = ast.get_docstring(parsed(path))
    assert sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.parametrize("path", files(*PACKAGES), ids=str)
def test_a_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(parsed(path))


def has_late_imports(path: Path) -> bool:
    functions = (
        node for node in ast.walk(parsed(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return any(
        isinstance(node, ast.Import | ast.ImportFrom) for function in functions for node in ast.walk(function)
    )


def test_imports_stand_at_the_top() -> None:
    assert {str(path) for path in files(*PACKAGES) if has_late_imports(path)} == set(LATE_IMPORTS)


@pytest.mark.parametrize("path", living_scoring(), ids=str)
def test_living_scoring_needs_the_standard_library_only(path: Path) -> None:
    roots = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            roots |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            roots.add((node.module or "").partition(".")[0])
    assert roots <= sys.stdlib_module_names | {"scoring"} | BORROWED.get(str(path), set())
