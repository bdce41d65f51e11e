"""What the pupil pages say, by band and language. The files are checked by `kizuki banks check`, never here."""

from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import yaml

STUDENT = Path(__file__).resolve().parents[1] / "student"
JAPANESE = "ja"
ENDONYMS = MappingProxyType(
    {
        "ja": "日本語《にほんご》",
        "ja-easy": "やさしい 日本語《にほんご》",
        "en": "English",
        "pt-BR": "Português",
        "zh-Hans": "中文(简体)",
        "fil": "Filipino",
        "vi": "Tiếng Việt",
        "es": "Español",
    }
)
"""Each language by its own name, in the order in which it is offered."""


class Both(str):
    """A sentence with its Japanese beneath it, for a child who reads another language and an adult who helps."""

    __slots__ = ("japanese",)
    japanese: str

    def __new__(cls, said: str, japanese: str) -> Self:
        both = super().__new__(cls, said)
        both.japanese = japanese
        return both

    def format(self, *args: object, **given: object) -> "Both":
        """Fill the blanks of both sentences, each with its own language."""
        beneath = {
            name: value.japanese if isinstance(value, Both) else value for name, value in given.items()
        }
        return Both(super().format(*args, **given), self.japanese.format(*args, **beneath))


def paired(said: Any, japanese: Any) -> Any:
    """Every text of one part of the words with the same text in Japanese; what has none stays alone."""
    if isinstance(said, dict) and isinstance(japanese, dict):
        return {key: paired(value, japanese.get(key)) for key, value in said.items()}
    if isinstance(said, list) and isinstance(japanese, list):
        return [paired(one, other) for one, other in zip(said, japanese, strict=True)]
    return Both(said, japanese) if isinstance(said, str) and isinstance(japanese, str) else said


@cache
def words(band: str, language: str = JAPANESE, both: bool = False) -> dict[str, Any]:
    """The sentences of one band in one language, with the helplines; `both`: with their Japanese beneath."""
    if both:
        return dict(paired(words(band, language), words(band)))
    original = _original()
    lines = original["helplines"]["lines"]
    if language not in ENDONYMS or language == JAPANESE:
        return {**original[band], "helplines": lines}
    said = _translation(language)
    return {**said, "helplines": [{**line, **said["helplines"][line["id"]]} for line in lines]}


def helplines() -> list[dict[str, str]]:
    """The numbers on the last page, as they are written for the oldest."""
    return list(_original()["helplines"]["lines"])


def helplines_verified_on() -> date | None:
    """The day on which the numbers of this release were made sure of; None while nobody has."""
    said = _original()["helplines"]["verified_on"]
    return said if isinstance(said, date) else None


def status_of(language: str) -> str:
    """draft, reviewed or back-translated; original for Japanese."""
    return "original" if language == JAPANESE else str(_translation(language)["status"])


def html_lang(language: str) -> str:
    """The value of the lang attribute: やさしい日本語 is Japanese to a browser and to a voice."""
    return JAPANESE if language == "ja-easy" else language


def day_words(said: dict[str, Any], day: date) -> str:
    """A day as a child of this band and language reads it: 11月24日(火), Tuesday, November 24."""
    dates = said["dates"]
    shape: str = dates["shape"]
    return shape.format(
        weekday=dates["weekdays"][day.weekday()], month=dates["months"][day.month - 1], day=day.day
    )


@cache
def _original() -> dict[str, Any]:
    return dict(yaml.safe_load((STUDENT / "words.yaml").read_text(encoding="utf-8")))


@cache
def _translation(language: str) -> dict[str, Any]:
    return dict(yaml.safe_load((STUDENT / "translations" / f"{language}.yaml").read_text(encoding="utf-8")))
