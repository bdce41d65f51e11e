"""freetext.yaml as data → Lexicon, with every entry folded as its texts will be. Mistakes are sentences."""

from collections.abc import Iterable, Mapping
from typing import Any

from scoring.folding import fold_plain, has_signs, strip
from scoring.key import Lexicon, Pattern
from scoring.sequences import ROOT, index_of, steps_of, words_of


def lexicon_of(data: Mapping[str, Any]) -> Lexicon:
    """question_banks/_shared/freetext.yaml as data → lexicon. See lexicon_mistakes for what it refuses."""
    surfaces: dict[str, tuple[str, ...]] = {}
    words: list[Pattern] = []
    normal: list[Pattern] = []
    for kind, by_language in data["classes"].items():
        forms = [form for written in by_language.values() for form in written]
        surfaces[kind] = _signs(forms)
        words += [_word_pattern(kind, form) for form in forms if not has_signs(form)]
        normal += [Pattern(kind, steps_of(form)) for form in data.get("normal_forms", {}).get(kind, ())]
    idioms = list(data.get("idioms", ()))
    negations = data.get("negations", {})
    return Lexicon(
        surfaces=surfaces,
        words=index_of(words),
        normal=index_of(normal),
        idioms=_signs(idioms),
        normal_idioms=index_of(Pattern("", steps_of(form)) for form in data.get("normal_idioms", ())),
        word_idioms=index_of(_word_pattern("", form) for form in idioms if not has_signs(form)),
        negations=_signs(negations.get("surface", ())),
        turned_by=_signs(negations.get("turned_by", ())),
        word_negations=index_of(_word_pattern("", form) for form in negations.get("words", ())),
        normal_negations=index_of(Pattern("", steps_of(form)) for form in negations.get("normal_forms", ())),
        closers=frozenset(negations.get("closers", ())),
        lookalikes=tuple(
            (strip(mask).text, meant) for mask, meant in _longest_first(data.get("lookalikes", {}))
        ),
        negatable=frozenset(negations.get("negatable", ())),
    )


def lexicon_mistakes(data: Mapping[str, Any]) -> list[str]:
    """Entries that could never match, stand twice, or belong to nothing."""
    found: list[str] = []
    classes = data.get("classes") or {}
    if not classes:
        found.append("freetext.classes: no class is declared")
    for kind, by_language in classes.items():
        for language, forms in by_language.items():
            where = f"freetext.classes.{kind}.{language}"
            twice = sorted({str(form) for form in forms if forms.count(form) > 1})
            found += [f"{where}: “{form}” stands twice" for form in twice]
            found += [sentence for form in forms for sentence in _form(where, form)]
    for kind in sorted(set(data.get("normal_forms", {})) - set(classes)):
        found.append(f"freetext.normal_forms.{kind}: there is no such class")
    for mask in data.get("lookalikes", {}):
        if len(strip(mask).text) != len(mask):
            found.append(f"freetext.lookalikes.{mask}: a sign of it disappears when texts are folded")
    negations = data.get("negations", {})
    for kind in sorted(set(negations.get("negatable", ())) - set(classes)):
        found.append(f"freetext.negations.negatable: there is no class “{kind}”")
    if "self_harm" in negations.get("negatable", ()):
        found.append("freetext.negations.negatable: a wish to die is never taken back")
    sequences = [
        *(form for forms in data.get("normal_forms", {}).values() for form in forms),
        *negations.get("normal_forms", ()),
        *data.get("normal_idioms", ()),
        *negations.get("words", ()),
    ]
    for form in sequences:
        if not isinstance(form, str):
            found.append(f"freetext: “{form}” is not one form: is a dash, an indent or a quote missing?")
            continue
        try:
            steps_of(form)
        except ValueError as mistake:
            found.append(f"freetext: “{form}”: {mistake}")
    return found


def _form(where: str, form: Any) -> Iterable[str]:
    if not isinstance(form, str) or " - " in form or ":" in form:
        yield f"{where}: “{form}” is not one form: is a dash or an indent missing?"
        return
    if has_signs(form):
        if not all(fold_plain(part) for part in form.split("…")):
            yield f"{where}: “{form}” has nothing to look for"
        return
    try:
        _word_pattern("", form)
    except ValueError as mistake:
        yield f"{where}: “{form}”: {mistake}"


def _word_pattern(kind: str, form: str) -> Pattern:
    """Each alternative folded like a word of a text."""
    parts = [
        part if part in ("…", "……") else "/".join(_word(option) for option in part.split("/"))
        for part in form.split()
    ]
    return Pattern(kind, steps_of(" ".join(parts)))


def _word(option: str) -> str:
    tokens = words_of(option)
    if len(tokens) != 1:
        raise ValueError(f"“{option}” is not one word")
    folded = max(tokens[0].forms, key=lambda spelling: (len(spelling), spelling))
    return ROOT + folded if option.startswith(ROOT) else folded


def _signs(forms: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({fold_plain(form) for form in forms if has_signs(form)} - {""}))


def _longest_first(lookalikes: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(lookalikes.items(), key=lambda pair: (-len(pair[0]), pair))
