"""Every number the simulator stands on, each with its source, or marked as assumed.

"published" = read in a retrieved text (official or secondary); "assumed" = chosen by us, documented here so
that it can be argued with. How items are answered in general is in each bank's reference.yaml.
"""

from itertools import pairwise
from types import MappingProxyType

CARERS_BY_GRADE = MappingProxyType({6: 0.065, 8: 0.057, 11: 0.041})
"""Published: share who care for a family member. 小6 (2022, n 9,759), 中2 (2020-21, n 5,558), 高2 (2020-21,
n 7,407), as reported from the national surveys. Between them: straight lines (assumed); younger than 小6:
the same as 小6 (assumed)."""

HEAVY_AMONG_CARERS = 0.45
"""Assumed, near the published shares who care almost every day (小6 52.9 %, 中2 45.1 %, 高2 47.6 %)."""

NEGLECT, HARM, ACUTE_MOOD = 0.03, 0.015, 0.01
"""Assumed shares of pupils: needs not met, hurt at home, in acute distress."""

GIRLS_MOOD = 0.3
"""Assumed: girls' mean on the mood trait in standard deviations above boys'."""
NEWCOMER_POVERTY = 0.3
"""Assumed: mean on the poverty trait of pupils with another home language."""
LANGUAGE_DIF = 0.5
"""Assumed: shift on every fourth item when answered in another language, at equal trait (differential
item functioning), in standard deviations of the response."""

CONCEALERS = 0.25
"""Assumed: share who answer the direct items (those a hard rule looks at) lower than they live. What is asked
around them (bath, breakfast, the dentist, sleep, mood) they answer as others do."""
CONCEALED_SD = 0.9
"""Assumed: by how much, in standard deviations of the response. Concealers are then found about a third as often as
others, less often than in the design's own simulator (.49–.60 against .64)."""

CARELESS = MappingProxyType({"straight": 0.0065, "random": 0.004, "late": 0.01})
"""Assumed: one place down the page, at random, or at random from some screen on. Read: 10-12 % of students
careless in one review; exact straight lines 0.65 % among teenagers in one open data set."""

REFUSAL = 0.015
REFUSAL_SENSITIVE = 3.0
REFUSAL_SEVERE = 4.6
REFUSAL_CONCEALER = 2.0
"""Assumed: base rate per item, and factors for sensitive items, the worst-off answers (at most), concealers."""
DONT_KNOW_SHARE = 0.45
"""Assumed: share of refusals said as 「わからない」."""
BREAK_OFF = 0.02
"""Assumed: share who stop at some screen and leave the rest."""
SKIPS_HARD_BLOCK = 0.03
"""Assumed: share who use 「とばす」 where a page offers it."""

TEXT_HIT_AMONG_CASES = 0.12
"""Assumed: share of pupils in need whose free words say so plainly."""

PERSISTENCE = MappingProxyType(
    {
        "care": 0.9,
        "neglect": 0.9,
        "safety": 0.9,
        "poverty": 0.95,
        "mood": 0.75,
        "bullying": 0.7,
        "belonging": 0.7,
        "fatigue": 0.7,
    }
)
"""Assumed: correlation of a trait with itself from one wave to the next."""

HABIT = 0.85
"""Assumed: how far what is particular to a pupil and one item (not the trait) returns at the next wave; people
answer a question much as they answered it before."""

SECONDS_PER_ITEM = MappingProxyType({"elementary": 9.0, "junior_high": 6.5, "high": 5.5})
"""Assumed: median seconds on a one-tap question by stage; careless answers take about a quarter."""


def carer_share(grade: int) -> float:
    """Share of carers in a grade 1..12: published points, straight lines between them."""
    points = sorted(CARERS_BY_GRADE.items())
    if grade <= points[0][0]:
        return points[0][1]
    for (low, low_share), (high, high_share) in pairwise(points):
        if grade <= high:
            return low_share + (high_share - low_share) * (grade - low) / (high - low)
    return points[-1][1]
