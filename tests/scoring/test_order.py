"""A frozen bank keeps its keys sorted, a folder as written; the same child must get the same bytes from both."""

import json

from hypothesis import given, settings
from tests.scoring.test_laws import ANSWERS

from scoring.assessment import Assessment, assess
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
