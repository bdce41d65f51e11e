"""An answer sheet: what was answered, and why anything is missing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scoring.key import ItemKey, ScoringKey
from scoring.vocabulary import REFUSALS, Missing

AnswerValue = str | list[str]


class AnswerMistake(ValueError):  # noqa: N818 - a refusal is named after what happened
    """An answer that this bank cannot have. Names the item, never the answer."""


@dataclass(frozen=True)
class AnswerSheet:
    """Per scored item a level (0 best) or a reason why it is missing; the words as chosen; the texts."""

    levels: Mapping[str, int]
    missing: Mapping[str, Missing]
    chosen: Mapping[str, AnswerValue]
    texts: Mapping[str, str]
    shown: int
    """How many items were shown to this child."""
    ruled_out: frozenset[str] = frozenset()
    """Follow-ups not shown because the child answered the question before them: they do not apply."""

    @classmethod
    def of(
        cls,
        answers: Mapping[str, AnswerValue],
        key: ScoringKey,
        shown: Iterable[str] | None = None,
        missing: Mapping[str, str] | None = None,
    ) -> "AnswerSheet":
        """Stored answers → sheet.

        `shown` lists what stood on this child's path (default: everything); `missing` says why an item has
        no answer where the path knows better than “left” or “not shown” (a block skipped at its notice was
        declined). AnswerMistake for an item that was not shown, an unknown code or a wrong type.
        """
        path = set(key.items) | set(answers) if shown is None else set(shown)
        answers = {item: _lone(item, value) for item, value in answers.items() if value not in ([], "")}
        stray = sorted(set(answers) - path)
        if stray:
            raise AnswerMistake(f"answers.{stray[0]}: この子には出ていない質問に答えがあります")
        levels: dict[str, int] = {}
        reasons: dict[str, Missing] = {}
        for item_id, item in key.items.items():
            level = _level(item, answers[item_id]) if item_id in answers else None
            if isinstance(level, int):
                levels[item_id] = level
            elif level is not None:
                reasons[item_id] = level
            elif missing is not None and item_id in missing:
                reasons[item_id] = Missing(missing[item_id])
            else:
                reasons[item_id] = Missing.LEFT if item_id in path else Missing.NOT_SHOWN
        texts = {item: str(answers[item]) for item in sorted(key.text_items & set(answers))}
        ruled_out = frozenset(
            item_id
            for item_id, reason in reasons.items()
            if reason is Missing.NOT_SHOWN and _answered(answers.get(key.follow_ups.get(item_id, "")))
        )
        return cls(levels, reasons, dict(answers), texts, len(path), ruled_out)


def _answered(value: AnswerValue | None) -> bool:
    return isinstance(value, list) or (value is not None and value not in REFUSALS)


def _lone(item: str, value: AnswerValue) -> AnswerValue:
    """A refusal stands alone: as the only entry of a list it is the refusal itself."""
    refusals = REFUSALS & set(value) if isinstance(value, list) else ()
    if not refusals:
        return value
    if len(value) > 1:
        raise AnswerMistake(
            f"answers.{item}: “わからない” or “答えたくない” は、ほかの選択肢といっしょに選べません"
        )
    return str(value[0])


def _level(item: ItemKey, value: AnswerValue) -> "int | Missing":
    if isinstance(value, str) and value in (Missing.DONT_KNOW, Missing.DECLINED):
        return Missing(value)
    if item.is_multi:
        if not isinstance(value, list) or not all(isinstance(code, str) for code in value):
            raise AnswerMistake(f"answers.{item.id}: 選択肢の並び(リスト)にしてください")
        return count_level(item, value)
    if not isinstance(value, str) or value not in item.levels:
        raise AnswerMistake(f"answers.{item.id}: この質問の選択肢ではありません")
    return item.levels[value]


def count_level(item: ItemKey, chosen: list[str]) -> int:
    """How many counting codes were chosen → level by the item's cuts."""
    count = len(set(chosen) & item.count_of)
    return sum(count >= cut for cut in item.cuts)
