"""The release plan in Japanese, for the people whose children are counted. Words only, no decisions."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from survey_api.services.insights.blocks import level_of
from survey_api.services.insights.plan import Block, Partition, ReleasePlan, Unit
from survey_api.vocabulary import Sex, Stage

RULE = (
    "市が見る数字は、10人以上のまとまりごとに1つだけ。"
    "3の倍数に丸めてあり、誤差は±2人以内。合計はその足し算です。"
)

LEVEL_WORDS: Mapping[Stage, str] = {
    Stage.ELEMENTARY: "小学校",
    Stage.JUNIOR_HIGH: "中学校",
    Stage.HIGH: "高校",
}
_SHORT: Mapping[Stage, str] = {Stage.ELEMENTARY: "小", Stage.JUNIOR_HIGH: "中", Stage.HIGH: "高"}
_FIRST: Mapping[Stage, int] = {Stage.ELEMENTARY: 1, Stage.JUNIOR_HIGH: 7, Stage.HIGH: 10}


def grades_word(grades: Sequence[int]) -> str:
    """Internal grades as people say them: (1, 2) → 小1〜2年, (6, 7) → 小6年〜中1年."""
    first, last = _level_year(min(grades)), _level_year(max(grades))
    if first == last:
        return f"{_SHORT[first[0]]}{first[1]}年"
    if first[0] is last[0]:
        return f"{_SHORT[first[0]]}{first[1]}〜{last[1]}年"
    return f"{_SHORT[first[0]]}{first[1]}年〜{_SHORT[last[0]]}{last[1]}年"


SEX_WORDS: Mapping[str, str] = {"": "", Sex.FEMALE: "女子", Sex.MALE: "男子"}


def band_word(block: Block) -> str:
    """小5〜6年, or 小5〜6年 女子 where girls and boys are counted apart."""
    return f"{grades_word(block.grades)} {SEX_WORDS[block.sex]}".strip()


def bands_word(blocks: Sequence[Block]) -> str:
    """The blocks of a unit with their roster counts. Of girls and boys only their sum is said.

    A child whose sex the roster does not tell is counted with one of the two by a secret coin; the two
    numbers side by side would show where it went.
    """
    said = []
    for grades, same in groupby(blocks, key=lambda block: block.grades):
        held = list(same)
        apart = "、女子と男子に分ける" if len(held) > 1 else ""
        said.append(f"{grades_word(grades)}({sum(block.children for block in held)}人{apart})")
    return "、".join(said)


def levels_word(levels: Sequence[Stage]) -> str:
    """小学校, or 中学校・高校 for levels that are only shown together."""
    return "・".join(LEVEL_WORDS[level] for level in levels)


def unit_title(plan: ReleasePlan, unit: Unit) -> str:
    """A school's name; with its level when it has several; all names for a cluster of small schools."""
    names = {school.id: school.name for school in plan.schools}
    levels_of: dict[str, set[Stage]] = {}
    for partition in plan.partitions:
        for school, level in (member for other in partition.units for member in other.members):
            levels_of.setdefault(school, set()).add(level)
    words = [
        names[school] + (f"({_SHORT[level]})" if len(levels_of.get(school, set())) > 1 else "")
        for school, level in unit.members
    ]
    return words[0] if len(words) == 1 else "・".join(words) + "(あわせて)"


def describe(plan: ReleasePlan) -> tuple[str, ...]:
    """The plan as sentences for the public page: the rule, then one line for every unit."""
    lines = [RULE]
    for partition in plan.partitions:
        lines.append(_partition_sentence(partition))
        for unit in partition.units:
            lines.append(f"{unit_title(plan, unit)}: {bands_word(unit.blocks)}")
    return tuple(lines)


def _partition_sentence(partition: Partition) -> str:
    if not partition.units:
        return (
            f"{grades_word(partition.grades)}にたずねる項目: 子どもが10人に満たないため、数字は出しません。"
        )
    return f"{grades_word(partition.grades)}にたずねる項目は、次のまとまりで数えます。"


def _level_year(grade: int) -> tuple[Stage, int]:
    level = level_of(grade)
    return level, grade - _FIRST[level] + 1
