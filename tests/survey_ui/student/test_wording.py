"""Every sentence of the pupil pages, in every language: nothing is missing, nothing is too hard, no promise."""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from survey_api.cli.banks import PAGES
from survey_api.practice.places import FOR_CHILDREN, PLACES
from survey_api.services.banks.page_words import page_word_problems
from survey_api.services.banks.wording import banned, phrase_problems, sentence_problems
from survey_ui.shell.child_words import ENDONYMS, day_words, words
from tests.house import MORNING

BROKEN = {
    "a key left out": ("translations/pt-BR.yaml", 'send: "Enviar"\n', "", "send: 言葉がありません"),
    "an empty sentence": ("translations/es.yaml", '"Enviar"', '" "', "send: 言葉がありません"),
    "a key of its own": ("translations/vi.yaml", "send:", "send_it:", "send_it: words.yaml にありません"),
    "a blank lost": ("translations/fil.yaml", "hanggang {day}", "hanggang", "差し込み ['day'] が合いません"),
    "a promise of secrecy": ("translations/en.yaml", "It is not a test.", "It is secret.", "「secret」"),
    "Japanese left in": ("translations/zh-Hans.yaml", '提交"', 'おくる"', "日本語のまま"),
    "a no turned around": (
        "translations/en.yaml",
        "You can stop at any time.",
        "You cannot go on without an answer.",
        "打ち消しが重なって",
    ),
    "a no turned around in Japanese": (
        "words.yaml",
        "しかられません。",
        "こたえない ことは できません。",
        "重なって",
    ),
    "no such state": ("translations/en.yaml", "status: draft", "status: fine", "status: "),
    "kanji for the youngest": (
        "words.yaml",
        '"やってみる"\n  decline: "いま',
        '"やってみる"\n  decline: "今',
        "今",
    ),
    "too long": ("words.yaml", '"次へ"', '"' + "つぎのしつもんへ" * 6 + '"', "字まで"),
    "too long with its day": (
        "words.yaml",
        "{day} までに こえを かけます。{who}が いきます。",
        "{day} までに {who}が いきます。",
        "promise_chosen: 1文が",
    ),
    "too long with its day in easy Japanese": (
        "translations/ja-easy.yaml",
        "先生《せんせい》が 読《よ》みます。{day} までに 読《よ》みます。",
        "{day} までに 先生《せんせい》が 読《よ》みます。",
        "read_by: 1文が",
    ),
    "a space of the youngest among words without spaces": (
        "words.yaml",
        '"送っています。"',
        '"送って います。"',
        "M.sending: ",
    ),
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


PROMISES = {language: banned("promises", language)[0] for language in ENDONYMS}


@pytest.mark.parametrize("language", [one for one in PROMISES if one != "ja"])
def test_a_promise_of_secrecy_is_found_on_the_pages_in_every_language(tmp_path: Path, language: str) -> None:
    shutil.copytree(PAGES / "translations", tmp_path / "translations")
    shutil.copy(PAGES / "words.yaml", tmp_path)
    file = tmp_path / "translations" / f"{language}.yaml"
    said = yaml.safe_load(file.read_text(encoding="utf-8"))
    said["more"][0] = PROMISES[language]
    file.write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    assert any("約束" in problem and "more" in problem for problem in page_word_problems(tmp_path))


def test_what_a_teacher_reads_aloud_promises_nothing_either() -> None:
    script = (PAGES / "templates" / "classroom.html").read_text(encoding="utf-8")
    assert phrase_problems(re.sub(r"<[^>]+>", "", script), "ja") == []
    assert phrase_problems("だれにも 言いません", "ja")


def test_no_page_of_a_child_has_words_of_its_own() -> None:
    """Every sentence stands in words.yaml, where it is checked; only the corner for the teacher is written out."""
    kana = re.compile(r"[ぁ-ゖァ-ヺー一-龥]+")
    shown = [*(PAGES / "templates").glob("*.html"), *(PAGES.parent / "shell" / "templates").glob("*.html")]
    staff = {"classroom.html", "class_code.html", "base.html", "problem.html", "locked.html", "_unlock.html"}
    staff |= {"_invented.html"}  # practice only
    found = {}
    for path in shown:
        bare = re.sub(r"\{#.*?#\}|\{%.*?%\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        left = set(kana.findall(bare)) - {"未送信", "日以上前から", "アンケート", "エラー"}
        if left and path.name not in staff:
            found[path.name] = left
    assert found == {}


def test_the_invented_places_may_be_read_by_the_youngest() -> None:
    assert set(FOR_CHILDREN) <= {place[0] for place in PLACES}
    assert [sentence_problems(line, "L") for line in FOR_CHILDREN.values()] == [[]] * len(FOR_CHILDREN)
