"""Cut-offs, outcomes, fairness, drift and reliability: what was planted is found, what was not is not."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.lab import drift, fairness, reliability
from scoring.lab.cohort import LabMistake
from scoring.lab.cutoffs import at_capacity, capacities, listed_at
from scoring.lab.fit import fit_table
from scoring.lab.measures import top_share
from scoring.lab.outcomes import (
    CLIP,
    Outcomes,
    draw_audit,
    learn_from_flagged,
    learn_with_audit,
    missed_share,
    review_weights,
    simulate_outcomes,
)
from tests.scoring.lab.planted import planted

scores = st.lists(st.integers(-3, 3).map(float), min_size=1, max_size=40).map(np.array)


@settings(max_examples=500, deadline=None)
@given(score=scores, few=st.integers(0, 45), more=st.integers(0, 45))
def test_fewer_conversations_list_a_part_of_more(score, few, more) -> None:
    few, more = sorted((few, more))
    small, large = listed_at(score, few), listed_at(score, more)
    assert (small <= large).all()
    assert small.sum() >= min(few, len(score))
    if small.any():
        assert small[score >= score[small].min()].all()  # nobody with the same score is left out


def test_a_capacity_says_what_to_expect() -> None:
    score, share = np.array([3.0, 2.0, 2.0, 1.0]), np.array([0.8, 0.4, 0.4, 0.1])
    room = at_capacity(score, share, 2)
    assert (room.listed, room.cut) == (3, 2.0)
    assert (room.found, room.missed, room.precision) == pytest.approx((1.6, 0.1, 1.6 / 3))
    rising = [room.found for room in capacities(np.arange(100.0), np.linspace(0, 1, 100))]
    assert rising == sorted(rising)
    with pytest.raises(LabMistake, match="有限"):
        at_capacity(np.array([np.nan]), np.array([0.1]), 1)


def test_the_audit_puts_the_shares_right_that_the_flagged_alone_make_too_high() -> None:
    cohort = planted(12_000)
    table = fit_table(planted(2000, seed=9))
    flagged = top_share(table.scores(cohort.levels), 0.1)
    outcomes = simulate_outcomes(cohort.label, flagged, np.random.default_rng(4), after_days=300.0)
    true = float(outcomes.found.mean())  # what would be recorded if everybody were seen
    alone, audited = learn_from_flagged(cohort, outcomes), learn_with_audit(cohort, outcomes)
    assert alone.mean_share > 1.25 * true
    assert audited.mean_share == pytest.approx(true, rel=0.12)
    found, seen = missed_share(outcomes)
    assert 0 < found < 0.2 * seen
    late = simulate_outcomes(cohort.label, flagged, np.random.default_rng(4), after_days=5.0)
    assert late.reviewed.sum() < 0.6 * outcomes.reviewed.sum()


def test_weights_are_clipped_and_an_impossible_chance_is_refused() -> None:
    yes = np.ones(4, dtype=bool)
    outcomes = Outcomes(yes, np.array([1.0, 1.0, 0.05, 0.0001]), yes, ~yes, np.zeros(4))
    weights = review_weights(outcomes)
    assert weights.mean() == pytest.approx(1)
    assert weights.max() / weights.min() == pytest.approx(CLIP)
    with pytest.raises(LabMistake, match="propensity"):
        review_weights(replace(outcomes, propensity=np.zeros(4)))
    with pytest.raises(LabMistake, match="一人もいません"):
        review_weights(replace(outcomes, reviewed=~yes))
    with pytest.raises(LabMistake, match="audit"):
        draw_audit(yes, 0.0, np.random.default_rng(0))


def test_the_audit_is_blind() -> None:
    flagged = np.arange(20_000) < 2000
    score = np.arange(20_000.0)[::-1]
    drawn = draw_audit(flagged, 0.05, np.random.default_rng(1))
    assert not (drawn & flagged).any()
    assert drawn.sum() == pytest.approx(900, abs=100)
    assert np.corrcoef(score[~flagged], drawn[~flagged])[0, 1] == pytest.approx(0, abs=0.02)


def test_a_list_that_passes_over_a_group_raises_an_alarm_and_a_fair_one_does_not() -> None:
    cohort = planted(10_000, base=-3.0)
    shares = np.full(len(cohort), float(cohort.label.mean()))
    fair = np.random.default_rng(1).random(len(cohort)) < 0.3
    girls = cohort.groups["sex"] == "f"
    assert [each for each in fairness.by_group(cohort, fair, shares) if each.alarms] == []
    found = {each.value: each for each in fairness.by_group(cohort, fair & ~girls, shares)}
    assert found["f"].alarms == ("recall",)
    assert found["m"].alarms == ()
    wrong = fairness.by_group(cohort, fair, np.where(girls, 3 * shares, shares))
    assert {each.value for each in wrong if "calibration" in each.alarms} >= {"f"}
    sized = fairness.with_school_size(cohort)
    assert {each.value for each in fairness.by_group(sized, fair, shares) if each.group == "school size"} == {
        "small",
        "middle",
    }


def test_an_item_that_works_differently_in_a_language_is_found_and_only_that_one() -> None:
    cohort = planted(8_000)
    levels = cohort.levels.copy()
    other = cohort.groups["language"] == "other"
    place = cohort.items.index("slept")
    shifted = other & (np.random.default_rng(2).random(len(cohort)) < 0.6)
    levels[shifted, place] = np.minimum(levels[shifted, place] + 2, 4)
    found = fairness.item_differences(replace(cohort, levels=levels), "language", "other")
    assert [each.item for each in found if each.alarm] == ["slept"]
    assert [each for each in fairness.item_differences(cohort, "language", "other") if each.alarm] == []
    with pytest.raises(LabMistake, match="shoe size"):
        fairness.item_differences(cohort, "shoe size", "44")


def test_drift_is_found_where_it_was_planted() -> None:
    before, now = planted(6000, seed=1), planted(6000, seed=2)
    assert {each.verdict for each in drift.shifts(before, now)} == {"steady"}
    levels = now.levels.copy()
    place = now.items.index("fed")
    levels[:, place] = np.minimum(levels[:, place] + 1, 3)
    moved = drift.shifts(before, replace(now, levels=levels))
    assert moved[0].item == "fed"
    assert moved[0].verdict == "moved much"
    assert {each.verdict for each in moved[1:]} == {"steady"}
    hits = np.arange(1000) < 30
    rates = drift.fire_rates({"a": hits, "b": hits}, {"a": (0.01, 0.05), "b": (0.1, 0.2)})
    assert [each.alarm for each in rates] == [False, True]
    shares = np.full(len(now), float(now.label.mean()))
    assert drift.in_the_large(now.label, shares).value == pytest.approx(1)
    assert drift.in_the_large(now.label, shares / 2).low > 1.5
    with pytest.raises(LabMistake, match="想定の割合"):
        drift.fire_rates({"c": hits}, {})


def test_alpha_and_omega_are_what_the_loadings_say() -> None:
    rng = np.random.default_rng(5)
    trait = rng.standard_normal((4000, 1))
    loading = np.array([0.8, 0.7, 0.6, 0.5])
    answers = trait * loading + rng.standard_normal((4000, 4)) * np.sqrt(1 - loading**2)
    true = loading.sum() ** 2 / (loading.sum() ** 2 + (1 - loading**2).sum())
    alpha, omega = reliability.reliability(answers)
    assert omega.value == pytest.approx(true, abs=0.02)
    assert omega.low < true < omega.high
    assert alpha.value <= omega.value + 0.005
    noise = rng.standard_normal((500, 4))
    assert reliability.reliability(noise)[0].high < 0.3
    with pytest.raises(LabMistake, match="60人分以上"):
        reliability.reliability(answers[:20])


def test_reliability_is_told_for_every_group_that_is_large_enough() -> None:
    found = reliability.by_group(planted(3000), {"home": ["fed", "slept", "hurt"]})
    assert {(each.group, each.value) for each in found} >= {
        ("everybody", ""),
        ("language", "other"),
        ("sex", "f"),
    }
    assert all(each.omega.low <= each.omega.value <= each.omega.high for each in found)
