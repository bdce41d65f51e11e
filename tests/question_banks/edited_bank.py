"""A copy of the real banks in a temporary folder, to be broken on purpose."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from scoring.seal import SEAL, seal_of
from tests.house import BANKS

Change = Callable[[dict[str, Any]], object]
NAMES = ("sho-low", "sho-high", "chu", "kou")


def copied_bank(tmp_path: Path, name: str = "chu") -> Path:
    """One bank with everything it shares, safe to change."""
    root = tmp_path / "question_banks"
    shutil.copytree(
        BANKS, root, ignore=lambda _, names: [other for other in NAMES if other in names and other != name]
    )
    return root / name


def edit(path: Path, change: Change) -> None:
    """Change one YAML file through its data; points are sealed again, so that only the change itself is wrong."""
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    change(data)
    if path.name == "scoring.yaml" and SEAL in data.get("model", {}):
        data["model"][SEAL] = seal_of(data["model"])
    text = yaml.dump(data, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False)
    path.write_text(text, encoding="utf-8")
