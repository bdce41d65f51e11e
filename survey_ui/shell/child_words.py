"""What the pupil pages say, by band and language. The files are checked by `kizuki banks check`, never here."""

from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

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


@cache
def words(band: str, language: str = JAPANESE) -> dict[str, Any]:
    """The sentences of one band in one language, with the helplines."""
    original = _original()
    lines = original["helplines"]["lines"]
    if language not in ENDONYMS or language == JAPANESE:
        return {**original[band], "helplines": lines}
    said = _translation(language)
    return {**said, "helplines": [{**line, **said["helplines"][line["id"]]} for line in lines]}


def status_of(language: str) -> str:
    """draft, reviewed or back-translated; original for Japanese."""
    return "original" if language == JAPANESE else str(_translation(language)["status"])


def html_lang(language: str) -> str:
    """The value of the lang attribute: やさしい日本語 is Japanese to a browser and to a voice."""
    return JAPANESE if language == "ja-easy" else language


def day_words(said: dict[str, Any], day: date) -> str:
    """A day as a child of this band and language reads it: 11月24日(火), Tuesday, November 24."""
    dates = said["dates"]
    return str(dates["shape"]).format(
        weekday=dates["weekdays"][day.weekday()], month=dates["months"][day.month - 1], day=day.day
    )


@cache
def _original() -> dict[str, Any]:
    return dict(yaml.safe_load((STUDENT / "words.yaml").read_text(encoding="utf-8")))


@cache
def _translation(language: str) -> dict[str, Any]:
    return dict(yaml.safe_load((STUDENT / "translations" / f"{language}.yaml").read_text(encoding="utf-8")))
