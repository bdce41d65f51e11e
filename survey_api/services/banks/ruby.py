"""Readings written inside a sentence: 漢字《かんじ》 → segments, the bare sentence, the spoken sentence.

A reading belongs to the run of kanji directly before it. Where only the end of a run is meant, a bar starts
the base: 学校｜保健《ほけん》. This module splits; it never decides which words need a reading (wording.py).
"""

import re

Segment = tuple[str, str | None]

_KANJI = r"々〆〇ヶ\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_ANNOTATED = re.compile(rf"｜([^｜《》]+)《([^《》]+)》|([{_KANJI}]+)《([^《》]+)》")


def segments(text: str) -> list[Segment]:
    """The sentence as (base, reading) pairs, reading None where plain. Joined bases give plain(text)."""
    found: list[Segment] = []
    end = 0
    for match in _ANNOTATED.finditer(text):
        if match.start() > end:
            found.append((text[end : match.start()], None))
        base, reading = (match[1], match[2]) if match[1] else (match[3], match[4])
        found.append((base, reading))
        end = match.end()
    if end < len(text):
        found.append((text[end:], None))
    return found


def plain(text: str) -> str:
    """The sentence without readings: what is printed when ruby is off, and the accessible name."""
    return "".join(base for base, _ in segments(text))


def yomi(text: str) -> str:
    """The sentence as it is spoken: each annotated base replaced by its reading. Input of read-aloud."""
    return "".join(reading or base for base, reading in segments(text))


def stray_marks(text: str) -> bool:
    """True when a 《, 》 or ｜ is left over, so that a child would see the mark itself."""
    return any(mark in plain(text) for mark in "《》｜")
