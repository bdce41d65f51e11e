"""The laws of scoring on the four real banks, with random children on their real paths."""

from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.assessment import Assessment, assess
from scoring.sheet import AnswerSheet
from survey_api.services.banks.bank import Item
from survey_api.services.banks.library import LoadedBank, load_bank
from survey_api.services.banks.sheets import sheet_of

BANKS = {
    name: load_bank(Path(__file__).parents[2] / "question_banks" / name)
    for name in ("sho-low", "sho-high", "chu", "kou")
}
MANY = settings(
    max_examples=150, deadline=None
)  # in each of four banks; test_the_twelve_laws.py has 500 in one
CHANCE = st.integers(0, 2**32)
"""A whole child from one number: drawing thirty answers one by one is slow and teaches no more."""
each_bank = pytest.mark.parametrize("bank", BANKS)


def value(item: Item, chance: Random) -> Any:
    if item.kind == "text":
        return chance.choice(["しゅくだいが おおい", "もう消えたい", "日本"])
    if chance.random() < 0.15:
        return chance.choice(["declined", "dont_know"])
    if item.kind == "single":
        return chance.choice(item.options)
    free = sorted(set(item.options) - item.exclusive)
    if item.exclusive and chance.random() < 0.3:
        return [chance.choice(sorted(item.exclusive))]
    return sorted(chance.sample(free, chance.randint(1, len(free))))


def a_child(chance: Random, loaded: LoadedBank) -> dict[str, Any]:
    """Answers on one path; each shown question is answered or left."""
    answers: dict[str, Any] = {}
    for screen in loaded.bank.screens:
        for name in (screen.item, screen.other_item):
            if name is not None and chance.random() < 0.9:
                answers[name] = value(loaded.bank.items[name], chance)
    return dict(loaded.bank.on_path(answers))


def rank(assessment: Assessment) -> int:
    """Of everything but quality: whether a child looks careless may change with any answer."""
    content = assessment.content
    calls = [flag["urgency"] for flag in content["flags"] if flag["active"] and flag["level"] != "D"]
    calls += [concern["urgency"] for concern in content["concerns"] if concern["urgency"]]
    return min((["today", "this_week", "check", "watch"].index(call) for call in calls), default=9)


def judged(loaded: LoadedBank, answers: dict[str, Any]) -> Assessment:
    return assess(loaded.scoring_key, sheet_of(loaded, answers))


@each_bank
@MANY
@given(CHANCE)
def test_a_worse_answer_on_the_same_path_never_lowers_anything(bank: str, seed: int) -> None:
    loaded = BANKS[bank]
    chance = Random(seed)
    answers = a_child(chance, loaded)
    key = loaded.scoring_key
    single = [name for name, item in key.items.items() if item.levels and answers.get(name) in item.levels]
    if not single:
        return
    name = chance.choice(single)
    level = key.items[name].levels[answers[name]]
    worse = [code for code, higher in key.items[name].levels.items() if higher > level]
    if not worse:
        return
    changed = {**answers, name: chance.choice(worse)}
    if loaded.bank.shown_items(changed) != loaded.bank.shown_items(answers):
        return
    before, after = judged(loaded, answers), judged(loaded, changed)
    assert rank(after) <= rank(before)
    for low, high in zip(before.content["concerns"], after.content["concerns"], strict=True):
        assert high["points"] >= low["points"]


@each_bank
@MANY
@given(CHANCE)
def test_sums_are_exact_and_the_same_sheet_gives_the_same_bytes(bank: str, seed: int) -> None:
    loaded = BANKS[bank]
    chance = Random(seed)
    answers = a_child(chance, loaded)
    first = judged(loaded, answers)
    assert judged(loaded, dict(reversed(answers.items()))).to_bytes() == first.to_bytes()
    bases = {table.concern: table.base for table in loaded.scoring_key.model.tables}
    for concern in first.content["concerns"]:
        added = sum(points for _, points, _ in concern["contributions"])
        assert bases[concern["concern"]] + added == concern["points"]


@each_bank
@MANY
@given(CHANCE)
def test_a_wish_to_talk_today_is_always_heard_today(bank: str, seed: int) -> None:
    loaded = BANKS[bank]
    chance = Random(seed)
    (wish,) = [rule for rule in loaded.scoring_key.rules if rule.id == "wish-today"]
    (code,) = wish.when.codes
    answers = loaded.bank.on_path({**a_child(chance, loaded), wish.when.item: code})
    hurried = dict.fromkeys(answers, 0.1)
    assessment = assess(loaded.scoring_key, sheet_of(loaded, answers), seconds=hurried)
    assert assessment.urgency == "today"


@each_bank
@MANY
@given(CHANCE)
def test_every_way_out_leads_out_on_the_real_path(bank: str, seed: int) -> None:
    loaded = BANKS[bank]
    chance = Random(seed)
    answers = a_child(chance, loaded)
    key = loaded.scoring_key
    for place, concern in enumerate(judged(loaded, answers).content["concerns"]):
        for change in [[name] for name in concern["singles"]] + concern["pairs"]:
            better = {**answers, **{name: best(loaded, name) for name in change}}
            assert AnswerSheet.of(better, key)
            assert judged(loaded, better).content["concerns"][place]["urgency"] is None


def best(loaded: LoadedBank, name: str) -> Any:
    item = loaded.scoring_key.items[name]
    if item.levels:
        return min(item.levels, key=lambda code: item.levels[code])
    return [next(code for code in loaded.bank.items[name].options if code not in item.count_of)]
