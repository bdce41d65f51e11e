"""The wording rules for children: kanji by grade, length, and words that must never appear.

Works on any sentence a pupil reads, in a bank or on a page. Each check says in Japanese what is wrong;
an empty list means the sentence may be shown. It judges single sentences and never reads a bank.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

from survey_api.services.banks.ruby import plain, segments, stray_marks

Band = Literal["L", "M", "H", "easy"]  # 小1–3, 小4–6, 中高, やさしい日本語

SENTENCE_LIMIT: dict[Band, int] = {"L": 25, "M": 40, "H": 60, "easy": 24}
STEM_LIMIT: dict[Band, int] = {"L": 25, "M": 40, "H": 60, "easy": 48}
OPTION_LIMIT: dict[Band, int] = {"L": 12, "M": 16, "H": 20, "easy": 20}
_BARE_UP_TO: dict[Band, int] = {"L": 0, "M": 3, "H": 6, "easy": 0}
_LONGEST_UNSPACED = 12
_ASKS_FOR_NO = "問いに打ち消しの言い方があります。したこと・あったことをたずねる形にしてください"

_SHARED = Path(__file__).resolve().parents[3] / "question_banks" / "_shared"
_KANJI = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_SENTENCE_END = re.compile(r"[。！？!?\n]+")
_ANY_SENTENCE_END = re.compile(r"[。！？!?.\n]+")


@cache
def kanji_by_grade() -> dict[int, frozenset[str]]:
    """The 教育漢字 of each elementary grade, and under 7 the few outside it every 中学生 reads."""
    table = yaml.safe_load((_SHARED / "kanji_grades.yaml").read_text(encoding="utf-8"))
    grades = {grade: frozenset(str(table[grade]).replace(" ", "")) for grade in range(1, 7)}
    return grades | {7: frozenset(table["familiar_from_7"])}


@cache
def bare_kanji(band: Band) -> frozenset[str]:
    """The characters this band may read without a reading beside them."""
    by_grade = kanji_by_grade()
    top = 7 if band == "H" else _BARE_UP_TO[band]
    return frozenset().union(*(by_grade[grade] for grade in range(1, top + 1)))


@cache
def banned(kind: str, language: str) -> tuple[str, ...]:
    """The phrases of one list of banned_phrases.yaml for one language, with those banned everywhere."""
    lists = yaml.safe_load((_SHARED / "banned_phrases.yaml").read_text(encoding="utf-8"))[kind]
    return tuple(lists.get(language, ())) + tuple(lists.get("any", ()))


@dataclass(frozen=True)
class Negation:
    """How one language says no, from negations.yaml."""

    no: re.Pattern[str]
    but: tuple[str, ...]
    twice: tuple[str, ...]
    once: bool
    """A second no in one sentence turns the first around."""
    tight: bool
    """Written without spaces between words."""

    def count(self, sentence: str) -> int:
        """How often a sentence says no."""
        return len(self.no.findall(self._bare(sentence)))

    def turned_around(self, text: str) -> list[str]:
        """The sentences in which a no says no to a no."""
        sentences = [one for one in _ANY_SENTENCE_END.split(self._bare(text)) if one.strip()]
        return [
            one.strip()
            for one in sentences
            if any(phrase in one for phrase in self.twice) or (self.once and len(self.no.findall(one)) > 1)
        ]

    def _bare(self, text: str) -> str:
        said = plain(text).lower()
        said = _without_spaces(said) if self.tight else said
        for looks_like_it in self.but:
            said = said.replace(looks_like_it, "")
        return said


@cache
def negation(language: str) -> Negation:
    """The rules of one language."""
    rules = yaml.safe_load((_SHARED / "negations.yaml").read_text(encoding="utf-8"))[language]
    tight = language in ("ja", "ja-easy", "zh-Hans")
    words = "|".join(map(re.escape, sorted(rules["negators"], key=len, reverse=True)))
    return Negation(
        no=re.compile(words if tight else rf"(?<!\w)(?:{words})(?!\w)"),
        but=tuple(rules.get("but", ())),
        twice=tuple(rules["twice"]),
        once=rules["once"],
        tight=tight,
    )


def negation_problems(text: str, language: str, *, asks: bool = False) -> list[str]:
    """A question that asks for what has not happened, and a sentence that turns a no around."""
    rules = negation(language)
    found = []
    if asks and rules.count(text):
        found.append(_ASKS_FOR_NO)
    return found + [f"打ち消しが重なっています: {sentence}" for sentence in rules.turned_around(text)]


def sentence_problems(text: str, band: Band) -> list[str]:
    """What every Japanese sentence for a child must meet: readings, length, spacing, forbidden words."""
    found = reading_problems(text, band)
    for sentence in _sentences(text):
        length = len(sentence)
        if length > SENTENCE_LIMIT[band]:
            found.append(f"1文が{length}字です({SENTENCE_LIMIT[band]}字まで): {sentence}")
    if band in ("L", "easy"):
        found += _spacing_problems(text)
    language = "ja-easy" if band == "easy" else "ja"
    return found + phrase_problems(text, language) + negation_problems(text, language)


def ask_problems(text: str, band: Band) -> list[str]:
    """A question: the sentence rules, the length of the whole stem, and no negation."""
    found = sentence_problems(text, band)
    length = sum(len(sentence) for sentence in _sentences(text))
    if length > STEM_LIMIT[band]:
        found.append(f"問いが{length}字です({STEM_LIMIT[band]}字まで)")
    if negation("ja-easy" if band == "easy" else "ja").count(text):
        found.append(_ASKS_FOR_NO)
    return found


def option_problems(text: str, band: Band) -> list[str]:
    """An answer to tap: the sentence rules, its length, and no agree/disagree or middle answers."""
    found = sentence_problems(text, band)
    length = len(_without_spaces(plain(text)))
    if length > OPTION_LIMIT[band]:
        found.append(f"選択肢が{length}字です({OPTION_LIMIT[band]}字まで)")
    found += [
        f"「{word}」は選択肢に使えません" for word in banned("scale_words", "ja") if word in plain(text)
    ]
    return found


def phrase_problems(text: str, language: str) -> list[str]:
    """Promises of secrecy, labels and assumed feelings, in the language the text is written in."""
    spoken = plain(text).lower()
    tight = _without_spaces(spoken)
    found = []
    for kind, why in _WHY.items():
        for phrase in banned(kind, language):
            hit = phrase.lower() in spoken or (language.startswith("ja") and _without_spaces(phrase) in tight)
            if hit:
                found.append(f"使ってはいけない言葉「{phrase}」があります({why})")
    return found


def has_kana(text: str) -> bool:
    """True when Japanese was left in a sentence of another language."""
    return re.search(r"[ぁ-ゖァ-ヺ]", text) is not None


def staff_problems(text: str) -> list[str]:
    """A sentence counselors read: a fact and its threshold, never a verdict about a child."""
    found = [f"「{word}」は職員向けの文に使えません" for word in banned("staff", "ja") if word in text]
    return found + (["ふりがなの記号が残っています"] if stray_marks(text) else [])


_WHY = {
    "promises": "秘密を守る約束はしない",
    "labels": "名づけではなく行動をたずねる",
    "soothing": "気持ちを決めつけない",
}


def reading_problems(text: str, band: Band) -> list[str]:
    """Kanji that this band cannot read yet and that carry no reading."""
    found = ["ふりがなの書き方が正しくありません(漢字《かんじ》)"] if stray_marks(text) else []
    allowed = bare_kanji(band)
    bare = [char for base, reading in segments(text) if reading is None for char in _KANJI.findall(base)]
    missing = sorted({char for char in bare if char not in allowed})
    if missing:
        found.append(f"ふりがなのない漢字があります: {'、'.join(missing)}")
    if band == "L" and _KANJI.search(plain(text)):
        found.append("小学1〜3年生の文は、かなだけで書いてください")
    return found


def _spacing_problems(text: str) -> list[str]:
    runs = re.split(r"[\s　、。！？・「」()〜]+", plain(text))
    long_runs = [run for run in runs if len(run) > _LONGEST_UNSPACED]
    return [f"わかち書きの空白がありません: {run}" for run in long_runs]


def _sentences(text: str) -> list[str]:
    parts = (_without_spaces(part) for part in _SENTENCE_END.split(plain(text)))
    return [part for part in parts if part]


def _without_spaces(text: str) -> str:
    return re.sub(r"[\s　]+", "", text)
