"""Random children in the four real banks: any path, any refusal, any last wave, any speed."""

from collections.abc import Mapping
from dataclasses import dataclass
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
WRITTEN = st.sampled_from(["", "", "きょうは はれ", "死ぬほど楽しい", "死にたい", "He hits me"])


@dataclass(frozen=True)
class Row:
    """One child, as the scoring sees it."""

    sheet: AnswerSheet
    before: Previous | None
    seconds: Mapping[str, float]


def _answer(item: Item) -> st.SearchStrategy[Any]:
    if item.kind == "text":
        return WRITTEN
    refusal = st.sampled_from(["dont_know", "declined"])
    if item.kind == "single":
        return st.one_of(st.sampled_from(list(item.options)), st.sampled_from(list(item.options)), refusal)
    free = [code for code in item.options if code not in item.exclusive]
    several = st.lists(st.sampled_from(free), min_size=1, unique=True).map(sorted)
    alone = [st.just([code]) for code in sorted(item.exclusive)]
    return st.one_of(several, refusal, *alone)


@st.composite
def answers(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """What one child answered on the way that the bank showed, perhaps only half of it."""
    loaded = BANKS[name]
    given: dict[str, Any] = {}
    passed: set[str] = set()
    if loaded.bank.skippable() and draw(st.integers(0, 9)) == 0:
        given[loaded.bank.skippable()[0]] = "skip"
    careless = draw(st.integers(0, 3)) == 0
    stays = draw(st.integers(10, 50))
    while True:
        ahead = [item for item in loaded.bank.shown_items(given) if item not in given and item not in passed]
        if not ahead or len(given) >= stays:
            return given
        item = loaded.bank.items[ahead[0]]
        if careless and item.kind == "single":
            given[item.id] = item.options[-1]
        elif draw(st.integers(0, 5)) == 0:
            passed.add(item.id)
        else:
            given[item.id] = draw(_answer(item))


@st.composite
def befores(draw: st.DrawFn, name: str) -> Previous | None:
    key = KEYS[name]
    if draw(st.booleans()):
        return None
    fired = draw(st.lists(st.sampled_from([rule.id for rule in key.rules]), unique=True, max_size=5))
    values = draw(st.dictionaries(st.sampled_from([sub.id for sub in key.subscales]), st.integers(0, 300)))
    return Previous(tuple(fired), values, draw(st.sampled_from([name, "", "other"])))


@st.composite
def rows(draw: st.DrawFn, name: str) -> Row:
    given = draw(answers(name))
    timed = [item for item in given if item in BANKS[name].bank.items]
    pace = draw(st.sampled_from([None, 0.5, 3.0, 9.0]))
    seconds = {} if pace is None else {item: pace + place % 4 for place, item in enumerate(timed)}
    return Row(sheet_of(BANKS[name], given), draw(befores(name)), seconds)
