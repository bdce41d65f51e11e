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


def tokens_of(folded: Folded) -> list[Token] | None:
    """Morphemes with their normal form, dictionary form and surface; None when no dictionary can be loaded."""
    tokenizer = _tokenizer()
    if tokenizer is None:
        return None
    tokens = []
    for morpheme in tokenizer.tokenize(folded.text):
        surface = morpheme.surface()
        if not surface or morpheme.part_of_speech()[0] in _SKIPPED:
            continue
        forms = frozenset({morpheme.normalized_form(), morpheme.dictionary_form(), surface})
        start, end = folded.span(morpheme.begin(), morpheme.end())
        tokens.append(Token(forms, start, end, stop=STOP in surface))
    return tokens


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
