"""A rule's condition in Japanese words, with the answers as the child read them."""

from collections.abc import Mapping
from typing import Any

from scoring.key import Condition
from survey_api.services.banks.ruby import plain

MISSING = {"dont_know": "わからない", "declined": "答えたくない", "not_shown": "出なかった", "left": "残した"}
SIGNS = {
    "straightline": "同じ場所ばかり押す",
    "flat": "答えの場所がほとんど動かない",
    "fast": "速すぎる",
    "contradicting": "反対向きの質問で食いちがう",
    "halves": "同じことをたずねる質問どうしで食いちがう",
    "erratic": "答えの場所が大きくばらつく",
    "unusual": "ほかではまず見ない組み合わせ",
    "many_blank": "答えない質問が多い",
    "broke_off": "途中で終わった",
    "ask_again": "もう一度たずねる印",
}


def condition_words(condition: Condition, words: Mapping[str, Any]) -> str:
    """The whole tree as one sentence; brackets show what belongs together."""
    if condition.form in ("all", "any", "count"):
        return _combined(condition, [condition_words(part, words) for part in condition.parts])
    if condition.form == "not":
        return f"次でない({condition_words(condition.parts[0], words)})"
    return _single(condition, words)


def _combined(condition: Condition, parts: list[str]) -> str:
    if condition.form == "all":
        return "(" + ") かつ (".join(parts) + ")"
    if condition.form == "any":
        return "(" + ") または (".join(parts) + ")"
    return f"次のうち{condition.at_least}つ以上: " + " / ".join(parts)


def _single(condition: Condition, words: Mapping[str, Any]) -> str:
    if condition.form == "band":
        bands = "・".join(words["bands"][band] for band in sorted(condition.codes))
        return f"{words['subscales'][condition.item]} が {bands}"
    if condition.form == "worse":
        return f"{words['subscales'][condition.item]} が前回よりはっきり悪い(偶然では説明しにくい差)"
    if condition.form == "previous":
        return f"前回も規則 {condition.item}"
    if condition.form == "quality":
        return SIGNS[condition.item]
    return _about_item(condition, words["items"][condition.item])


def _about_item(condition: Condition, said: Mapping[str, Any]) -> str:
    if condition.form == "text_hit":
        return f"{said['short']}に急いで読む言葉がある"
    if condition.form == "text_written":
        return f"{said['short']}に何か書いてある"
    if condition.form == "is":
        return f"{said['short']} が「{'・'.join(MISSING[code] for code in sorted(condition.codes))}」"
    chosen = "・".join(plain(text) for code, text in said["options"].items() if code in condition.codes)
    if condition.form == "other_than":
        return f"{said['short']} が「{chosen}」以外"
    return f"{said['short']} が「{chosen}」"
