"""The product's own attacker: exact, sees every planted leak, and finds nothing in a protected release."""

from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_api.services.insights import bounds as bounds_module
from survey_api.services.insights import leaks
from survey_api.services.insights.attack import PinKind, find_pins, narrowed, refuse_if_pinned
from survey_api.services.insights.bounds import Claim, Contradiction, bounds, percent_claim
from survey_api.services.insights.disclosure import protect
from survey_api.services.insights.plan import GradeCount, School, make_plan
from survey_api.services.insights.refusal import ReleaseRefused
from survey_api.services.insights.rounding import BlockCount
from survey_api.services.insights.safe import SafeTable
from tests.survey_api.services.insights.planted import INDICATORS, city, indicator, key

SIZES = {"a": 2, "b": 1, "c": 3, "d": 2}


@pytest.mark.parametrize("seed", range(1, 8))
def test_no_planted_city_gives_a_child_away(seed: int) -> None:
    planted = city(seed)
    table = planted.table(key(seed))
    assert find_pins(table, planted.plan, planted.sizes()) == []
    refuse_if_pinned(table, planted.plan, planted.sizes())


@pytest.mark.parametrize("leak", leaks.LEAKS, ids=lambda leak: leak.name)
def test_every_planted_leak_is_caught(leak: leaks.Leak) -> None:
    low, high = bounds(dict(leak.sizes), leak.claims, [frozenset({leak.victim})])[0]
    assert low == high


def test_a_blind_attacker_stops_the_release(monkeypatch: pytest.MonkeyPatch) -> None:
    planted = city(1)
    table = protect(planted.plan, INDICATORS, planted.counts(), key=key())
    monkeypatch.setattr(leaks, "bounds", lambda sizes, claims, groups: [(0, 1) for _ in groups])
    with pytest.raises(ReleaseRefused) as caught:
        refuse_if_pinned(table, planted.plan, planted.sizes())
    assert caught.value.code == "gate-broken"


def test_a_release_made_for_larger_groups_than_answered_is_refused() -> None:
    """If fewer children answered than the table was made for, its numbers would pin them."""
    planted = city(1)
    table = protect(planted.plan, INDICATORS, planted.counts(), key=key())
    all_yes = next(cell for cell in table.cells if cell.indicator == "all-yes")
    place = table.place(all_yes.place)
    shrunk = dict(planted.answered)
    inside = [atom for atom in shrunk if place.holds(*atom)]
    shrunk |= dict.fromkeys(inside, 0)
    shrunk[inside[0]] = all_yes.low
    with pytest.raises(ReleaseRefused) as caught:
        refuse_if_pinned(table, planted.plan, planted.sizes() | {"all-yes": shrunk})
    assert caught.value.code in ("gate-pinned", "gate-contradiction")


def test_a_stable_count_that_two_waves_narrow_to_one_value_is_refused() -> None:
    schools = [School(name, name) for name in "abc"]
    plan = make_plan("w", schools, [GradeCount(name, 1, 30) for name in "abc"])
    trait = indicator("care", stable=True)

    def wave(*yes: int) -> SafeTable:
        counts = {f"{name}.elementary/1": BlockCount(n, 30) for name, n in zip("abc", yes, strict=True)}
        return protect(plan, [trait], {"care": counts}, key=key())

    first, second = wave(0, 0, 0), wave(3, 3, 6)
    assert narrowed(first, []) == []
    assert {pin.kind for pin in narrowed(second, [first])} == {PinKind.NARROWED}
    assert narrowed(wave(3, 3, 3), [first]) == []


claims = st.lists(
    st.builds(
        lambda atoms, low, width: Claim(frozenset(atoms), low, low + width),
        st.sets(st.sampled_from(sorted(SIZES)), min_size=1),
        st.integers(0, 4),
        st.integers(0, 3),
    ),
    max_size=3,
)


@settings(max_examples=60, deadline=None)
@given(claims)
def test_bounds_equal_trying_everything(published: list[Claim]) -> None:
    atoms = sorted(SIZES)
    groups = [frozenset(some) for size in range(1, 5) for some in combinations(atoms, size)]
    fitting = [
        dict(zip(atoms, values, strict=True))
        for values in product(*(range(SIZES[atom] + 1) for atom in atoms))
        if all(
            claim.low
            <= sum(value for atom, value in zip(atoms, values, strict=True) if atom in claim.atoms)
            <= claim.high
            for claim in published
        )
    ]
    if not fitting:
        with pytest.raises(Contradiction):
            bounds(SIZES, published, groups)
        return
    expected = []
    for group in groups:
        sums = [sum(world[atom] for atom in group) for world in fitting]
        expected.append((min(sums), max(sums)))
    assert bounds(SIZES, published, groups) == expected
    assert bounds_module._by_programme(SIZES, published, groups[::3]) == expected[::3]


def test_a_printed_percentage_says_the_count() -> None:
    assert percent_claim(["x"], "14.3", 7) == Claim(frozenset({"x"}), 1, 1)
    assert percent_claim(["x"], "10", 20) == Claim(frozenset({"x"}), 2, 2)


def test_an_unknown_group_is_an_error_not_a_silence() -> None:
    with pytest.raises(KeyError, match="unknown atoms"):
        bounds(SIZES, [Claim(frozenset({"nobody"}), 0, 1)], [])
