"""Where a Japanese sentence may break: between phrases, never inside 「ありましたか」.

Found by BudouX when a bank is published and stored with the version, so that a page never changes by itself.
Sentences that are written with spaces (小1–3, やさしい日本語) break at their spaces and need none of this.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from survey_api.services.banks.ruby import plain
from survey_api.services.banks.texts_check import sentences

Phrases = Mapping[str, tuple[int, ...]]
"""Sentence as written (with its readings) → places in plain(sentence) before which a line may break."""


@cache
def _parser() -> Any:
    import budoux  # a model of 15 KB, read when a bank is published or a page with Japanese words is first shown

    return budoux.load_default_japanese_parser()


JOINT, LONG, APART = re.compile("(?<=[や・])"), 7, 3
"""Between two things of one long phrase (せんたくや|そうじ): else a narrow tile breaks it in the middle of a word."""


WHOLE = re.compile(
    r"\d+月\d+日[(（].[)）]|いくつ|うち|からかわ|きょうだい|ぐあい|ちが[いうっ]|とじ[るてず]|とど[いきくけ]|のこ[らりるっ]|はやさ|ふりがな|めんるい|もど[せらりるれっ]|やめ[たてまらる]"
)
"""A day with its weekday, and words in kana that the model takes apart (きろくにの|こります): the break is before them."""


def _pieces(phrase: str) -> list[str]:
    pieces = JOINT.split(phrase) if len(phrase) >= LONG else [phrase]
    return pieces if all(len(piece) >= APART for piece in pieces) else [phrase]


@cache
def break_places(sentence: str) -> tuple[int, ...]:
    """The places of one sentence; empty when it has spaces of its own or is one phrase."""
    bare = plain(sentence)
    if " " in bare:
        return ()
    places, at = set[int](), 0
    for phrase in _parser().parse(bare):
        for piece in _pieces(phrase):
            at += len(piece)
            places.add(at)
    for word in WHOLE.finditer(bare):
        torn = places.intersection(range(word.start() + 1, word.end()))
        places -= torn
        places |= {word.start()} if torn else set()
    return tuple(sorted(places - {0, len(bare)}))


def phrases_of(texts: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """Every sentence of a bank's Japanese texts that has places to break."""
    found = {text: break_places(text) for _, _, text in sentences(texts)}
    return {text: places for text, places in found.items() if places}
