"""Every child is in exactly one block, and every block is large enough."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_api.services.insights.blocks import cut, level_of
from survey_api.services.insights.limits import MIN_GROUP
from survey_api.services.insights.plan import GradeCount, School, coarsen, make_plan, plan_from
from survey_api.services.insights.plan_words import RULE, describe, grades_word

rosters = st.dictionaries(
    st.tuples(st.sampled_from(["a", "b", "c", "d"]), st.integers(1, 12)), st.integers(0, 40), max_size=30
)


def plan_of(roster: dict[tuple[str, int], int], grades: tuple[int, ...] = tuple(range(1, 13))):
    schools = [School(name, f"{name}小", district) for name, district in zip("abcd", "1122", strict=True)]
    lines = [GradeCount(school, grade, n) for (school, grade), n in roster.items()]
    return make_plan("w", schools, lines, [grades])


@given(rosters)
def test_every_child_is_in_one_block_of_at_least_ten(roster: dict[tuple[str, int], int]) -> None:
    partition = plan_of(roster).partitions[0]
    if sum(roster.values()) < MIN_GROUP:
        assert partition.units == ()
        return
    assert all(block.children >= MIN_GROUP for block in partition.blocks)
    assert sum(block.children for block in partition.blocks) == sum(roster.values())
    for (school, grade), n in roster.items():
        homes = [
            block
            for unit in partition.units
            if (school, level_of(grade)) in unit.members
            for block in unit.blocks
            if grade in block.grades
        ]
        assert len(homes) == 1 or n == 0


@given(rosters, st.data())
def test_few_answers_only_ever_join_blocks(roster: dict[tuple[str, int], int], data: st.DataObject) -> None:
    planned = plan_of(roster).partitions[0]
    answered = {block.id: data.draw(st.integers(0, block.children)) for block in planned.blocks}
    effective = coarsen(planned, answered)
    assert all(block.children >= MIN_GROUP for block in effective.blocks)
    if sum(answered.values()) >= MIN_GROUP:
        assert sum(block.children for block in effective.blocks) == sum(answered.values())
    again = {block.id: block.children for block in effective.blocks}
    assert coarsen(effective, again) == effective


@given(st.lists(st.integers(0, 30), max_size=7))
def test_cut_finds_the_most_blocks(counts: list[int]) -> None:
    runs = cut(counts)
    assert len(runs) == most(counts)
    assert [stop for _, stop in runs[:-1]] == [start for start, _ in runs[1:]]


def most(counts: list[int]) -> int:
    """Try every way to cut: the slow judge."""
    best = 0
    for mask in range(2 ** max(0, len(counts) - 1)):
        sums, total = [], 0
        for index, count in enumerate(counts):
            total += count
            if mask >> index & 1 or index == len(counts) - 1:
                sums.append(total)
                total = 0
        if sums and min(sums) >= MIN_GROUP:
            best = max(best, len(sums))
    return best


def test_small_schools_of_a_district_become_a_named_cluster() -> None:
    plan = plan_of({("a", 1): 6, ("b", 2): 5, ("c", 1): 30, ("d", 3): 40})
    members = [unit.schools for unit in plan.partitions[0].units]
    assert members == [("a", "b"), ("c",), ("d",)]
    assert "a小・b小(あわせて): 小1〜2年(11人)" in describe(plan)
    assert describe(plan)[0] == RULE


def test_a_lone_small_school_joins_its_largest_neighbour() -> None:
    plan = plan_of({("a", 1): 3, ("b", 1): 12, ("c", 1): 40, ("d", 3): 50})
    assert [unit.schools for unit in plan.partitions[0].units] == [("a", "b"), ("c",), ("d",)]


def test_a_level_of_nine_is_counted_with_the_next_level() -> None:
    plan = plan_of({("a", 1): 30, ("b", 8): 9, ("c", 7): 0})
    partition = plan.partitions[0]
    assert [unit.schools for unit in partition.units] == [("a", "b")]
    assert len(partition.level_groups()) == 1


def test_the_plan_is_the_same_bytes_and_comes_back_whole() -> None:
    roster = {("a", 1): 30, ("b", 8): 19, ("c", 7): 4}
    plan = plan_of(roster)
    assert plan.canonical() == plan_of(dict(reversed(roster.items()))).canonical()
    assert plan_from(json.loads(plan.canonical())) == plan


def test_wrong_rosters_are_refused() -> None:
    with pytest.raises(ValueError, match="school x"):
        make_plan("w", [School("a", "a")], [GradeCount("x", 1, 3)])
    with pytest.raises(ValueError, match="grade 13"):
        make_plan("w", [School("a", "a")], [GradeCount("a", 13, 3)])
    with pytest.raises(ValueError, match="-1 children"):
        make_plan("w", [School("a", "a")], [GradeCount("a", 1, -1)])


def test_grades_in_words() -> None:
    assert [grades_word(g) for g in [(1,), (1, 2, 3), (6, 7), (10, 12)]] == [
        "小1年",
        "小1〜3年",
        "小6年〜中1年",
        "高1〜3年",
    ]
