"""The public pages in words: questions, rules with their thresholds, and the plan."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from survey_api.services.banks.condition_words import condition_words
from survey_api.services.banks.handbook import CONCERN, LEVEL, URGENCY
from survey_api.services.banks.library import LoadedBank
from survey_api.services.banks.ruby import plain
from survey_api.services.banks.sources import questions_behind
from survey_api.services.insights.measures import BandReading, Indicator, ItemReading, RuleReading, sources
from survey_api.services.insights.plan import ReleasePlan
from survey_api.services.insights.plan_words import bands_word, grades_word, unit_title

BANK_WORDS = {"sho-low": "小学校1〜3年", "sho-high": "小学校4〜6年", "chu": "中学校", "kou": "高校"}


@dataclass(frozen=True)
class Question:
    ask: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class RuleLine:
    """One rule as anybody may check it."""

    urgency: str
    level: str
    concern: str
    when: str
    because: str
    source: str
    active: bool


@dataclass(frozen=True)
class PlanPart:
    """One partition: who is asked, and the groups in which they are counted."""

    title: str
    units: tuple[tuple[str, str], ...]


def questions(loaded: LoadedBank) -> tuple[Question, ...]:
    """Every question as a child reads it, without the readings."""
    words = loaded.words()["items"]
    return tuple(
        Question(
            plain(words[item.id]["ask"]),
            tuple(plain(option) for option in words[item.id].get("options", {}).values()),
        )
        for item in loaded.bank.items.values()
    )


@dataclass(frozen=True)
class Wording:
    """What one band is asked behind a number, and which answers are counted."""

    band: str
    asked: tuple[str, ...]
    counted: str


def wording(loaded: LoadedBank, indicator: Indicator) -> Wording:
    """The questions of this band behind an indicator, in the children's words."""
    reading, words = indicator.readings[loaded.bank.id], loaded.words()
    items = {item for source in sources(reading) for item in questions_behind(loaded, source)}
    match reading:
        case ItemReading(item, codes):
            options = words["items"][item].get("options", {})
            counted = "、".join(f"「{plain(options[code])}」" for code in options if code in codes)
        case BandReading():
            counted = "答えを合わせた段階が、決めた境目をこえたとき"
        case RuleReading(named):
            said = [one.when for one in rules(loaded, named)]
            counted = "、または ".join(said)
    return Wording(
        BANK_WORDS[loaded.bank.id],
        tuple(plain(words["items"][item]["ask"]) for item in loaded.bank.items if item in items),
        counted,
    )


def rules(loaded: LoadedBank, only: Collection[str] | None = None) -> tuple[RuleLine, ...]:
    """Every rule, or only those named: what it looks at, from where on, and on which ground."""
    said = loaded.texts["ja"]
    return tuple(
        RuleLine(
            urgency=URGENCY[rule.urgency],
            level=LEVEL[rule.level],
            concern=CONCERN[rule.concern],
            when=plain(condition_words(rule.when, said)),
            because=plain(said["reasons"][rule.because]),
            source=rule.source,
            active=rule.active,
        )
        for rule in loaded.scoring_key.rules
        if only is None or rule.id in only
    )


def plan_parts(plan: ReleasePlan) -> Sequence[PlanPart]:
    """The plan as tables: the widest partition first."""
    ordered = sorted(plan.partitions, key=lambda partition: -len(partition.grades))
    return [
        PlanPart(
            grades_word(partition.grades),
            tuple(
                (
                    unit_title(plan, unit),
                    bands_word(unit.blocks),
                )
                for unit in partition.units
            ),
        )
        for partition in ordered
    ]
