"""What an item takes for an answer, and why it refuses anything else."""

import pytest

from survey_api.services.banks.bank import Item
from tests.house import bank

CASES = [
    ("hungry", "d0", None),
    ("hungry", "declined", None),
    ("hungry", "dont_know", None),
    ("hungry", "D0", "unknown_option"),
    ("hungry", ["d0"], "wrong_type"),
    ("hungry", 0, "wrong_type"),
    ("care_tasks", ["cook", "wash"], None),
    ("care_tasks", "declined", None),
    ("care_tasks", "cook", "wrong_type"),
    ("care_tasks", [], "empty"),
    ("care_tasks", ["cook", "cook"], "repeated_option"),
    ("care_tasks", ["cook", "none"], "exclusive_with_others"),
    ("care_tasks", ["cook", 3], "unknown_option"),
    ("care_tasks", ["declined"], "unknown_option"),
    ("free_text", "きいて ください", None),
    ("free_text", "x" * 400, None),
    ("free_text", "x" * 401, "too_long"),
    ("free_text", ["x"], "wrong_type"),
    ("free_text", None, "wrong_type"),
]


@pytest.mark.parametrize(("item", "value", "reason"), CASES)
def test_a_value_is_taken_or_refused_with_a_reason(item: str, value: object, reason: str | None) -> None:
    asked: Item = bank("chu").bank.items[item]
    assert asked.refuses(value) == reason
