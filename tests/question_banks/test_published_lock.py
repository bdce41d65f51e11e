"""A version that was published never changes, and a change needs a higher number."""

from pathlib import Path

import pytest

from survey_api.services.banks.check import bank_problems
from survey_api.services.banks.rules import lock_line, read_lock, why_not_publish
from tests.house import bank
from tests.question_banks.edited_bank import copied_bank, edit

ONE, TWO = "1" * 64, "2" * 64


@pytest.mark.parametrize(
    ("version", "sha256", "allowed"),
    [(2, ONE, True), (2, TWO, False), (3, TWO, True), (1, TWO, False)],
    ids=[
        "the same again",
        "changed under the same number",
        "changed under a higher number",
        "below the newest",
    ],
)
def test_what_may_stand_under_a_version(version: int, sha256: str, allowed: bool) -> None:
    reason = why_not_publish({("chu", 2): ONE}, "chu", version, sha256)
    assert (reason is None) is allowed


def test_another_bank_does_not_matter() -> None:
    assert why_not_publish({("kou", 5): ONE}, "chu", 1, TWO) is None


def test_the_lock_reads_back_what_is_written() -> None:
    text = f"# published\n\n{lock_line('chu', 1, ONE)}\n{lock_line('chu', 2, TWO)}\n"
    assert read_lock(text) == {("chu", 1): ONE, ("chu", 2): TWO}


@pytest.mark.parametrize("line", ["chu 1", f"chu one {ONE}", "chu 1 abc", f"chu 1 {ONE}\nchu 1 {TWO}"])
def test_a_line_that_cannot_be_read_is_named(line: str) -> None:
    with pytest.raises(ValueError, match="行目"):
        read_lock(line)


def test_changing_a_published_bank_is_refused(tmp_path: Path) -> None:
    folder = copied_bank(tmp_path, "sho-low")
    loaded = bank("sho-low")
    lock = folder.parent / "PUBLISHED.lock"
    lock.write_text(lock_line("sho-low", 1, loaded.sha256) + "\n", encoding="utf-8")
    assert bank_problems(folder) == []
    edit(
        folder / "texts" / "en.yaml",
        lambda texts: texts["items"]["fun"].update(ask="Was yesterday fun?"),
    )
    assert [problem for problem in bank_problems(folder) if "公開済み" in problem]
