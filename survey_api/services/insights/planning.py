"""From the roster of a wave to its release plan. Knows counts of pupils invited, never an answer."""

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType

from survey_api.services.insights.measures import Indicator, ItemReading, Sensitivity, load_indicators
from survey_api.services.insights.plan import ALL_GRADES, GradeCount, ReleasePlan, School, make_plan

RESPONSE = Indicator(
    id="response",
    title="アンケートに回答した",
    definition="名簿にのっている子どものうち、回答を送った子ども。「いまはやらない」を選んだ子どもは入りません。",
    topic="回答",
    sensitivity=Sensitivity.ORDINARY,
    stable=False,
    readings={bank: ItemReading("", frozenset({"sent"})) for bank in ("sho-low", "sho-high", "chu", "kou")},
)
"""Counted like any other number, out of the children invited."""


@cache
def declared() -> tuple[Indicator, ...]:
    """The indicators this installation ships, without RESPONSE."""
    return load_indicators()


def plan_for(
    wave_id: str,
    schools: Iterable[tuple[str, str, int]],
    invited: Mapping[tuple[str, int], int],
    girls: Mapping[tuple[str, int], int] = MappingProxyType({}),
) -> ReleasePlan:
    """`schools`: (id, name, position in the fixed order); `invited`: (school id, grade) → pupils.

    `girls`: how many of them count as girls, for the grades of which the roster says it of every child.
    """
    named = {
        school_id: School(planned_id(school_id, position), name) for school_id, name, position in schools
    }
    roster = [
        GradeCount(named[school_id].id, grade, n, girls.get((school_id, grade)))
        for (school_id, grade), n in invited.items()
    ]
    coverages = {ALL_GRADES, *(indicator.grades for indicator in declared())}
    return make_plan(wave_id, list(named.values()), roster, coverages)


def planned_id(school_id: str, position: int) -> str:
    """A school's id in the plan: sorts in the fixed order of schools."""
    return f"{position:03d}-{school_id}"


def school_of(planned: str) -> str:
    """The school's own id behind its id in the plan, wherever the school stood in the order then."""
    return planned.partition("-")[2]
