"""The free-text check: fold the writing, look for surface forms, keep where they stand.

A hit always means “a person reads it today”, never a verdict, and a miss never means silence: every text is
read by a person anyway. Offsets refer to the text as the child wrote it; the text itself is not copied.
"""

import re
import unicodedata
from dataclasses import dataclass

from scoring.key import Lexicon

NEAR = 2  # characters between a form and a negation that still takes it back: たたかれ「た」ことはない
_VOICING = "\u3099\u309a\uff9e\uff9f"
_CLAUSE_END = frozenset("。．.、，,！!？?\n")
_LONG_MARKS = frozenset("ー〜~")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


@dataclass(frozen=True, order=True)
class Hit:
    """Where a form stands in the text as written, and which class of the lexicon it belongs to."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class Folded:
    """Folded writing; `origin` holds, per character, the start and end of what it came from."""

    text: str
    origin: tuple[tuple[int, int], ...]
    ends: frozenset[int] = frozenset()
    """Positions in `text` before which a clause ended."""

    def hit(self, start: int, end: int, kind: str) -> Hit:
        return Hit(self.origin[start][0], self.origin[end - 1][1], kind)


def fold(text: str) -> Folded:
    """For Japanese and Chinese: NFKC, lower case, katakana to hiragana; no spaces, marks or long vowels."""
    return to_hiragana(strip(text))


def to_hiragana(folded: Folded) -> Folded:
    text = "".join(chr(ord(char) - 0x60) if "ァ" <= char <= "ヶ" else char for char in folded.text)
    return Folded(text, folded.origin, folded.ends)


def strip(text: str) -> Folded:
    """As `fold`, with katakana kept: タヒ looks like 死, たひ does not."""
    folded: list[str] = []
    origin: list[tuple[int, int]] = []
    ends: set[int] = set()
    for start, end, cluster in _clusters(text):
        for char in unicodedata.normalize("NFKC", cluster).lower():
            if char in _CLAUSE_END:
                ends.add(len(folded))
            elif char not in _LONG_MARKS and unicodedata.category(char)[0] in "LN":
                folded.append(char)
                origin.append((start, end))
    return Folded("".join(folded), tuple(origin), frozenset(ends))


def fold_words(text: str) -> Folded:
    """For languages with spaces: NFKC, lower case, no accents, one space between words and at both ends."""
    folded, origin = [" "], [(0, 0)]
    for start, end, cluster in _clusters(text):
        for char in unicodedata.normalize("NFD", unicodedata.normalize("NFKC", cluster).casefold()):
            kind = unicodedata.category(char)[0]
            if char in "'’‘ʼ" or kind == "M":
                continue
            if kind not in "LN":
                if folded[-1] != " ":
                    folded.append(" ")
                    origin.append((start, end))
                continue
            folded.append("d" if char == "đ" else char)
            origin.append((start, end))
    if folded[-1] != " ":
        folded.append(" ")
        origin.append((len(text), len(text)))
    return Folded("".join(folded), tuple(origin))


def _clusters(text: str) -> list[tuple[int, int, str]]:
    """A character with the voicing marks and accents behind it, so that ﾀﾞ becomes だ."""
    found: list[tuple[int, int, str]] = []
    for index, char in enumerate(text):
        if found and (char in _VOICING or unicodedata.combining(char)):
            start, _, before = found[-1]
            found[-1] = (start, index + 1, before + char)
        else:
            found.append((index, index + 1, char))
    return found


def unmask(folded: Folded, lookalikes: tuple[tuple[str, str], ...]) -> Folded:
    """Signs written for other signs put back: タヒ → 死, 4ね → 死ね. Earlier entries win."""
    if not any(mask in folded.text for mask, _ in lookalikes):
        return folded
    text: list[str] = []
    origin: list[tuple[int, int]] = []
    moved: dict[int, int] = {}
    at = 0
    while at < len(folded.text):
        moved[at] = len(text)
        mask, meant = next(
            ((mask, meant) for mask, meant in lookalikes if folded.text.startswith(mask, at)),
            (folded.text[at], folded.text[at]),
        )
        whole = (folded.origin[at][0], folded.origin[at + len(mask) - 1][1])
        text.extend(meant)
        origin.extend(folded.origin[at : at + 1] if mask == meant else [whole] * len(meant))
        at += len(mask)
    ends = frozenset(moved.get(end, len(text)) for end in folded.ends)
    return Folded("".join(text), tuple(origin), ends)


def fold_plain(text: str) -> str:
    """A lexicon entry, folded the way its texts will be."""
    return fold(text).text if has_signs(text) else fold_words(text).text


def has_signs(text: str) -> bool:
    """Kana or kanji: compared sign by sign. Anything else is compared word by word."""
    return _CJK.search(text) is not None


def find_hits(text: str, lexicon: Lexicon) -> tuple[Hit, ...]:
    """Every place where a form of the lexicon stands, outside harmless idioms and taken-back forms."""
    stripped = strip(text)
    hits = set(_joined_hits(to_hiragana(stripped), lexicon))
    unmasked = unmask(stripped, lexicon.lookalikes)
    if unmasked is not stripped:
        hits |= set(_joined_hits(to_hiragana(unmasked), lexicon))
    hits |= set(_word_hits(fold_words(text), lexicon))
    return tuple(sorted(hits))


def _joined_hits(folded: Folded, lexicon: Lexicon) -> list[Hit]:
    harmless = _harmless(folded, lexicon.idioms)
    return [
        folded.hit(start, end, kind)
        for kind, forms in lexicon.classes.items()
        for form in forms
        if form in folded.text
        for start, end in _spans(folded.text, form)
        if not _inside(start, end, harmless)
        and not (kind in lexicon.negatable and _taken_back(folded, end, lexicon.negations))
    ]


def _word_hits(folded: Folded, lexicon: Lexicon) -> list[Hit]:
    """Word forms carry a space at both ends, which is not part of the hit."""
    harmless = _harmless(folded, lexicon.word_idioms)
    return [
        folded.hit(start + 1, end - 1, kind)
        for kind, forms in lexicon.word_classes.items()
        for form in forms
        if form in folded.text
        for start, end in _spans(folded.text, form)
        if not _inside(start, end, harmless)
    ]


def _harmless(folded: Folded, idioms: tuple[str, ...]) -> list[tuple[int, int]]:
    return [span for idiom in idioms if idiom in folded.text for span in _spans(folded.text, idiom)]


def _spans(text: str, form: str) -> list[tuple[int, int]]:
    found, at = [], text.find(form)
    while at >= 0:
        found.append((at, at + len(form)))
        at = text.find(form, at + 1)
    return found


def _inside(start: int, end: int, spans: list[tuple[int, int]]) -> bool:
    return any(left <= start and end <= right for left, right in spans)


def _taken_back(folded: Folded, end: int, negations: tuple[str, ...]) -> bool:
    """A negation close behind, in the same clause."""
    for negation in negations:
        at = folded.text.find(negation, end, end + NEAR + len(negation))
        if at >= 0 and not any(end <= stop <= at for stop in folded.ends):
            return True
    return False
