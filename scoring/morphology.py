"""Japanese normal forms: 殴られた, なぐられます and なぐらいで are one word to a reader who knows grammar.

SudachiPy and its dictionary are loaded when the first text comes, never at start. Where they cannot be loaded
the free-text check goes on with the surface list alone and says so.
"""

import threading
from typing import Any

from scoring.folding import STOP, Folded
from scoring.sequences import Token

_LOADED = threading.local()
_SKIPPED = frozenset({"空白"})
_ALIASES = {"こと": "事", "もの": "物", "もん": "物", "無い": "ない", "かける": "掛ける", "ひく": "引く"}
_MASU = frozenset({"ます"})
_POLITE = frozenset({"ます", "有る"})
"""What a polite denial swallows: あり・ませ・ん."""
_DENIES = frozenset({"ず", "ぬ", "ん"})
_NOT = frozenset({"ない", "ず"})


def tokens_of(folded: Folded) -> list[Token] | None:
    """Morphemes with normal form, dictionary form and surface; None when no dictionary can be loaded.

    Politeness disappears: なぐられます is なぐられる, ありません and ないです are ない.
    """
    tokenizer = _tokenizer()
    if tokenizer is None:
        return None
    tokens: list[Token] = []
    for morpheme in tokenizer.tokenize(folded.text):
        surface = morpheme.surface()
        if not surface or morpheme.part_of_speech()[0] in _SKIPPED:
            continue
        forms = {morpheme.normalized_form(), morpheme.dictionary_form(), surface}
        forms |= {_ALIASES[form] for form in forms if form in _ALIASES}
        start, end = folded.span(morpheme.begin(), morpheme.end())
        token = Token(frozenset(forms), start, end, stop=STOP in surface)
        while tokens and forms & _DENIES and not tokens[-1].forms.isdisjoint(_POLITE):
            token = Token(_NOT, tokens.pop().start, end)
        tokens.append(token)
    return [token for token in tokens if token.forms.isdisjoint(_MASU)]


def _tokenizer() -> Any:
    """One per thread: a tokenizer may not be used by two at once."""
    if not hasattr(_LOADED, "tokenizer"):
        _LOADED.tokenizer = load()
    return _LOADED.tokenizer


def load() -> Any:
    """A tokenizer over the core dictionary, or None. Any failure counts: a broken file must not stop a child."""
    try:
        from sudachipy import Dictionary

        return Dictionary(dict="core").tokenizer()
    except Exception:  # whatever is wrong with it, the surface list still works, and the result says so
        return None
