"""A bank's words as staff read them: why a rule fired, what was asked, what was answered. Never scores."""

from collections.abc import Mapping
from typing import Any

from survey_api.services.banks.bank import Missing
from survey_api.services.banks.library import LoadedBank
from survey_api.services.banks.ruby import plain

MISSING_WORDS: Mapping[str, str] = {
    "declined": "答えたくない",
    "dont_know": "わからない",
    "left": "答えなし",
    "not_shown": "この質問は出ていない",
    "written": "自由記述あり",
}
CONCERN_WORDS: Mapping[str, str] = {
    "neglect": "生活の基本",
    "care": "家族の世話",
    "safety": "安全",
    "mood": "気持ち",
    "wish": "話したい希望",
    "text": "自由記述",
    "quality": "答え方",
    "change": "前回との違い",
}
ASK_FIRST = "今日のうちに、まず本人にもう一度たずねる(答え方に気になる印がある。印は消えない)"
UNREAD_FORMS = "自由記述は表記の一覧だけで確かめました(語形の辞書が読めません)。必ず全文を読んでください"
_SIGNS: Mapping[str, str] = {
    "straightline": "同じ位置の答えが続いている",
    "flat": "答えの位置がほとんど動かない",
    "fast": "読む間がないほど速い",
    "contradicting": "逆の問いの答えが合わない",
    "halves": "同じことをたずねる質問どうしの答えが合わない",
    "erratic": "答えの位置が大きくばらつく",
    "unusual": "ほかではまず見ない答えの組み合わせ",
    "many_blank": "「わからない・答えたくない」が多い",
    "broke_off": "途中までの回答",
}


def reason_words(loaded: LoadedBank, reason: Mapping[str, Any]) -> str:
    """One reason of an assessment as a fact and its threshold."""
    written = loaded.words().get("reasons", {})
    code = str(reason["code"])
    if code == "vanished":
        return f"前回あり→今回なし(解消とはみなさない): {rule_words(loaded, str(reason['params']['rule']))}"
    if code in written:
        return plain(str(written[code]))
    if code == "ask-again":
        return "答え方の確認: 本人にもう一度たずねる"
    concern = CONCERN_WORDS.get(str(reason["concern"]), str(reason["concern"]))
    if code.startswith("pattern-"):
        return f"{concern}: 複数の答えの組み合わせ"
    facts = [
        f"{short_of(loaded, entry['item'])}「{answer_words(loaded, entry['item'], entry['answer'])}」"
        for entry in reason["evidence"]
    ]
    return f"{concern}: {'、'.join(facts)}" if facts else concern


def sign_words(sign: str) -> str:
    """A sign of how the answers were given: information, never a discount."""
    return _SIGNS.get(sign, sign)


def short_of(loaded: LoadedBank, item: str) -> str:
    """The label of an item as staff see it."""
    entry = loaded.words()["items"].get(item, {})
    return plain(str(entry.get("short") or entry.get("ask") or item))


def ask_of(loaded: LoadedBank, item: str) -> str:
    """The question as the child read it, without readings."""
    return plain(str(loaded.words()["items"].get(item, {}).get("ask", item)))


def answer_words(loaded: LoadedBank, item: str, value: Any) -> str:
    """The answer in the words the child tapped; a refusal and a missing answer in neutral words."""
    if value is None:
        return MISSING_WORDS["left"]
    if isinstance(value, list | tuple):
        return "、".join(answer_words(loaded, item, code) for code in value)
    options = loaded.words()["items"].get(item, {}).get("options", {})
    code = str(value)
    return plain(str(options[code])) if code in options else MISSING_WORDS.get(code, code)


def wish_words(loaded: LoadedBank, answers: Mapping[str, Any]) -> str:
    """What the child said about talking to somebody, quoted as chosen; empty when nothing was said."""
    return "・".join(answer_words(loaded, item, answers[item]) for item in wish_items(loaded, answers))


def wish_items(loaded: LoadedBank, answers: Mapping[str, Any]) -> list[str]:
    """The answered items about talking, in the order they were asked."""
    return [item.id for item in loaded.bank.items.values() if item.construct == "wish" and item.id in answers]


def missing_words(reason: Missing) -> str:
    return MISSING_WORDS[reason]


def rule_words(loaded: LoadedBank, rule_id: str) -> str:
    """What a rule looks for, for rules that vanished or could not be judged."""
    because = next((rule.because for rule in loaded.scoring_key.rules if rule.id == rule_id), rule_id)
    return plain(str(loaded.words().get("reasons", {}).get(because, because)))


OTHER_DOMAIN = "毎日のこと"
_DOMAINS = (
    ("care", "care"),
    ("mood", "mood"),
    ("violence", "safety"),
    ("safety", "safety"),
    ("fear", "safety"),
)


def domain_words(loaded: LoadedBank, item: str) -> str:
    """What a question is about, in words: by the points it gives, else by its construct, else everyday life."""
    key = loaded.scoring_key
    if loaded.bank.items[item].construct == "wish":
        return CONCERN_WORDS["wish"]
    known = [table.concern for table in key.model.tables if item in table.points]
    known += [concern for start, concern in _DOMAINS if loaded.bank.items[item].construct.startswith(start)]
    return CONCERN_WORDS.get(str(known[0]), OTHER_DOMAIN) if known else OTHER_DOMAIN
