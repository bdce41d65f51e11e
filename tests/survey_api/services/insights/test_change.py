"""A change is called one only when neither rounding nor chance explains it."""

import pytest

from survey_api.services.insights.change import Change, change
from survey_api.services.insights.disclosure import protect
from survey_api.services.insights.plan import GradeCount, School, make_plan
from survey_api.services.insights.rounding import BlockCount
from survey_api.services.insights.safe import PlaceKind, SafeCell
from tests.survey_api.services.insights.planted import indicator, key


def cell(yes: int, answered: int) -> SafeCell:
    plan = make_plan("w", [School("a", "北小")], [GradeCount("a", 1, answered)])
    counts = {"q": {"a.elementary/1": BlockCount(yes, answered)}}
    return next(protect(plan, [indicator("q")], counts, key=key()).of("q", PlaceKind.UNIT))[1]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ((3, 40), (18, 40), Change.MORE),
        ((18, 40), (3, 40), Change.FEWER),
        ((3, 40), (6, 40), Change.UNCLEAR),
        ((0, 40), (3, 40), Change.UNCLEAR),
        ((60, 600), (66, 600), Change.UNCLEAR),
        ((30, 60), (45, 100), Change.UNCLEAR),
        ((12, 12), (0, 12), Change.FEWER),
    ],
)
def test_what_is_called_a_change(before: tuple[int, int], after: tuple[int, int], said: Change) -> None:
    assert change(cell(*before), cell(*after)) is said


def test_only_the_same_number_can_change() -> None:
    plan = make_plan("w", [School("b", "南小")], [GradeCount("b", 1, 30)])
    other = protect(plan, [indicator("q")], {"q": {"b.elementary/1": BlockCount(3, 30)}}, key=key())
    with pytest.raises(ValueError, match="against"):
        change(cell(3, 30), next(other.of("q", PlaceKind.UNIT))[1])
