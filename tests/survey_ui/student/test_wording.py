"""Every sentence of the pupil pages meets the wording rules of its band, and none promises secrecy."""

from typing import Any

import pytest

from survey_api.services.banks.wording import Band, sentence_problems
from survey_ui.student.view import words

BANDS: tuple[Band, ...] = ("L", "M", "H")


def sentences(band: str) -> list[tuple[str, str]]:
    said: dict[str, Any] = {key: value for key, value in words(band).items() if key != "helplines"}
    pairs = []
    for key, value in said.items():
        pairs += [(key, line) for line in (value if isinstance(value, list) else [value])]
    return [(key, line.replace("{day}", "")) for key, line in pairs]


@pytest.mark.parametrize("band", BANDS)
def test_every_sentence_may_be_shown_to_its_band(band: Band) -> None:
    found = {key: sentence_problems(text, band) for key, text in sentences(band)}
    assert {key: problems for key, problems in found.items() if problems} == {}


def test_every_band_says_the_same_things() -> None:
    assert set(words("L")) == set(words("M")) == set(words("H"))
