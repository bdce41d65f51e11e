"""HOW-SCORED.md: generated, current, and enough to score a sheet with a pencil."""

from pathlib import Path

import pytest

from survey_api.services.banks.check import bank_problems
from survey_api.services.banks.handbook import handbook
from survey_api.services.banks.yaml_files import read_yaml
from tests.house import BANKS, bank
from tests.question_banks.edited_bank import NAMES, copied_bank


def page(name: str) -> str:
    return handbook(bank(name), read_yaml(BANKS / name / "examples.yaml"))


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_page_is_current(name: str) -> None:
    assert (BANKS / name / "HOW-SCORED.md").read_text(encoding="utf-8") == page(name)


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_item_and_worked_child_stands_on_the_page(name: str) -> None:
    text, key = page(name), bank(name).scoring_key
    words = bank(name).texts["ja"]
    assert all(f"| {rule.id} |" in text for rule in key.rules)
    assert all(words["reasons"][rule.because] in text for rule in key.rules)
    assert all(words["items"][item]["short"] in text for item in key.items)
    assert all(example["name"] in text for example in read_yaml(BANKS / name / "examples.yaml"))


def test_points_and_levels_are_printed_as_they_are_declared() -> None:
    text = page("chu")
    assert "0日=4、1〜3日=3、4〜7日=2、8〜11日=1、12〜14日=0" in text  # rested, reverse-keyed
    assert (
        "1時間未満=0、1時間以上3時間未満=3、3時間以上7時間未満=6、7時間以上=9" in text
    )  # care hours, weight 3


def test_the_page_never_calls_a_child_safe_or_dangerous() -> None:
    for name in NAMES:
        assert "安全を意味しません" in page(name)
        assert "危険な子" not in page(name)


def test_an_old_page_is_a_mistake(tmp_path: Path) -> None:
    folder = copied_bank(tmp_path, "sho-low")
    (folder / "HOW-SCORED.md").write_text("old\n", encoding="utf-8")
    assert any("古くなっています" in problem for problem in bank_problems(folder))
