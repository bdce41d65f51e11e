"""Read the retention table: the one that is shipped, or the board's own."""

from pathlib import Path

import yaml

from survey_api.kit.problems import BadInput
from survey_api.services.erasure.rules import Rule, rules_from

SHIPPED = Path(__file__).with_name("retention.yaml")


def read_table(path: Path | None = None) -> dict[str, Rule]:
    """Rules by kind. BadInput names the file and what to change."""
    file = path or SHIPPED
    try:
        rows = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as broken:
        raise BadInput(f"保存期間の表 {file} が読めません。") from broken
    return rules_from(rows, f"保存期間の表 {file.name}")
