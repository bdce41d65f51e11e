"""Templates keep the content policy, escape everything, and promise no secrecy."""

import re
from pathlib import Path

import pytest

from tests.architecture.tree import called, files, parsed, text_of

TEMPLATES = files("survey_ui", name="*.html")
WORD_LIST = Path("question_banks/_shared/banned_phrases.yaml")
SHOWN = (
    *TEMPLATES,
    *files("survey_ui", name="*.js"),
    *files("survey_ui"),
    *files("question_banks", name="*.yaml"),
)

FORBIDDEN = {
    "inline style": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "script in the page": re.compile(r"<script(?![^>]*\ssrc=)[^>]*>", re.IGNORECASE),
    "address of a script": re.compile(r"javascript:", re.IGNORECASE),
    "unescaped value": re.compile(r"\|\s*safe\b"),
    "escaping switched off": re.compile(r"\{%-?\s*autoescape"),
    "something from another host": re.compile(
        r"(?:src|action|srcset)\s*=\s*[\"']?(?:https?:)?//", re.IGNORECASE
    ),
}
PROMISES = (
    "秘密は守ります",
    "ひみつは まもります",
    "ひみつはまもります",
    "ぜったいに",
    "だれにも 言いません",
    "だれにも言いません",
    "匿名",
)


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_a_template_keeps_the_policy(path: Path) -> None:
    text = text_of(path)
    assert {name: pattern.findall(text) for name, pattern in FORBIDDEN.items() if pattern.search(text)} == {}


def test_one_module_decides_what_is_markup() -> None:
    assert {str(path) for path in files("survey_ui") if "Markup" in called(parsed(path))} == {
        "survey_ui/shell/templating.py"
    }


@pytest.mark.parametrize("promise", PROMISES)
def test_nobody_is_promised_secrecy(promise: str) -> None:
    assert [str(path) for path in SHOWN if path != WORD_LIST and promise in text_of(path)] == []
