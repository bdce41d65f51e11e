"""Every pupil is asked the same in eight languages, and drafts say that they are drafts."""

import re

import pytest

from survey_api.services.banks.texts_check import LANGUAGES, sentences
from tests.house import bank
from tests.question_banks.edited_bank import NAMES

FOREIGN = [language for language in LANGUAGES if not language.startswith("ja")]


@pytest.mark.parametrize("name", NAMES)
def test_all_eight_languages_say_the_same_things(name: str) -> None:
    texts = bank(name).texts
    assert set(texts) == set(LANGUAGES)
    japanese = {where for where, _, _ in sentences(texts["ja"])}
    for language in LANGUAGES:
        assert {where for where, _, _ in sentences(texts[language])} == japanese


@pytest.mark.parametrize("name", NAMES)
def test_only_japanese_is_the_original_and_drafts_say_so(name: str) -> None:
    statuses = {language: bank(name).texts[language]["status"] for language in LANGUAGES}
    assert statuses.pop("ja") == "original"
    assert set(statuses.values()) <= {"draft", "reviewed", "back-translated"}


@pytest.mark.parametrize("name", NAMES)
def test_no_question_was_left_in_another_language(name: str) -> None:
    for item in bank(name).bank.items:
        asks = [
            bank(name).texts[language]["items"][item]["ask"]
            for language in LANGUAGES
            if language != "ja-easy"
        ]
        assert len(set(asks)) == len(asks), item


@pytest.mark.parametrize("name", NAMES)
def test_options_of_one_question_can_be_told_apart(name: str) -> None:
    for language in LANGUAGES:
        for item, said in bank(name).texts[language]["items"].items():
            options = list(said.get("options", {}).values())
            assert len(set(options)) == len(options), (language, item)


def test_vietnamese_speaks_to_the_age_it_is_for() -> None:
    younger = " ".join(text for _, _, text in sentences(bank("chu").texts["vi"]))
    older = " ".join(text for _, _, text in sentences(bank("kou").texts["vi"]))
    assert not re.search(r"(?<!gặp )(?<!nhà )(?<!Nhà )\bbạn\b(?! bè)", younger)  # friends may be named
    assert not re.search(r"(?<!chị )(?<!trẻ )\bem\b", older)  # so may brothers, sisters and children


@pytest.mark.parametrize("language", FOREIGN)
def test_periods_are_the_same_in_every_language(language: str) -> None:
    """A question about two weeks must not become one about a month on the way."""
    for name in ("chu", "kou"):
        japanese, other = bank(name).texts["ja"]["items"], bank(name).texts[language]["items"]
        for item, said in japanese.items():
            assert ("2週間" in said["ask"]) == _two_weeks(other[item]["ask"]), (name, item)


def _two_weeks(ask: str) -> bool:
    return any(word in ask for word in ("2 weeks", "2 semanas", "两周", "2 linggo", "2 tuần"))
