"""The points table: a worse answer never lowers it, it adds up, experts rule when λ is strong, a skip lies between."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.lab.cohort import ABSENT, REFUSED, RULED_OUT, LabMistake
from scoring.lab.fit import expert_table, fit_table, strength_for, whole_points
from scoring.lab.measures import auroc
from tests.scoring.lab.planted import STEPS, WORST, planted

EXPERT = {item: [2.0 * level for level in range(top + 1)] for item, top in WORST.items()}
STUDY = planted(6000, missing=0.06)
FITTED = fit_table(STUDY)
CARD = whole_points(FITTED, STUDY.levels)
sheets = st.tuples(*(st.integers(-3, top) for top in WORST.values()))


@settings(max_examples=500, deadline=None)
@given(sheet=sheets, item=st.integers(0, len(WORST) - 1))
def test_a_worse_answer_never_lowers_the_score(sheet: tuple[int, ...], item: int) -> None:
    ladder = np.tile(np.array(sheet, dtype=np.int8), (list(WORST.values())[item] + 1, 1))
    ladder[:, item] = np.arange(len(ladder))
    for table in (FITTED, CARD):
        scores = table.scores(ladder)
        assert (np.diff(scores) >= -1e-12).all()
        skipped = ladder[:1].copy()
        for state in (REFUSED, ABSENT, RULED_OUT):
            skipped[:, item] = state
            assert scores[0] - 1e-12 <= table.scores(skipped)[0] <= scores[-1] + 1e-12


@settings(max_examples=500, deadline=None)
@given(sheet=sheets)
def test_contributions_add_up(sheet: tuple[int, ...]) -> None:
    levels = np.array([sheet], dtype=np.int8)
    for table in (FITTED, CARD):
        parts = table.contributions(levels)[0]
        assert abs(table.base + sum(parts) - table.scores(levels)[0]) < 1e-9


def test_it_finds_what_was_planted() -> None:
    found = fit_table(planted(30_000), strength=0.0)
    for item, steps in STEPS.items():
        assert found.points[item] == pytest.approx(np.array(steps), abs=0.3), item


def test_a_strong_prior_gives_the_experts_order_and_a_weak_one_the_data() -> None:
    levels = STUDY.levels
    expert = expert_table(STUDY, EXPERT).scores(levels)
    close = [
        np.corrcoef(fit_table(STUDY, EXPERT, strength).scores(levels), expert)[0, 1]
        for strength in (0.1, 100.0, 1e9)
    ]
    assert close[2] > 0.999999
    assert close[0] < close[1] < close[2]


def test_with_few_cases_the_experts_help() -> None:
    fresh = planted(8000, seed=77)
    good = {item: list(steps) for item, steps in STEPS.items()}
    small = [planted(300, seed=seed, base=-4.5) for seed in range(6)]
    alone = np.mean([auroc(fresh.label, fit_table(s, None, 0.3).scores(fresh.levels)) for s in small])
    helped = np.mean([auroc(fresh.label, fit_table(s, good).scores(fresh.levels)) for s in small])
    assert helped > alone
    assert strength_for(50) == strength_for(250) == 30.0
    assert strength_for(250) > strength_for(600) > strength_for(5000) == 2.0


def test_whole_points_are_whole_and_keep_the_order() -> None:
    for values in CARD.points.values():
        assert (values == np.round(values)).all()
        assert values.max() <= 12
    assert (
        auroc(STUDY.label, CARD.scores(STUDY.levels)) > auroc(STUDY.label, FITTED.scores(STUDY.levels)) - 0.01
    )


def test_what_cannot_be_learned_is_said_in_one_sentence() -> None:
    nobody = np.zeros(len(STUDY), dtype=bool)
    with pytest.raises(LabMistake, match="一種類しか"):
        fit_table(STUDY.labelled(nobody))
    with pytest.raises(LabMistake, match="データに一人もいない"):
        fit_table(STUDY.take(nobody))
    with pytest.raises(LabMistake, match="weights"):
        fit_table(STUDY, weights=np.full(len(STUDY), np.nan))
    with pytest.raises(LabMistake, match=r"items\.shoes"):
        STUDY.without(["shoes"])
    with pytest.raises(LabMistake, match="よい答えの点より低く"):
        fit_table(STUDY, {"fed": [3.0, 2.0, 1.0, 0.0]})
    beyond = STUDY.levels.copy()
    beyond[0, 1] = 9
    with pytest.raises(LabMistake, match=r"items\.slept"):
        fit_table(type(STUDY)(STUDY.worst, beyond, STUDY.label, STUDY.cluster))
