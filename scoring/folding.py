"""Writing made comparable: every way of writing the same thing becomes one, and each sign remembers its place.

Offsets always lead back to the text as the child wrote it.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_VOICING = "\u3099\u309a\uff9e\uff9f"
CLAUSE_END = frozenset("。．.、，,！!？?\n")
_LONG_MARKS = frozenset("ー〜~")
_SMALL = str.maketrans("ぁぃぅぇぉゎ", "あいうえおわ")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_STRETCHED = re.compile(r"[ぁぃぅぇぉァィゥェォ]+|([あいうえおアイウエオ])\1+")
_VOICED = str.maketrans(
    "がぎぐげござじずぜぞだぢづでどばびぶべぼ", "かきくけこさしすせそたちつてとはひふへほ"
)
STOP = "。"
"""What a clause's end becomes where it is kept."""


@dataclass(frozen=True)
class Folded:
    """Folded writing; `origin` holds, per character, the start and end of what it came from."""

    text: str
    origin: tuple[tuple[int, int], ...]
    ends: frozenset[int] = frozenset()
    """Positions in `text` before which a clause ended."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where text[start:end] stands in the writing it came from."""
        return self.origin[start][0], self.origin[end - 1][1]


def has_signs(text: str) -> bool:
    """Kana or kanji: compared sign by sign. Anything else is compared word by word."""
    return _CJK.search(text) is not None


def fold(text: str) -> Folded:
    """For Japanese and Chinese: NFKC, lower case, katakana to hiragana; no spaces, marks or long vowels."""
    return to_hiragana(strip(text))


def fold_plain(text: str) -> str:
    """A surface entry, folded the way its texts will be. “…” stays."""
    return "…".join(fold(part).text for part in text.split("…"))


def to_hiragana(folded: Folded) -> Folded:
    """Katakana and small ぁ as あ, sign for sign."""
    text = "".join(chr(ord(char) - 0x60) if "ァ" <= char <= "ヶ" else char for char in folded.text)
    return Folded(text.translate(_SMALL), folded.origin, folded.ends)


def strip(text: str) -> Folded:
    """As `fold`, with katakana kept: タヒ looks like 死, たひ does not."""
    folded: list[str] = []
    origin: list[tuple[int, int]] = []
    ends: set[int] = set()
    for char, place in _signs(text):
        if char in CLAUSE_END:
            ends.add(len(folded))
        elif char not in _LONG_MARKS:
            folded.append(char)
            origin.append(place)
    return Folded("".join(folded), tuple(origin), frozenset(ends))


def sentence(text: str) -> Folded:
    """For a reader of grammar: NFKC, no spaces or marks, but long vowels and the ends of clauses (as 。) kept."""
    folded: list[str] = []
    origin: list[tuple[int, int]] = []
    for char, place in _signs(text):
        folded.append(STOP if char in CLAUSE_END else char)
        origin.append(place)
    return Folded("".join(folded), tuple(origin))


def _signs(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    for start, end, cluster in clusters(text):
        for char in unicodedata.normalize("NFKC", cluster).lower():
            if char in CLAUSE_END or char in _LONG_MARKS or unicodedata.category(char)[0] in "LN":
                yield char, (start, end)


def clusters(text: str) -> list[tuple[int, int, str]]:
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


def unstretch(folded: Folded) -> Folded:
    """A vowel drawn out is dropped: 死にたああい, しにたぁい → 死にたい, しにたい."""
    kept: list[int] = []
    at = 0
    for run in _STRETCHED.finditer(folded.text):
        kept += range(at, run.start())
        at = run.end()
    if not at:
        return folded
    kept += range(at, len(folded.text))
    place = {old: new for new, old in enumerate(kept)}
    ends = frozenset(place.get(end, len(kept)) for end in folded.ends)
    return Folded("".join(folded.text[old] for old in kept), tuple(folded.origin[old] for old in kept), ends)


def unvoice(folded: Folded) -> Folded:
    """Voiced kana made plain, as the north of the country softens them: たたがれだ → たたかれた."""
    return Folded(folded.text.translate(_VOICED), folded.origin, folded.ends)
