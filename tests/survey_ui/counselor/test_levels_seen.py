"""The four levels of urgency stay apart for every pair of eyes and on a grey printer: by colour, by shape, by word."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from survey_ui.counselor.words import URGENCY
from survey_ui.shell.assets import STATIC

Colour = tuple[float, float, float]
EYES: dict[str, tuple[Colour, Colour, Colour]] = {  # Machado, Oliveira, Fernandes 2009, full strength
    "all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
    "grey print": ((0.2126, 0.7152, 0.0722),) * 3,
}
APART = (32, 33, 18)


def pills() -> list[Colour]:
    tokens = (Path(STATIC) / "css" / "tokens.css").read_text()
    found = [re.search(rf"--u{level}:#([0-9A-Fa-f]{{6}})", tokens) for level in (1, 2, 3, 4)]
    return [tuple(_linear(int(hit[1][i : i + 2], 16) / 255) for i in (0, 2, 4)) for hit in found if hit]  # type: ignore[misc]


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def seen(eyes: str, colour: Colour) -> Colour:
    return tuple(min(1, max(0, sum(a * b for a, b in zip(row, colour, strict=True)))) for row in EYES[eyes])  # type: ignore[return-value]


def lab(colour: Colour) -> Colour:
    r, g, b = colour
    xyz = (
        (0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047,
        0.2126729 * r + 0.7151522 * g + 0.0721750 * b,
        (0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883,
    )
    x, y, z = (value ** (1 / 3) if value > 216 / 24389 else (841 / 108) * value + 4 / 29 for value in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("eyes", EYES)
def test_neighbouring_levels_stay_apart(eyes: str) -> None:
    places = [lab(seen(eyes, colour)) for colour in pills()]
    assert len(places) == 4
    distances = [
        sum((a - b) ** 2 for a, b in zip(one, two, strict=True)) ** 0.5 for one, two in pairwise(places)
    ]
    least = (30, 20, 0) if eyes == "grey print" else APART  # ● and ○ are told apart by shape on paper
    assert all(found >= wanted for found, wanted in zip(distances, least, strict=True)), distances


def test_every_level_has_its_own_shape_and_word() -> None:
    shapes, words = zip(*URGENCY.values(), strict=True)
    assert len(set(shapes)) == len(set(words)) == 4
