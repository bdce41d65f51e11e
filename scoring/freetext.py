"""The free-text check: fold the writing, look for surface forms, keep where they stand.

A hit always means “a person reads it today”, never a verdict, and a miss never means silence: every text is
read by a person anyway. Offsets refer to the text as the child wrote it; the text itself is not copied.
"""

import unicodedata
from dataclasses import dataclass

from scoring.key import Lexicon

_WINDOW = 6  # characters behind a form in which a negation takes it back


@dataclass(frozen=True, order=True)
class Hit:
    start: int
    end: int
    kind: str


def fold(text: str) -> tuple[str, list[int]]:
    """NFKC, lower case, katakana to hiragana, without spaces and marks; with the origin of each character."""
    folded: list[str] = []
    origin: list[int] = []
    for index, raw in enumerate(text):
        for char in unicodedata.normalize("NFKC", raw).lower():
            if "ァ" <= char <= "ヶ":
                char = chr(ord(char) - 0x60)
            if unicodedata.category(char)[0] in "LN" or char == "ー":
                folded.append(char)
                origin.append(index)
    return "".join(folded), origin


def fold_plain(text: str) -> str:
    """A lexicon entry, folded the same way."""
    return fold(text)[0]


def find_hits(text: str, lexicon: Lexicon) -> tuple[Hit, ...]:
    """Every place where a form of the lexicon stands, outside harmless idioms."""
    folded, origin = fold(text)
    harmless = [span for idiom in lexicon.idioms for span in _spans(folded, idiom)]
    hits = set()
    for kind, forms in lexicon.classes.items():
        for form in forms:
            for start, end in _spans(folded, form):
                if any(left <= start and end <= right for left, right in harmless):
                    continue
                if kind in lexicon.negatable and _negated(folded[end : end + _WINDOW], lexicon):
                    continue
                hits.add(Hit(origin[start], origin[end - 1] + 1, kind))
    return tuple(sorted(hits))


def _spans(folded: str, form: str) -> list[tuple[int, int]]:
    found, at = [], folded.find(form) if form else -1
    while at >= 0:
        found.append((at, at + len(form)))
        at = folded.find(form, at + 1)
    return found


def _negated(behind: str, lexicon: Lexicon) -> bool:
    return any(behind.startswith(negation) for negation in lexicon.negations)
