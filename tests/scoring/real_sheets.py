"""Random children in the four real banks: any path, any refusal, any last wave, any speed."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from hypothesis import strategies as st

from scoring.assessment import Previous
from scoring.sheet import AnswerSheet
from survey_api.services.banks.bank import Item
from survey_api.services.banks.library import LoadedBank
from survey_api.services.banks.sheets import sheet_of
from tests.house import bank

NAMES = ("sho-low", "sho-high", "chu", "kou")
BANKS: Mapping[str, LoadedBank] = {name: bank(name) for name in NAMES}
KEYS = {name: loaded.scoring_key for name, loaded in BANKS.items()}
WRITTEN = ("", "", "きょうは はれ", "死ぬほど楽しい", "死にたい", "He hits me")
CHANCE = st.integers(0, 2**32)
"""A whole child from one number: drawing thirty answers one by one took most of the time and taught no more."""


@dataclass(frozen=True)
class Row:
    """One child, as the scoring sees it."""

    sheet: AnswerSheet
    before: Previous | None
    seconds: Mapping[str, float]


def _answer(item: Item, chance: Random) -> Any:
    if item.kind == "text":
        return chance.choice(WRITTEN)
    if chance.random() < 1 / 3:
        return chance.choice(["dont_know", "declined"])
    if item.kind == "single":
        return chance.choice(item.options)
    if item.exclusive and chance.random() < 1 / 2:
        return [chance.choice(sorted(item.exclusive))]
    free = [code for code in item.options if code not in item.exclusive]
    return sorted(chance.sample(free, chance.randint(1, len(free))))


def _answers(name: str, chance: Random) -> dict[str, Any]:
    loaded = BANKS[name]
    given: dict[str, Any] = {}
    passed: set[str] = set()
    if loaded.bank.skippable() and chance.random() < 0.1:
        given[loaded.bank.skippable()[0]] = "skip"
    careless, stays = chance.random() < 0.25, chance.randint(10, 50)
    while True:
        ahead = [item for item in loaded.bank.shown_items(given) if item not in given and item not in passed]
        if not ahead or len(given) >= stays:
            return given
        item = loaded.bank.items[ahead[0]]
        if careless and item.kind == "single":
            given[item.id] = item.options[-1]
        elif chance.random() < 1 / 6:
            passed.add(item.id)
        else:
            given[item.id] = _answer(item, chance)


def _before(name: str, chance: Random) -> Previous | None:
    key = KEYS[name]
    if chance.random() < 0.5:
        return None
    rules, parts = [rule.id for rule in key.rules], [part.id for part in key.subscales]
    fired = chance.sample(rules, chance.randint(0, min(5, len(rules))))
    values = {part: chance.randint(0, 300) for part in parts if chance.random() < 0.5}
    return Previous(tuple(fired), values, chance.choice([name, "", "other"]))


def _row(name: str, chance: Random) -> Row:
    given = _answers(name, chance)
    timed = [item for item in given if item in BANKS[name].bank.items]
    pace = chance.choice([None, 0.5, 3.0, 9.0])
    seconds = {} if pace is None else {item: pace + place % 4 for place, item in enumerate(timed)}
    return Row(sheet_of(BANKS[name], given), _before(name, chance), seconds)


def answers(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """What one child answered on the way that the bank showed, perhaps only half of it."""
    return CHANCE.map(lambda seed: _answers(name, Random(seed)))


def befores(name: str) -> st.SearchStrategy[Previous | None]:
    return CHANCE.map(lambda seed: _before(name, Random(seed)))


def rows(name: str) -> st.SearchStrategy[Row]:
    return CHANCE.map(lambda seed: _row(name, Random(seed)))
