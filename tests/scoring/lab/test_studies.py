"""Study files: read strictly, blanks told apart, bars computed on schools the fit has not seen."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from scoring.lab.benchmark import Figure, study_figures
from scoring.lab.calibrate import calibrate, cross_calibrated, in_the_large
from scoring.lab.challenger import out_of_fold, table
from scoring.lab.cohort import ABSENT, REFUSED, LabMistake
from scoring.lab.direction import AGAINST, against, directions
from scoring.lab.fit import fit_table
from scoring.lab.folds import splits_of
from scoring.lab.measures import auroc, bootstrap, calibration_error, wilson
from scoring.lab.missing import skip_at_random, skip_not_at_random
from scoring.lab.studies import HOUSEHOLD, TASKS, YRBS, load_study
from scoring.lab.tables import numbered, read_table, study
from tests.scoring.lab.planted import planted, survey_file

ITEMS = (*HOUSEHOLD, "sad", "ideation", "plan", "attempt", "sleep", "bullied")


def test_a_file_shaped_like_the_public_one_gives_every_figure(tmp_path: Path) -> None:
    survey_file(900, ITEMS).to_csv(tmp_path / YRBS, index=False)
    task = TASKS[1]
    cohort = load_study(tmp_path, task)
    assert not set(HOUSEHOLD) & set(cohort.items)
    assert {"sad", "sleep"} <= set(cohort.items)
    figures = list(study_figures(task, cohort))
    assert sum(figure.bar is not None for figure in figures) == 6
    assert all(np.isfinite(figure.reached) for figure in figures)


def test_a_missed_bar_is_missed() -> None:
    assert not Figure("a", "b", 0.70, 0.71).met
    assert not Figure("a", "b", 0.02, 0.015, at_most=True).met
    assert "MISSED" in Figure("a", "b", 0.70, 0.71).line()
    assert Figure("a", "b", 0.70).met


def test_schools_stay_on_one_side_of_a_split() -> None:
    cohort = planted(2000)
    for train, test in splits_of(cohort):
        assert not set(cohort.cluster[train]) & set(cohort.cluster[test])
    with pytest.raises(LabMistake, match="学校が3校"):
        splits_of(cohort.take(np.isin(cohort.cluster, [0, 1, 2])))


def test_a_school_that_was_not_asked_is_no_refusal() -> None:
    frame = pd.DataFrame(
        {"a": [0, 1, None, 2, 1, 2], "b": [None, None, None, 1, None, 1], "c": [1, 0, 1, 1, 1, None]}
    )
    school = np.array([1, 1, 1, 2, 2, 2])
    levels, worst = numbered(frame, ["a", "b", "c"], school)
    assert worst == {"a": 2, "b": 1, "c": 1}
    assert levels[2, 0] == REFUSED
    assert (levels[:3, 1] == ABSENT).all()  # the whole of school 1
    assert levels[4, 1] == REFUSED
    assert levels[5, 2] == ABSENT  # the end of the sheet


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.drop(columns="psu"), "psu"),
        (lambda f: f.assign(sad=np.inf), r"items\.sad"),
        (lambda f: f.assign(sad=-1.0), r"items\.sad"),
        (lambda f: f.assign(sad="often"), r"items\.sad"),
        (lambda f: f.assign(sad=0.5), r"items\.sad"),
        (lambda f: f.assign(sad=0), r"items\.sad"),
        (lambda f: f.assign(label_attempt=2.0), "label_attempt"),
        (lambda f: f.assign(label_attempt=np.nan), "label_attempt"),
    ],
)
def test_a_bad_table_is_refused_with_the_column_in_the_sentence(change, said) -> None:
    frame = change(survey_file(200, ITEMS))
    with pytest.raises(LabMistake, match=said):
        study(frame, "label_attempt", ["sad", "sleep"], "psu")


def test_a_bad_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LabMistake, match="ファイルがありません"):
        read_table(tmp_path / "none.csv")
    (tmp_path / "broken.parquet").write_text("no columns here")
    with pytest.raises(LabMistake, match=r"broken\.parquet"):
        read_table(tmp_path / "broken.parquet")
    (tmp_path / "empty.csv").write_text("a,b\n")
    with pytest.raises(LabMistake, match="行がありません"):
        read_table(tmp_path / "empty.csv")
    with pytest.raises(LabMistake, match=r"\.csv"):
        read_table(tmp_path / "a.xlsx")


def test_a_wrongly_declared_item_is_found_and_only_that_one() -> None:
    cohort = planted(4000, base=-2.5)
    assert against(cohort) == []
    assert against(cohort.turned(["hurt"])) == ["hurt"]
    turned = {each.item: each for each in directions(cohort.turned(["hurt"]))}
    assert turned["hurt"].verdict == AGAINST
    assert turned["hurt"].low <= turned["hurt"].correlation <= turned["hurt"].high < 0
    straight = auroc(cohort.label, out_of_fold(cohort, splits_of(cohort), table()))
    repaired = cohort.turned(["hurt"])
    assert auroc(repaired.label, out_of_fold(repaired, splits_of(repaired), table())) == pytest.approx(
        straight
    )


def test_skipping_that_is_not_at_random_hits_the_worse_off_and_the_table_bears_it() -> None:
    cohort = planted(6000)
    rng = np.random.default_rng(0)
    skipped = skip_not_at_random(cohort, 0.3, rng)
    gone = skipped.levels == REFUSED
    assert gone.mean() == pytest.approx(0.3, abs=0.03)
    assert gone[cohort.label].mean() > 1.5 * gone[~cohort.label].mean()
    assert (skip_at_random(cohort, 0.3, rng).levels == REFUSED).mean() == pytest.approx(0.3, abs=0.02)
    fitted = fit_table(cohort)
    fine = np.where(skipped.levels == REFUSED, 0, skipped.levels).astype(np.int8)
    assert (
        auroc(cohort.label, fitted.scores(skipped.levels)) > auroc(cohort.label, fitted.scores(fine)) + 0.03
    )


def test_calibration_chooses_by_cases_and_means_what_it_says() -> None:
    small, large = planted(3000), planted(40_000, base=-3.0)
    for cohort, kind in ((small, "platt"), (large, "isotonic")):
        raw = table()(cohort)(cohort.levels) * 2 + 5
        fitted = calibrate(raw, cohort.label)
        assert fitted.kind == kind
        shares = cross_calibrated(raw, cohort.label, splits_of(cohort))
        assert calibration_error(cohort.label, shares) < 0.015
        assert in_the_large(cohort.label, shares) == pytest.approx(1, abs=0.05)
        assert (np.diff(fitted.shares(np.sort(raw))) >= -1e-12).all()
    with pytest.raises(LabMistake, match="一種類しか"):
        calibrate(np.arange(5.0), np.zeros(5, dtype=bool))
    with pytest.raises(LabMistake, match="有限"):
        calibrate(np.array([1.0, np.inf]), np.array([True, False]))


def test_intervals_hold_what_they_should() -> None:
    assert str(wilson(50, 100)) == "0.500 [0.404, 0.596]"
    assert wilson(0, 20).low == 0
    assert wilson(0, 20).high == pytest.approx(0.161, abs=0.001)
    cohort = planted(2000)
    mean = bootstrap(lambda rows: float(cohort.label[rows].mean()), cohort.cluster)
    assert mean.low < mean.value < mean.high
