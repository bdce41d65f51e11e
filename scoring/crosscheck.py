"""What a scoring key must not contradict: itself, the laws of safety, and the bank it belongs to.

Reads a finished key and lists sentences; an empty list means nothing was found. Never repairs anything.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from scoring.key import Condition, Cut, ItemKey, Rule, ScoringKey
from scoring.parse_condition import conditions_in
from scoring.vocabulary import CONCERNS, Level, Urgency

MOVED_BY_ANSWERS = frozenset(
    {"answered", "other_than", "band", "worse", "text_hit", "text_written", "quality"}
)
"""Forms that a different answer can make true: inside “not”, a worse answer could switch the rule off."""


def contradictions(key: ScoringKey) -> list[str]:
    """Every mistake that shows only when the parts of a key are read together."""
    found: list[str] = []
    for rule in key.rules:
        where = f"rules.{rule.id}"
        found += [f"{where}: {sentence}" for sentence in _rule(key, rule)]
    found += _doubled(key)
    found += _texts_without_reader(key)
    for table in key.model.tables:
        found += _calling_bands(f"model.concerns.{table.concern}.bands", table.bands)
        if table.concern not in CONCERNS:
            found.append(f"model.concerns.{table.concern}: {'・'.join(CONCERNS)} のどれでもありません")
    found += [
        f"subscales.{subscale.id}: concern「{subscale.concern}」は {'・'.join(CONCERNS)} のどれでもありません"
        for subscale in key.subscales
        if subscale.concern not in CONCERNS
    ]
    return found


def _rule(key: ScoringKey, rule: Rule) -> Iterator[str]:
    if rule.concern not in CONCERNS:
        yield f"concern「{rule.concern}」は {'・'.join(CONCERNS)} のどれでもありません"
    if rule.active and rule.urgency is Urgency.TODAY and rule.level is not Level.A:
        yield "today にできるのはAの規則だけです"
    if rule.level is not Level.D and any(part.form == "quality" for part in conditions_in(rule.when)):
        yield "答え方(quality)を根拠にできるのはDの規則だけです"
    yield from _negations(rule.when)
    for part in conditions_in(rule.when):
        yield from _condition(key, part)
    yield from _impossible(key, rule.when)
    if rule.level is Level.A:
        yield from _reversed_only(key, rule.when)


def _negations(condition: Condition) -> Iterator[str]:
    for part in conditions_in(condition):
        if part.form == "not" and any(inner.form in MOVED_BY_ANSWERS for inner in conditions_in(part)):
            yield "not が答えを囲んでいます。重い答えで規則が消えることになります"


def _condition(key: ScoringKey, part: Condition) -> Iterator[str]:
    item = key.items.get(part.item)
    if part.form == "count" and part.at_least > len(part.parts):
        yield f"{len(part.parts)}つのうち{part.at_least}つは、決して成り立ちません"
    if part.form in ("text_hit", "text_written") and key.text_items and part.item not in key.text_items:
        yield f"質問「{part.item}」は自由記述ではありません"
    if part.form == "answered" and item is not None and item.levels and part.codes >= set(item.levels):
        yield f"「{part.item}」の答えがすべて並んでいて、規則の意味がありません"
    if part.form == "other_than" and item is not None:
        yield from _other_than(part, item)
    if part.form == "band":
        names = [cut.band for sub in key.subscales if sub.id == part.item for cut in sub.bands]
        if part.codes <= set(names) and set(names[-len(part.codes) :]) != part.codes:
            yield f"「{part.item}」の区分は、いちばん重いものまで続けて並べてください"


def _other_than(part: Condition, item: ItemKey) -> Iterator[str]:
    if item.is_multi:
        if item.count_of <= part.codes:
            yield f"「{item.id}」に、規則にあたる答えが残りません"
        return
    for code in sorted(part.codes - set(item.levels)):
        yield f"質問「{item.id}」に答え「{code}」はありません"
    left = {level for code, level in item.levels.items() if code not in part.codes}
    named = {level for code, level in item.levels.items() if code in part.codes}
    if not left:
        yield f"「{item.id}」に、規則にあたる答えが残りません"
    elif named and max(named) >= min(left):
        yield f"「{item.id}」の規則にあたる答えは、いちばん重いものまで続けてください"


def _impossible(key: ScoringKey, condition: Condition) -> Iterator[str]:
    """An “all” that asks one single-choice item for two things at once."""
    for part in conditions_in(condition):
        if part.form != "all":
            continue
        possible: dict[str, frozenset[str]] = {}
        for needed in _flat(part):
            item = key.items.get(needed.item)
            if item is None or (item.is_multi and needed.form != "is"):
                continue
            states = _states(needed, item)
            if states is None:
                continue
            possible[item.id] = possible.get(item.id, states) & states
        for name, states in possible.items():
            if not states:
                yield f"規則の中で食いちがっています。「{name}」のどの答えも、すべては満たせません"


def _flat(condition: Condition) -> Iterator[Condition]:
    for part in condition.parts:
        if part.form == "all":
            yield from _flat(part)
        else:
            yield part


def _states(needed: Condition, item: ItemKey) -> frozenset[str] | None:
    if needed.form in ("answered", "is"):
        return needed.codes
    if needed.form == "other_than":
        return frozenset(item.levels) - needed.codes
    return None


def _reversed_only(key: ScoringKey, condition: Condition) -> Iterator[str]:
    for part in conditions_in(condition):
        if part.form not in ("band", "worse"):
            continue
        members = [
            key.items[i] for sub in key.subscales if sub.id == part.item for i in sub.items if i in key.items
        ]
        if members and all(item.reverse_keyed for item in members):
            yield f"Aの規則は「{part.item}」を根拠にできません(質問がすべて逆向きです)"


def _doubled(key: ScoringKey) -> list[str]:
    """The same condition must not stand for two urgencies, nor stand twice."""
    found: list[str] = []
    seen: dict[Condition, Rule] = {}
    for rule in key.rules:
        first = seen.setdefault(rule.when, rule)
        if first is rule or first.active != rule.active:
            continue
        contrary = (first.urgency, first.level) != (rule.urgency, rule.level)
        word = "と食いちがいます" if contrary else "のくり返しです"
        found.append(f"rules.{rule.id}: rules.{first.id} {word}(条件が同じです)")
    return found


def _texts_without_reader(key: ScoringKey) -> list[str]:
    """Words a child wrote are always read: each text item needs an active hard rule on a hit."""
    watched = {
        rule.when.item
        for rule in key.rules
        if rule.level is Level.A and rule.active and rule.when.form == "text_hit"
    }
    return [
        f"items.{name}: 「text_hit: {name}」の、試行でないAの規則を加えてください"
        for name in sorted(key.text_items - watched)
    ]


def _calling_bands(where: str, bands: tuple[Cut, ...]) -> list[str]:
    """The points table orders and adds; it never calls for today, and a higher band never calls later."""
    found = []
    ranks = [cut.urgency.rank if cut.urgency else len(Urgency) for cut in bands]
    if any(cut.urgency is Urgency.TODAY for cut in bands):
        found.append(f"{where}: 点数表は today を呼べません。Aの規則を書いてください")
    if ranks != sorted(ranks, reverse=True):
        found.append(f"{where}: 高い区分が、低い区分よりゆるい急ぎ方になっています")
    return found


def against_bank(key: ScoringKey, bank: Mapping[str, Any]) -> list[str]:
    """bank.yaml as data beside its key: every scored item and code exists there, every option has a level."""
    asked: Mapping[str, Any] = bank["items"]
    found = []
    for name in sorted(set(key.items) - set(asked)):
        found.append(f"items.{name}: bank.yaml にその質問はありません")
    for name, item in key.items.items():
        options = set(asked.get(name, {}).get("options", ()))
        if not options:
            continue
        known = item.count_of if item.is_multi else set(item.levels)
        for code in sorted(known - options):
            found.append(f"items.{name}: bank.yaml に選択肢「{code}」はありません")
        if not item.is_multi:
            found += [f"items.{name}: 選択肢「{code}」に水準がありません" for code in sorted(options - known)]
        elif options <= item.count_of:
            found.append(f"items.{name}: 「どれもない」と言えるように、数えない選択肢が要ります")
    matched = {
        screen.get("otherwise") for screen in bank["screens"] if isinstance(screen.get("otherwise"), str)
    }
    for name in sorted(matched & set(key.items)):
        found.append(f"items.{name}: 長さをそろえるための質問は採点できません")
    return found
