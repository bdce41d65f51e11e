"""freetext.yaml as data → Lexicon, with every entry folded as its texts will be. Mistakes are sentences."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from scoring.folding import fold_plain, has_signs, strip
from scoring.key import Lexicon, Pattern
from scoring.sequences import ROOT, index_of, steps_of, words_of


def lexicon_of(data: Mapping[str, Any]) -> Lexicon:
    """question_banks/_shared/freetext.yaml as data → lexicon. See lexicon_mistakes for what it refuses."""
    surfaces: list[tuple[str, str]] = []
    words: list[Pattern] = []
    normal: list[Pattern] = []
    for kind, by_language in data["classes"].items():
        forms = [form for written in by_language.values() for form in written]
        surfaces += [(kind, form) for form in _signs(forms)]
        words += [_word_pattern(kind, form) for form in forms if not has_signs(form)]
        normal += [Pattern(kind, steps_of(form)) for form in data.get("normal_forms", {}).get(kind, ())]
    idioms = list(data.get("idioms", ()))
    negations = data.get("negations", {})
    return Lexicon(
        surfaces=_by_start(surfaces),
        words=index_of(words),
        normal=index_of(normal),
        idioms=_by_start(("", idiom) for idiom in _signs(idioms)),
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
        found.append("freetext.classes: 分類がありません")
    for kind, by_language in classes.items():
        for language, forms in by_language.items():
            where = f"freetext.classes.{kind}.{language}"
            twice = sorted({str(form) for form in forms if forms.count(form) > 1})
            found += [f"{where}: 「{form}」が2回あります" for form in twice]
            found += [sentence for form in forms for sentence in _form(where, form)]
    for kind in sorted(set(data.get("normal_forms", {})) - set(classes)):
        found.append(f"freetext.normal_forms.{kind}: そのような分類はありません")
    for mask in data.get("lookalikes", {}):
        if len(strip(mask).text) != len(mask):
            found.append(f"freetext.lookalikes.{mask}: 表記をそろえると消える字が入っています")
    negations = data.get("negations", {})
    for kind in sorted(set(negations.get("negatable", ())) - set(classes)):
        found.append(f"freetext.negations.negatable: 「{kind}」という分類はありません")
    if "self_harm" in negations.get("negatable", ()):
        found.append("freetext.negations.negatable: 死にたい気持ちは打ち消しで取り消せません")
    sequences = [
        *(form for forms in data.get("normal_forms", {}).values() for form in forms),
        *negations.get("normal_forms", ()),
        *data.get("normal_idioms", ()),
        *negations.get("words", ()),
    ]
    for form in sequences:
        if not isinstance(form, str):
            found.append(
                f"freetext: 「{form}」は1つの語句ではありません。-・字下げ・引用符がぬけていませんか"
            )
            continue
        try:
            steps_of(form)
        except ValueError as mistake:
            found.append(f"freetext: 「{form}」: {mistake}")
    return found


def _form(where: str, form: Any) -> Iterable[str]:
    if not isinstance(form, str) or " - " in form or ":" in form:
        yield f"{where}: 「{form}」は1つの語句ではありません。- か字下げがぬけていませんか"
        return
    if has_signs(form):
        if not all(fold_plain(part) for part in form.split("…")):
            yield f"{where}: 「{form}」には探すものがありません"
        return
    try:
        _word_pattern("", form)
    except ValueError as mistake:
        yield f"{where}: 「{form}」: {mistake}"


@cache
def _word_pattern(kind: str, form: str) -> Pattern:
    """Each alternative folded like a word of a text; every bank shares the same lexicon, so once for all of them."""
    parts = [
        part if part in ("…", "……") else "/".join(_word(option) for option in part.split("/"))
        for part in form.split()
    ]
    return Pattern(kind, steps_of(" ".join(parts)))


def _word(option: str) -> str:
    tokens = words_of(option)
    if len(tokens) != 1:
        raise ValueError(f"「{option}」は1語ではありません")
    folded = max(tokens[0].forms, key=lambda spelling: (len(spelling), spelling))
    return ROOT + folded if option.startswith(ROOT) else folded


def _signs(forms: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({fold_plain(form) for form in forms if has_signs(form)} - {""}))


def _by_start(forms: Iterable[tuple[str, str]]) -> dict[str, tuple[tuple[str, str], ...]]:
    """By the first two signs (one, when “…” or nothing follows): a text is then read once, sign by sign."""
    found: dict[str, list[tuple[str, str]]] = {}
    for kind, form in forms:
        found.setdefault(form.partition("…")[0][:2], []).append((kind, form))
    return {start: tuple(those) for start, those in found.items()}


def _longest_first(lookalikes: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(lookalikes.items(), key=lambda pair: (-len(pair[0]), pair))
