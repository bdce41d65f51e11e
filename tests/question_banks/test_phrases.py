"""A Japanese line breaks between phrases, and inside a long one between two things, and never inside a word in kana."""

from itertools import pairwise

import pytest

from survey_api.services.banks.phrases import break_places


@pytest.mark.parametrize(
    "pieces",
    [
        "せんたくや|そうじ",
        "おじいさん・|おばあさん",
        "電気や|ガスが|止まる",
        "悪い|ときは|なかった",
        "まちがえておした",
        "おくる",
        "消して|やめますか",
        "元に|もどせません",
        "答えた|はやさも|のこります",
        "いくつ選んでも|いいです",
        "からかわれる",
        "12月8日(火)までに|読みます",
        "きょう きいて ほしい",
    ],
)
def test_where_a_sentence_breaks(pieces: str) -> None:
    sentence, found = pieces.replace("|", ""), break_places(pieces.replace("|", ""))
    edges = [0, *found, len(sentence)]
    assert "|".join(sentence[start:end] for start, end in pairwise(edges)) == pieces
