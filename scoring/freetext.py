"""The free-text check: surface forms and grammar side by side; either is enough, and only places are kept.

A hit always means “a person reads it today”, never a verdict, and a miss never means silence: every text is
read by a person anyway. Offsets refer to the text as the child wrote it; the text itself is not copied.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from scoring import morphology
from scoring.folding import (
    Folded,
    has_signs,
    sentence,
    strip,
    to_hiragana,
    unmask,
    unstretch,
    unvoice,
)
from scoring.key import Lexicon
from scoring.sequences import Match, Token, end_of, matches, words_of

NEAR = 2  # characters between a form and a negation that still takes it back: たたかれ「た」ことはない
SIGN_GAP = 5  # characters that “…” may stand for in a surface form
INFLECTION = 2  # signs by which a normal form may reach over the end of an idiom: 滝に打たれ「る」

Span = tuple[int, int]
Forms = Mapping[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, order=True)
class Hit:
    """Where a form stands in the text as written, and which class of the lexicon it belongs to."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class TextCheck:
    """`complete` is False when the dictionary of normal forms could not be loaded: the surface list alone read it."""

    hits: tuple[Hit, ...]
    complete: bool = True


def find_hits(text: str, lexicon: Lexicon) -> tuple[Hit, ...]:
    """Every place where a form of the lexicon stands, outside harmless idioms and taken-back forms."""
    return check_text(text, lexicon).hits


def check_text(text: str, lexicon: Lexicon) -> TextCheck:
    """Surface forms OR normal forms OR words: what any of the three finds is found."""
    stripped = strip(text)
    written = {stripped, unmask(stripped, lexicon.lookalikes)}
    written |= {unstretch(each) for each in tuple(written)}
    variants = {to_hiragana(each) for each in written}
    variants |= {unvoice(each) for each in tuple(variants)}
    harmless = [span for variant in variants for span in _idioms(variant, lexicon.idioms)]
    found = {hit for variant in variants for hit in _surface_hits(variant, lexicon, harmless)}
    found |= set(_word_hits(text, lexicon))
    if not (lexicon.normal and has_signs(text)):
        return TextCheck(_widest(found))
    read = _readings(text, lexicon)
    if read is None:
        return TextCheck(_widest(found), complete=False)
    normal, denied = _normal_hits(read, lexicon, harmless)
    found = {hit for hit in found | normal if not any(_overlap(hit, each) for each in denied)}
    return TextCheck(_widest(found))


def _surface_hits(folded: Folded, lexicon: Lexicon, harmless: list[Span]) -> Iterator[Hit]:
    for kind, start, end in _standing(folded, lexicon.surfaces):
        span = folded.span(start, end)
        if _inside(span, harmless):
            continue
        if kind in lexicon.negatable and _taken_back(folded, end, lexicon):
            continue
        yield Hit(*span, kind)


def _word_hits(text: str, lexicon: Lexicon) -> Iterator[Hit]:
    tokens = words_of(text)
    harmless = _covered(tokens, matches(tokens, lexicon.word_idioms))
    denied = {match.last + 1 for match in matches(tokens, lexicon.word_negations)}
    for match in matches(tokens, lexicon.words):
        if match.kind in lexicon.negatable and match.first in denied:
            continue
        span = tokens[match.first].start, tokens[match.last].end
        if not _inside(span, harmless):
            yield Hit(*span, match.kind)


def _readings(text: str, lexicon: Lexicon) -> list[list[Token]] | None:
    """As written, in hiragana, and with look-alikes put back; None when there is no dictionary."""
    written = sentence(text)
    read: list[list[Token]] = []
    for reading in {written, to_hiragana(written), unmask(written, lexicon.lookalikes)}:
        tokens = morphology.tokens_of(reading)
        if tokens is None:
            return None
        read.append(tokens)
    return read


def _normal_hits(
    read: list[list[Token]], lexicon: Lexicon, harmless: list[Span]
) -> tuple[set[Hit], list[Hit]]:
    """(what was found, what grammar takes back: 殴られた ことはない)."""
    spans = list(harmless)
    for tokens in read:
        spans += _covered(tokens, matches(tokens, lexicon.normal_idioms))
    found: set[Hit] = set()
    denied: list[Hit] = []
    for tokens in read:
        for match in matches(tokens, lexicon.normal):
            hit = Hit(tokens[match.first].start, tokens[match.last].end, match.kind)
            if match.kind in lexicon.negatable and _denied(tokens, match, lexicon):
                denied.append(hit)
            elif not _inside((hit.start, hit.end), spans, INFLECTION):
                found.add(hit)
    return found, denied


def _widest(found: set[Hit]) -> tuple[Hit, ...]:
    """Without what stands inside a longer hit of the same class."""
    return tuple(
        sorted(
            hit
            for hit in found
            if not any(
                other != hit and other.kind == hit.kind and other.start <= hit.start and hit.end <= other.end
                for other in found
            )
        )
    )


def _overlap(one: Hit, other: Hit) -> bool:
    return one.kind == other.kind and one.start < other.end and other.start < one.end


def _denied(tokens: list[Token], match: Match, lexicon: Lexicon) -> bool:
    """A negation right behind, and nothing behind it that turns it round (殴られない日はない, 殴られないか)."""
    for first in sorted(tokens[match.last + 1].forms) if match.last + 1 < len(tokens) else ():
        for negation in lexicon.normal_negations.get(first, ()):
            after = end_of(tokens, match.last + 2, negation.steps[1:])
            if after is None:
                continue
            rest = tokens[after] if after < len(tokens) else None
            if rest is None or rest.stop or not rest.forms.isdisjoint(lexicon.closers):
                return True
    return False


def _idioms(folded: Folded, idioms: Forms) -> Iterator[Span]:
    for _, start, end in _standing(folded, idioms):
        yield folded.span(start, end)


def _covered(tokens: list[Token], found: Iterable[Match]) -> list[Span]:
    return [(tokens[match.first].start, tokens[match.last].end) for match in found]


def _standing(folded: Folded, forms: Forms) -> Iterator[tuple[str, int, int]]:
    """(class, start, end) of every form, read once from the first sign to the last."""
    text = folded.text
    for at in range(len(text)):
        for kind, form in (*forms.get(text[at : at + 2], ()), *forms.get(text[at], ())):
            if "…" in form:
                match = _with_gaps(form).match(text, at)
                if match and not any(at < stop < match.end() for stop in folded.ends):
                    yield kind, at, match.end()
            elif text.startswith(form, at):
                yield kind, at, at + len(form)


@lru_cache(maxsize=1024)
def _with_gaps(form: str) -> re.Pattern[str]:
    """“…” stands for a few signs of the same clause."""
    return re.compile(f".{{0,{SIGN_GAP}}}?".join(re.escape(part) for part in form.split("…")))


def _inside(span: Span, harmless: Iterable[Span], over: int = 0) -> bool:
    return any(left <= span[0] < right and span[1] <= right + over for left, right in harmless)


def _taken_back(folded: Folded, end: int, lexicon: Lexicon) -> bool:
    """A negation close behind, in the same clause, with nothing behind it that turns it round."""
    for negation in lexicon.negations:
        at = folded.text.find(negation, end, end + NEAR + len(negation))
        if at < 0 or any(end <= stop <= at for stop in folded.ends):
            continue
        after = at + len(negation)
        if after in folded.ends or not folded.text.startswith(lexicon.turned_by, after):
            return True
    return False
