"""Sequences of words or morphemes: each step names what may stand there, “…” lets a few others stand between,
“……” a dozen.

Written `want/wanna to die`, `死ぬ たい`, `父/母 … 殴る`, `~suicid` (any word with this root). Used for languages with spaces (words) and for Japanese
normal forms (morphemes).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from scoring.folding import clusters
from scoring.key import Pattern, Step

GAP = 5
"""How many words “…” may stand for, within one sentence."""
LONG_GAP = 12
"""How many “……” may stand for."""
_DIGITS = tuple(str.maketrans("013457", f"o{one}east") for one in "il")
ROOT = "~"
_REPEATED = re.compile(r"(.)\1{2,}")
_SENTENCE_END = frozenset(".!?。！？;\n")


@dataclass(frozen=True)
class Token:
    """One word or morpheme: the forms it counts as, and where it stands in the text as written."""

    forms: frozenset[str]
    start: int
    end: int
    stop: bool = False
    """The end of a sentence: nothing reaches across it."""


@dataclass(frozen=True)
class Match:
    """Tokens first..last (inclusive) are a form of this class."""

    first: int
    last: int
    kind: str


def steps_of(written: str) -> tuple[Step, ...]:
    """`a/b … c` → steps. ValueError when nothing is written or “…” stands at an end."""
    steps: list[Step] = []
    gap = 0
    for part in written.split():
        if part in ("…", "……"):
            gap = GAP if part == "…" else LONG_GAP
            continue
        options = part.split("/")
        whole = frozenset(option for option in options if not option.startswith(ROOT))
        roots = frozenset(option[1:] for option in options if option.startswith(ROOT))
        if any(len(root) < 4 for root in roots):
            raise ValueError("~ の後は4字以上にしてください")
        steps.append(Step(whole, gap, roots))
        gap = 0
    if not steps or gap or steps[0].gap:
        raise ValueError("… は語と語の間に置いてください")
    return tuple(steps)


def index_of(patterns: Iterable[Pattern]) -> dict[str, tuple[Pattern, ...]]:
    """Patterns by each form their first step accepts."""
    found: dict[str, list[Pattern]] = {}
    for pattern in patterns:
        first = pattern.steps[0]
        for form in [*sorted(first.forms), *([ROOT] if first.roots else [])]:
            found.setdefault(form, []).append(pattern)
    return {form: tuple(those) for form, those in found.items()}


def matches(tokens: list[Token], patterns: Mapping[str, tuple[Pattern, ...]]) -> Iterator[Match]:
    """Every place where a pattern stands, whichever token it begins with."""
    rooted = patterns.get(ROOT, ())
    for first, token in enumerate(tokens):
        begun = [pattern for form in token.forms for pattern in patterns.get(form, ())]
        begun += [pattern for pattern in rooted if fits(token, pattern.steps[0])]
        for pattern in begun:
            after = end_of(tokens, first + 1, pattern.steps[1:])
            if after is not None:
                yield Match(first, after - 1, pattern.kind)


def fits(token: Token, step: Step) -> bool:
    """The token is one of the step's forms, or holds one of its roots."""
    return not step.forms.isdisjoint(token.forms) or any(
        root in form for root in step.roots for form in token.forms
    )


def end_of(tokens: list[Token], at: int, steps: tuple[Step, ...]) -> int | None:
    """The place behind the last step when the steps follow from `at` on."""
    if not steps:
        return at
    for place in range(at, min(at + steps[0].gap + 1, len(tokens))):
        if tokens[place].stop:
            return None
        if fits(tokens[place], steps[0]):
            after = end_of(tokens, place + 1, steps[1:])
            if after is not None:
                return after
    return None


def words_of(text: str) -> list[Token]:
    """Words of a language with spaces: NFKC, no case, accents or apostrophes; sentence ends as stops.

    A word also counts as itself with digits read as letters (k1ll) and drawn-out letters shortened (dieeee);
    single letters standing apart (k i l l) count as one word.
    """
    tokens: list[Token] = []
    letters: list[str] = []
    begin = end = 0

    def close() -> None:
        if letters:
            tokens.append(Token(_spellings("".join(letters)), begin, end))
            letters.clear()

    for start, stop, cluster in clusters(text):
        for char in unicodedata.normalize("NFD", unicodedata.normalize("NFKC", cluster).casefold()):
            kind = unicodedata.category(char)[0]
            if char in "'’‘ʼ" or kind == "M":
                continue
            if kind in "LN":
                begin = begin if letters else start
                end = stop
                letters.append("d" if char == "đ" else char)
                continue
            close()
            if char in _SENTENCE_END and not (tokens and tokens[-1].stop):
                tokens.append(Token(frozenset(), start, stop, stop=True))
    close()
    return _joined(tokens)


def _spellings(word: str) -> frozenset[str]:
    spellings = {word}
    if not word.isdigit() and not word.isalpha():
        spellings |= {word.translate(read) for read in _DIGITS}
    for spelling in tuple(spellings):
        spellings |= {_REPEATED.sub(r"\1", spelling), _REPEATED.sub(r"\1\1", spelling)}
    return frozenset(spellings)


def _joined(tokens: list[Token]) -> list[Token]:
    """Runs of three or more single letters become one word."""
    joined: list[Token] = []
    run: list[Token] = []
    for token in [*tokens, Token(frozenset(), 0, 0)]:
        if not token.stop and token.end - token.start == 1 and token.forms:
            run.append(token)
            continue
        if len(run) >= 3:
            word = "".join(min(one.forms, key=len) for one in run)
            joined.append(Token(_spellings(word), run[0].start, run[-1].end))
        else:
            joined += run
        run = []
        joined.append(token)
    return joined[:-1]
