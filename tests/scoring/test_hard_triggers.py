"""What a hard rule must look at in every bank, what every rule must say of itself, and the one neutral check."""

from pathlib import Path

import pytest
import yaml

from scoring.parse_condition import conditions_in
from scoring.vocabulary import Level
from tests.scoring.real_sheets import BANKS, KEYS, NAMES

EVERYWHERE = {
    "hurt-at-home": ({"home_hit"}, "safety"),
    "fear-to-go-home": ({"home_fear"}, "safety"),
    "often-hungry": ({"hungry"}, "neglect"),
    "often-alone-at-night": ({"night_alone"}, "neglect"),
    "wish-today": ({"wish_talk"}, "wish"),
    "text-hit": ({"free_text"}, "text"),
}
CARE = {
    "sho-low": frozenset({"care_daily", "bedtime"}),
    **dict.fromkeys(
        ("sho-high", "chu", "kou"), frozenset({"care_tasks", "care_days", "care_hours", "care_giveup"})
    ),
}
"""小1–3 are not asked for hours: daily care that keeps from sleep stands for them."""
ASKED_ABOUT_SELF_HARM = ("chu", "kou")
"""Younger children are not asked; their own words about it are a hard trigger like any other hit."""


def looks_at(name: str, rule_id: str) -> set[str]:
    (rule,) = [rule for rule in KEYS[name].rules if rule.id == rule_id]
    assert (rule.level, rule.urgency, rule.active) == (Level.A, "today", True)
    return {part.item for part in conditions_in(rule.when) if not part.parts}


@pytest.mark.parametrize("name", NAMES)
def test_every_hard_trigger_stands_in_every_bank(name: str) -> None:
    for rule_id, (items, concern) in EVERYWHERE.items():
        assert looks_at(name, rule_id) == items, rule_id
        assert next(rule.concern for rule in KEYS[name].rules if rule.id == rule_id) == concern
    assert looks_at(name, "care-heavy") == CARE[name]
    if name in ASKED_ABOUT_SELF_HARM:
        assert looks_at(name, "wish-to-disappear") == {"disappear"}
        assert looks_at(name, "disappear-nobody") == {"disappear", "confide"}


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_says_who_owns_it_where_it_comes_from_and_how_often_it_should_fire(name: str) -> None:
    key = KEYS[name]
    for rule in key.rules:
        assert rule.owner.strip(), rule.id
        assert rule.source.strip(), rule.id
        low, high = rule.expected_rate
        assert 0 <= low < high < 1, rule.id
    assert any(not rule.active for rule in key.rules), "one rule is on trial"
    hard = [part.item for rule in key.rules if rule.level is Level.A for part in conditions_in(rule.when)]
    assert not [item for item in hard if item in key.items and key.items[item].reverse_keyed]


@pytest.mark.parametrize("name", NAMES)
def test_one_neutral_check_follows_the_hard_block_at_the_same_place_for_every_child(name: str) -> None:
    screens = BANKS[name].bank.screens
    (place,) = [number for number, screen in enumerate(screens) if screen.item == "answers_ok"]
    assert screens[place].when is None
    last = max(
        number
        for number, screen in enumerate(screens)
        if screen.item and BANKS[name].bank.items[screen.item].sensitivity == "acute"
    )
    assert place == last + 1
    rule = next(rule for rule in KEYS[name].rules if rule.id == "says-slips")
    assert rule.level is Level.D
    assert "answers_ok" in {part.item for part in conditions_in(rule.when)}
    words = yaml.safe_load(
        (Path(__file__).parents[2] / "question_banks" / name / "texts" / "ja.yaml").read_text(
            encoding="utf-8"
        )
    )
    assert "answers_ok" in words["items"]
