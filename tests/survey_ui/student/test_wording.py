"""Every sentence of the pupil pages, in every language: nothing is missing, nothing is too hard, no promise."""

import shutil
from pathlib import Path

import pytest

from survey_api.cli.banks import PAGES
from survey_api.services.banks.page_words import page_word_problems
from survey_ui.shell.child_words import ENDONYMS, day_words, words
from tests.house import MORNING

BROKEN = {
    "a key left out": ("translations/pt-BR.yaml", 'send: "Enviar"\n', "", "send: 言葉がありません"),
    "an empty sentence": ("translations/es.yaml", '"Enviar"', '" "', "send: 言葉がありません"),
    "a key of its own": ("translations/vi.yaml", "send:", "send_it:", "send_it: words.yaml にありません"),
    "a blank lost": ("translations/fil.yaml", " hanggang {day}", "", "差し込み ['day'] が合いません"),
    "a promise of secrecy": ("translations/en.yaml", "It is not a test.", "It is secret.", "「secret」"),
    "Japanese left in": ("translations/zh-Hans.yaml", '提交"', 'おくる"', "日本語のまま"),
    "no such state": ("translations/en.yaml", "status: draft", "status: fine", "status: "),
    "kanji for the youngest": (
        "words.yaml",
        '"やってみる"\n  decline: "いま',
        '"やってみる"\n  decline: "今',
        "今",
    ),
    "too long": ("words.yaml", '"次へ"', '"' + "つぎのしつもんへ" * 6 + '"', "字まで"),
    "a reading forgotten": ("translations/ja-easy.yaml", "送《おく》る", "送る", "送"),
    "the wrong language": ("translations/en.yaml", "language: en", "language: es", "language: "),
}


def test_the_words_as_they_are_may_be_shown() -> None:
    assert page_word_problems(PAGES) == []


@pytest.mark.parametrize("mistake", BROKEN)
def test_a_mistake_is_found(tmp_path: Path, mistake: str) -> None:
    name, right, wrong, told = BROKEN[mistake]
    shutil.copytree(PAGES / "translations", tmp_path / "translations")
    shutil.copy(PAGES / "words.yaml", tmp_path)
    text = (tmp_path / name).read_text(encoding="utf-8")
    assert right in text
    (tmp_path / name).write_text(text.replace(right, wrong, 1), encoding="utf-8")
    found = page_word_problems(tmp_path)
    assert any(told in problem and problem.startswith(name) for problem in found), found


def test_a_language_file_too_few_or_too_many_is_found(tmp_path: Path) -> None:
    shutil.copytree(PAGES / "translations", tmp_path / "translations")
    shutil.copy(PAGES / "words.yaml", tmp_path)
    (tmp_path / "translations" / "es.yaml").rename(tmp_path / "translations" / "eo.yaml")
    found = "\n".join(page_word_problems(tmp_path))
    assert "translations/es.yaml" in found
    assert "translations/eo.yaml: 知らない言語" in found


@pytest.mark.parametrize("language", ENDONYMS)
def test_a_day_is_told_in_the_language(language: str) -> None:
    told = day_words(words("M", language), MORNING.date())
    assert "24" in told
    assert len(told) > 6
