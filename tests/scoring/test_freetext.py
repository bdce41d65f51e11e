"""The free-text check on invented sentences: hits however they are written, idioms and negations left alone."""

import pytest

from scoring.freetext import find_hits
from scoring.parse_lexicon import lexicon_of
from tests.scoring.small_bank import LEXICON

WORDS = lexicon_of(LEXICON)


@pytest.mark.parametrize(
    "text",
    [
        "死にたい",
        "もう死 に た い",
        "死にﾀｲ",
        "氏にたい。",
        "しんどい…死にたい！",
        "たたかれた",
        "タタカレた",
    ],
)
def test_written_in_any_way_it_is_found(text: str) -> None:
    assert find_hits(text, WORDS)


@pytest.mark.parametrize("text", ["死ぬほど楽しい", "必死でがんばった", "たたかれることはない", "", "・・・"])
def test_harmless_writing_is_left_alone(text: str) -> None:
    assert find_hits(text, WORDS) == ()


def test_a_hit_inside_an_idiom_and_one_outside_are_told_apart() -> None:
    hits = find_hits("死ぬほど楽しい。でも死にたい", WORDS)
    assert [(hit.start, hit.end) for hit in hits] == [(10, 14)]
