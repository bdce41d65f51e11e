"""The four banks as they stand: no mistakes, every subject asked, the budgets of hard rules kept."""

from typing import Any

import pytest

from scoring.key import Condition, ScoringKey
from scoring.vocabulary import Level
from survey_api.services.banks.check import problems
from survey_api.services.banks.examples import assess_example
from survey_api.services.banks.yaml_files import read_yaml
from tests.house import BANKS, bank
from tests.question_banks.edited_bank import NAMES

MOST_QUESTIONS = {"sho-low": 12, "sho-high": 20, "chu": 28, "kou": 28}
GRADES = {"sho-low": (1, 2, 3), "sho-high": (4, 5, 6), "chu": (7, 8, 9), "kou": (10, 11, 12)}
HARD = {
    "hurt-at-home", "fear-to-go-home", "hurt-and-fear", "often-hungry", "often-alone-at-night",
    "wish-today", "text-hit", "care-heavy",
}  # fmt: skip
ABOUT_DYING = {"wish-to-disappear", "disappear-nobody"}


def test_kizuki_banks_check_finds_nothing() -> None:
    assert problems(BANKS) == []


@pytest.mark.parametrize("name", NAMES)
def test_grades_and_number_of_questions(name: str) -> None:
    assert bank(name).bank.grades == GRADES[name]
    asked = bank(name).bank
    apart = {"talk_whom", "talk_when", "talk_how", "answers_ok"} & set(asked.items)
    assert asked.question_count() - len(apart) <= MOST_QUESTIONS[name]


@pytest.mark.parametrize("name", NAMES)
def test_the_hard_rules_of_each_bank(name: str) -> None:
    rules = {rule.id for rule in bank(name).scoring_key.rules if rule.level is Level.A}
    assert rules == (HARD | ABOUT_DYING if name in ("chu", "kou") else HARD)


@pytest.mark.parametrize("name", NAMES)
def test_one_answer_hard_rules_stay_within_four_in_a_hundred(name: str) -> None:
    """Even if no pupil met two of them, the shares assumed for their answers add up to at most 4 %."""
    reference = read_yaml(BANKS / name / "reference.yaml")
    single = [
        rule.when for rule in bank(name).scoring_key.rules if rule.level is Level.A and not rule.when.parts
    ]
    assert sum(_share(when, reference) for when in single) <= 0.04


def _share(when: Condition, reference: dict[str, Any]) -> float:
    if when.form == "text_hit":
        return float(reference["text_hit"])
    return float(sum(reference["items"][when.item][code] for code in when.codes))


@pytest.mark.parametrize("name", NAMES)
def test_a_younger_child_is_never_asked_about_dying(name: str) -> None:
    assert ("disappear" in bank(name).bank.items) == (name in ("chu", "kou"))


@pytest.mark.parametrize("name", NAMES)
def test_every_worked_child_scores_the_same_twice(name: str) -> None:
    examples = read_yaml(BANKS / name / "examples.yaml")
    for example in examples:
        first, second = assess_example(bank(name), example), assess_example(bank(name), example)
        assert first.to_bytes() == second.to_bytes()


@pytest.mark.parametrize("name", ["chu", "kou"])
def test_a_reverse_pair_and_reverse_keyed_items_exist_for_older_pupils(name: str) -> None:
    key: ScoringKey = bank(name).scoring_key
    assert key.reverse_pairs
    assert sum(item.reverse_keyed for item in key.items.values()) >= 3


@pytest.mark.parametrize("name", NAMES)
def test_no_worked_child_is_about_a_real_one(name: str) -> None:
    """Worked children have no names of people, only what they carry."""
    for example in read_yaml(BANKS / name / "examples.yaml"):
        assert "さん" not in example["name"]
        assert "くん" not in example["name"]
