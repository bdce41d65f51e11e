"""The child worked out with a pencil in scoring/README.md."""

from scoring.assessment import assess
from tests.scoring.small_bank import key, sheet

CHILD = assess(key(), sheet(hungry="daily", dirty="declined", tasks=["cook"])).as_dict()


def test_the_subscale() -> None:
    (needs,) = CHILD["subscales"]
    assert (needs["value"], needs["answered"], needs["of"], needs["band"]) == (300, 1, 2, "concern")


def test_the_rules() -> None:
    assert [flag["rule"] for flag in CHILD["flags"]] == ["needs-and-care"]
    assert {"hurt-often", "two-of-three"} <= set(CHILD["unevaluable"])


def test_the_points_add_up() -> None:
    (neglect,) = CHILD["concerns"]
    assert sorted(neglect["contributions"]) == [
        ["dirty", 98, "refusal"],
        ["hungry", 400, "answer"],
        ["tasks", 100, "answer"],
    ]
    assert (neglect["points"], neglect["band"]) == (598, "pattern")


def test_the_way_out() -> None:
    (neglect,) = CHILD["concerns"]
    assert (neglect["singles"], neglect["pairs"]) == (["hungry"], [])


def test_the_strongest_wins() -> None:
    assert CHILD["urgency"] == "this_week"
