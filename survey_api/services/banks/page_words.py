"""The words of the pupil pages: every key in every language, and every sentence fit for its reader.

Reads the folder that holds words.yaml (Japanese, three bands) and translations/<language>.yaml (one voice each).
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Any, cast

from survey_api.services.banks import wording
from survey_api.services.banks.ruby import plain, stray_marks
from survey_api.services.banks.texts_check import LANGUAGES
from survey_api.services.banks.yaml_files import YamlMistake, read_yaml

BANDS: tuple[wording.Band, ...] = ("L", "M", "H")
UNSPACED = ("M", "H")
_SPACED = re.compile(r"[ぁ-ヿ一-鿿] [ぁ-ヿ一-鿿]+")
STATUSES = ("draft", "reviewed", "back-translated")
FRAGMENTS = ("dates.", "helplines.")
"""Parts that are put into a sentence, or names of lines: readings and promises are checked, length is not."""
FROM_ELSEWHERE = {"skip": "こたえたくない", "seconds": "900", "n": "100", "most": "400"}
"""The longest that the product puts into a blank and that does not stand among these words."""


def page_word_problems(folder: Path) -> list[str]:
    """Every mistake of the page words, as “file: where: what”; empty when all may be shown."""
    try:
        original = read_yaml(folder / "words.yaml")
    except YamlMistake as mistake:
        return [f"words.yaml: {mistake}"]
    found = [f"words.yaml: {problem}" for problem in _original(original)]
    kept = {f"{language}.yaml" for language in LANGUAGES if language != "ja"}
    here = {path.name for path in (folder / "translations").glob("*")}
    found += [f"translations/{name}: 知らない言語のファイルです" for name in sorted(here - kept)]
    for name in sorted(kept):
        try:
            said = read_yaml(folder / "translations" / name)
        except YamlMistake as mistake:
            found.append(f"translations/{name}: {mistake}")
        else:
            problems = _translation(said, original, name.removesuffix(".yaml"))
            found += [f"translations/{name}: {problem}" for problem in problems]
    return found


def sentences(said: Any, where: str = "") -> Iterator[tuple[str, str]]:
    """Every text below a part of the file, as (where, text)."""
    if isinstance(said, Mapping):
        for key, value in said.items():
            yield from sentences(value, f"{where}.{key}" if where else str(key))
    elif isinstance(said, list):
        for place, value in enumerate(said, start=1):
            yield from sentences(value, f"{where}.{place}")
    else:
        yield where, str(said)


def _original(original: Mapping[str, Any]) -> Iterator[str]:
    model = dict(sentences(original["H"]))
    for band in BANDS:
        said = dict(sentences(original[band]))
        yield from (f"{band}.{where}: {what}" for where, what in _compare(said, model))
        for where, text in said.items():
            yield from (f"{band}.{where}: {problem}" for problem in _japanese(where, text, band, said))


def _translation(said: Mapping[str, Any], original: Mapping[str, Any], language: str) -> Iterator[str]:
    if said.get("language") != language:
        yield f"language: ファイル名は「{language}」ですが、中は「{said.get('language')}」です"
    if said.get("status") not in STATUSES:
        yield f"status: {'・'.join(STATUSES)} のどれかにします"
    texts = dict(sentences({key: part for key, part in said.items() if key not in ("language", "status")}))
    lines = {
        f"helplines.{line['id']}.{part}": str(line[part])
        for line in original["helplines"]["lines"]
        for part in ("name", "hours")
    }
    yield from (
        f"{where}: {what}" for where, what in _compare(texts, {**dict(sentences(original["H"])), **lines})
    )
    for where, text in texts.items():
        if language == "ja-easy":
            yield from (f"{where}: {problem}" for problem in _japanese(where, text, "easy", texts))
            continue
        yield from (f"{where}: {problem}" for problem in wording.phrase_problems(text, language))
        asks = where == "practice_ask"
        yield from (f"{where}: {problem}" for problem in wording.negation_problems(text, language, asks=asks))
        if stray_marks(text) or wording.has_kana(text):
            yield f"{where}: 日本語のままになっています"


def _compare(said: Mapping[str, str], model: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Keys that are missing or too many, empty texts, and blanks ({day}) that do not match."""
    for where in sorted(model.keys() - said.keys()):
        yield where, "言葉がありません"
    for where in sorted(said.keys() - model.keys()):
        yield where, "words.yaml にありません"
    for where in sorted(said.keys() & model.keys()):
        if not said[where].strip():
            yield where, "言葉がありません"
        if _blanks(said[where]) != _blanks(model[where]):
            yield where, f"差し込み {sorted(_blanks(model[where]))} が合いません"


def _blanks(text: str) -> set[str]:
    try:
        return {name for _, name, _, _ in Formatter().parse(text) if name}
    except ValueError:
        return {"?"}


def _japanese(where: str, text: str, band: str, said: Mapping[str, str]) -> list[str]:
    """The rules of the band, for the sentence as a child sees it: with its blanks filled."""
    as_band = cast(wording.Band, band)
    if where.startswith(FRAGMENTS):
        spoken = _filled(text, {})
        return wording.reading_problems(spoken, as_band) + wording.phrase_problems(spoken, "ja")
    spoken = _filled(text, _longest_values(said))
    spaced = _SPACED.search(plain(spoken)) if band in UNSPACED else None
    stray = [f"わかち書きの空白が残っています: {spaced[0]}"] if spaced else []
    return wording.sentence_problems(spoken, as_band) + stray


def _filled(text: str, values: Mapping[str, str]) -> str:
    for blank in _blanks(text):
        text = text.replace(f"{{{blank}}}", values.get(blank, ""))
    return text


def _longest_values(said: Mapping[str, str]) -> dict[str, str]:
    """The longest that can stand in each blank: a sentence that fits only without its day is too long for a child."""
    date = {
        "month": _longest(said, "dates.months."),
        "weekday": _longest(said, "dates.weekdays."),
        "day": "31",
    }
    return {
        **FROM_ELSEWHERE,
        "day": _filled(said.get("dates.shape", ""), date),
        "who": _longest(said, "roles."),
        "back": said.get("back", ""),
        "cover": said.get("cover", ""),
    }


def _longest(said: Mapping[str, str], part: str) -> str:
    texts = [text for where, text in said.items() if where.startswith(part)]
    return max(texts, key=lambda text: len(plain(text)), default="")
