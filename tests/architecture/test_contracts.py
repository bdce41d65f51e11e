"""The import contracts hold, and each of them breaks when its law is broken."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = ("survey_ui", "survey_api", "scoring")
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


@dataclass(frozen=True)
class Plant:
    """A line added to a file, the contract it breaks, and what the report must then say."""

    contract: str
    file: str
    line: str
    said: str


PLANTS = [
    Plant("cake", "survey_api/kit/ids.py", "import survey_ui.shell", "survey_api.kit.ids -> survey_ui.shell"),
    Plant("cake", "scoring/key.py", "import survey_api.kit", "scoring.key -> survey_api.kit"),
    Plant("service-floors", "survey_api/tables/waves.py", "import survey_api.audit.trail", "tables.waves -> survey_api.audit.trail"),
    Plant("service-floors", "survey_api/services/review/rules.py", "import survey_api.settings", "review.rules -> survey_api.settings"),
    Plant("service-floors", "survey_api/jobs/registry.py", "import survey_api.web", "jobs.registry -> survey_api.web"),
    Plant("service-floors", "survey_api/attic/__init__.py", "", "attic"),
    Plant("rooms-apart", "survey_api/services/review/queries.py", "import survey_api.services.waves", "review.queries -> survey_api.services.waves"),
    Plant("rooms-apart", "survey_api/services/cellar/__init__.py", "", "cellar"),
    Plant("journeys-apart", "survey_api/journeys/save_answers.py", "import survey_api.journeys.start_submission", "save_answers -> survey_api.journeys.start_submission"),
    Plant("ui-floors", "survey_ui/student/__init__.py", "import survey_ui.signin", "survey_ui.student -> survey_ui.signin"),
    Plant("ui-floors", "survey_ui/shell/forms.py", "import survey_ui.office", "survey_ui.shell.forms -> survey_ui.office"),
    Plant("scoring-floors", "scoring/key.py", "import scoring.flags", "scoring.key -> scoring.flags"),
    Plant("scoring-floors", "scoring/horoscope.py", "", "horoscope"),
    Plant("scoring-pure", "scoring/bands.py", "import pandas", "scoring.bands -> pandas"),
    Plant("rules-pure", "survey_api/services/results/rules.py", "import survey_api.tables.results", "results.rules -> survey_api.tables.results"),
    Plant("rules-pure", "survey_api/access/policy.py", "import sqlmodel", "access.policy -> sqlmodel"),
    Plant("web-at-the-door", "survey_api/services/waves/__init__.py", "import fastapi", "services.waves -> fastapi"),
    Plant("vault", "survey_api/journeys/finish_submission.py", "import survey_api.vault.door", "finish_submission -> survey_api.vault.door"),
    Plant("rules-pure", "survey_api/services/insights/disclosure.py", "import survey_api.tables.results", "insights.disclosure -> survey_api.tables.results"),
    Plant("raw-counts", "survey_ui/welfare/__init__.py", "import survey_api.services.insights.queries", "survey_ui.welfare -> survey_api.services.insights.queries"),
    Plant("answers-for-the-desk", "survey_ui/office/__init__.py", "import survey_api.services.results", "survey_ui.office -> survey_api.services.results"),
    Plant("lab", "survey_api/web/cookies.py", "import scoring.lab", "survey_api.web.cookies -> scoring.lab"),
    Plant("no-circles", "survey_api/kit/clock.py", "import survey_api.kit.work", "No cycles are allowed"),
]  # fmt: skip


def entries() -> list[dict[str, Any]]:
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    return list(settings["tool"]["importlinter"]["contracts"])


def contracts() -> dict[str, str]:
    """Contract id → its name, as the report prints it."""
    return {entry["id"]: entry["name"] for entry in entries()}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache"],
        cwd=folder,
        env={**os.environ, "COLUMNS": "200"},  # so that no line of the report is broken in two
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A copy of the tree with every violation planted: contract name → what the report says about it."""
    folder = tmp_path_factory.mktemp("planted")
    shutil.copy(PROJECT / "pyproject.toml", folder)
    for package in PACKAGES:
        shutil.copytree(PROJECT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    for plant in PLANTS:
        path = folder / plant.file
        path.parent.mkdir(exist_ok=True)
        with path.open("a") as file:
            file.write(f"\n{plant.line}\n")
    return sections(lint(folder).stdout)


def sections(report: str) -> dict[str, str]:
    """What stands under each underlined heading of the report."""
    parts = re.split(r"^(.+)\n-+\n", report, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_contract_is_kept() -> None:
    done = lint(PROJECT)
    assert done.returncode == 0, done.stdout


def test_every_contract_has_a_planted_violation() -> None:
    assert {plant.contract for plant in PLANTS} == set(contracts())


def test_all_living_scoring_is_kept_pure() -> None:
    """A new module of scoring is either listed, or it belongs to the lab or the batch."""
    listed = next(entry for entry in entries() if entry["id"] == "scoring-pure")["source_modules"]
    living = {f"scoring.{path.stem}" for path in (PROJECT / "scoring").glob("*.py")}
    assert set(listed) == living - {
        "scoring.__init__",
        "scoring.batch",
        "scoring.batch_columns",
        "scoring.batch_context",
        "scoring.batch_quality",
        "scoring.batch_rules",
        "scoring.batch_sums",
        "scoring.cluster",
    }


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: f"{plant.contract}: {plant.file}")
def test_a_violation_breaks_its_contract(plant: Plant, broken: dict[str, str]) -> None:
    assert plant.said in broken.get(contracts()[plant.contract], "not broken")
