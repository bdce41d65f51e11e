"""The words of a bank: every key in every language, no key too many, and every sentence fit for its reader."""

from collections.abc import Iterator, Mapping
from typing import Any

from scoring.key import ScoringKey
from survey_api.services.banks import wording
from survey_api.services.banks.bank import Bank
from survey_api.services.banks.ruby import stray_marks

LANGUAGES = ("ja", "ja-easy", "en", "pt-BR", "zh-Hans", "fil", "vi", "es")
STAFF_PARTS = ("reasons", "bands", "subscales")


def band_of(bank: Bank) -> wording.Band:
    """How the youngest child of this bank reads Japanese."""
    youngest = min(bank.grades)
    return "L" if youngest <= 3 else "M" if youngest <= 6 else "H"


def text_problems(bank: Bank, texts: Mapping[str, Any], language: str) -> list[str]:
    """What is wrong in texts/<language>.yaml, the schema having passed."""
    if texts["language"] != language:
        return [f"language: ファイル名は「{language}」ですが、中は「{texts['language']}」です"]
    found = [*_keys(bank, texts), *_status(texts, language)]
    if language == "ja":
        return [*found, *_japanese(texts, band_of(bank)), *_short(texts)]
    if language == "ja-easy":
        return [*found, *_japanese(texts, "easy"), *_no_staff_words(texts)]
    return [*found, *_foreign(texts, language), *_no_staff_words(texts)]


def same_hints(texts: Mapping[str, Any], original: Mapping[str, Any]) -> list[str]:
    """A hint in one language must stand in all: every child is told the same."""
    hinted = {item for item, said in original["items"].items() if "hint" in said}
    given = {item for item, said in texts["items"].items() if "hint" in said}
    return [f"items.{item}.hint: 日本語にある説明がありません" for item in sorted(hinted - given)] + [
        f"items.{item}.hint: 日本語にない説明です" for item in sorted(given - hinted)
    ]


def staff_word_problems(key: ScoringKey, texts: Mapping[str, Any]) -> list[str]:
    """Reasons, bands and subscales have their Japanese words, and no verdicts in them."""
    bands = {cut.band for subscale in key.subscales for cut in subscale.bands}
    bands |= {cut.band for table in key.model.tables for cut in table.bands}
    reasons = {rule.because for rule in key.rules} | {"vanished", "ask-again"}
    reasons |= {f"pattern-{table.concern}" for table in key.model.tables}
    needed = {"reasons": reasons, "bands": bands, "subscales": {sub.id for sub in key.subscales}}
    found = []
    for part, names in needed.items():
        given = texts.get(part, {})
        found += [f"{part}.{name}: 言葉がありません" for name in sorted(names - set(given))]
        found += [f"{part}.{name}: scoring.yaml で使われていません" for name in sorted(set(given) - names)]
        found += [
            f"{part}.{name}: {problem}"
            for name, said in given.items()
            for problem in wording.staff_problems(said)
        ]
    return found


def sentences(texts: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Every sentence a child reads, as (where, kind, text); kind is ask, option or prose."""
    for item, said in texts["items"].items():
        yield f"items.{item}.ask", "ask", said["ask"]
        if "hint" in said:
            yield f"items.{item}.hint", "prose", said["hint"]
        for code, text in said.get("options", {}).items():
            yield f"items.{item}.options.{code}", "option", text
    for code, text in texts["reserved"].items():
        yield f"reserved.{code}", "option", text
    for name, text in texts["notices"].items():
        yield f"notices.{name}", "prose", text


def _keys(bank: Bank, texts: Mapping[str, Any]) -> Iterator[str]:
    yield from _compare("items", set(bank.items), set(texts["items"]))
    for item in bank.items.values():
        said = texts["items"].get(item.id)
        if said is not None:
            yield from _compare(f"items.{item.id}.options", set(item.options), set(said.get("options", {})))
    notices = {name for screen in bank.screens for name in (screen.notice, screen.other_notice) if name}
    yield from _compare("notices", notices, set(texts["notices"]))


def _compare(where: str, needed: set[str], given: set[str]) -> Iterator[str]:
    for name in sorted(needed - given):
        yield f"{where}.{name}: 言葉がありません"
    for name in sorted(given - needed):
        yield f"{where}.{name}: bank.yaml にありません"


def _status(texts: Mapping[str, Any], language: str) -> Iterator[str]:
    if (texts["status"] == "original") != (language == "ja"):
        yield "status: original は日本語(ja)だけです。訳は draft・reviewed・back-translated のどれかにします"


def _japanese(texts: Mapping[str, Any], band: wording.Band) -> Iterator[str]:
    check = {
        "ask": wording.ask_problems,
        "option": wording.option_problems,
        "prose": wording.sentence_problems,
    }
    for where, kind, text in sentences(texts):
        for problem in check[kind](text, band):
            yield f"{where}: {problem}"


def _foreign(texts: Mapping[str, Any], language: str) -> Iterator[str]:
    for where, kind, text in sentences(texts):
        for problem in wording.phrase_problems(text, language):
            yield f"{where}: {problem}"
        for problem in wording.negation_problems(text, language, asks=kind == "ask"):
            yield f"{where}: {problem}"
        if stray_marks(text) or wording.has_kana(text):
            yield f"{where}: 日本語のままになっています"


def _short(texts: Mapping[str, Any]) -> Iterator[str]:
    for item, said in texts["items"].items():
        if "short" not in said:
            yield f"items.{item}.short: 職員向けの短い名前がありません"


def _no_staff_words(texts: Mapping[str, Any]) -> Iterator[str]:
    for part in STAFF_PARTS:
        if part in texts:
            yield f"{part}: 職員向けの言葉は ja.yaml だけに書きます"
    for item, said in texts["items"].items():
        if "short" in said:
            yield f"items.{item}.short: 職員向けの言葉は ja.yaml だけに書きます"
