"""A frozen bank keeps its keys sorted, a folder as written; the same child must get the same bytes from both."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.assessment import Assessment, assess
from scoring.key import ItemKey
from scoring.parse import parse
from scoring.quality import places
from scoring.sheet import AnswerSheet, AnswerValue
from tests.scoring.small_bank import LEXICON, content

ASKED = {name: ["never", "sometimes", "often", "daily"] for name in ("rested", "hurt", "hungry", "dirty")}
TEXTS = frozenset({"note"})
WRITTEN = parse(content(), LEXICON, TEXTS, asked=ASKED)
FROZEN = parse(
    json.loads(json.dumps(content(), sort_keys=True)),
    json.loads(json.dumps(LEXICON, sort_keys=True)),
    TEXTS,
    asked=ASKED,
)
TASKS = st.lists(st.sampled_from(["cook", "wash", "siblings"]), min_size=1, unique=True).map(sorted)


def _value(item: ItemKey) -> st.SearchStrategy[Any]:
    skip = st.sampled_from(["dont_know", "declined"])
    if item.is_multi:
        return st.one_of(TASKS, st.just(["none"]), skip)
    return st.one_of(st.sampled_from(list(item.levels)), skip)


ANSWERS = st.fixed_dictionaries({}, optional={name: _value(item) for name, item in WRITTEN.items.items()})


@settings(max_examples=500, deadline=None)
@given(ANSWERS)
def test_the_order_of_keys_never_changes_a_byte(answers: dict[str, AnswerValue]) -> None:
    turned = dict(reversed(answers.items()))
    first = assess(WRITTEN, AnswerSheet.of(answers, WRITTEN)).to_bytes()
    second = assess(FROZEN, AnswerSheet.of(turned, FROZEN)).to_bytes()
    assert first == second
    assert Assessment.from_bytes(first).to_bytes() == first


def test_places_follow_the_pages_and_not_the_levels() -> None:
    sheet = AnswerSheet.of(
        {"hungry": "daily", "rested": "never", "hurt": "declined", "tasks": ["cook"]}, WRITTEN
    )
    assert places(WRITTEN, sheet) == [0, 3]
