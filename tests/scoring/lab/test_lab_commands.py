"""The commands of the lab from file to signed-by-nobody proposal: whole or not at all, and nothing applied."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from scoring.batch import assess_frame
from scoring.lab.city import city_figures, judge
from scoring.seal import seal_of
from survey_api.cli import lab_work
from survey_api.practice.study import pupils_of, simulate_study
from survey_api.services.banks.check import problems
from survey_api.services.banks.library import load_bank

BANK = Path(__file__).resolve().parents[3] / "question_banks" / "sho-high"


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lab") / "answers.parquet"
    lab_work.write_simulated(BANK, path, 1400, seed=3, audit=0.05, everybody=True)
    frame = pd.read_parquet(path)
    flagged = assess_frame(load_bank(BANK).scoring_key, frame)["urgency"] != ""
    frame.assign(propensity=np.where(flagged, 0.9, 0.3)).to_parquet(path)  # the others were drawn blind
    return path


@pytest.fixture(scope="module")
def proposal(answers: Path) -> Path:
    out = answers.parent / "proposal"
    lab_work.propose(BANK, answers, out, "try-1", lambda text: None, earlier=answers)
    return out


def test_the_proposed_bank_passes_the_check_and_nobody_has_signed(proposal: Path) -> None:
    assert problems(proposal / "question_banks") == []
    model = yaml.safe_load((proposal / "question_banks/sho-high/scoring.yaml").read_text())["model"]
    assert model["version"] == "try-1"
    assert model["calibrated"] is False
    assert "署名前" in model["signed_by"]
    now = yaml.safe_load((BANK / "scoring.yaml").read_text())
    assert {key: value for key, value in now.items() if key != "model"} == {
        key: value
        for key, value in yaml.safe_load(
            (proposal / "question_banks/sho-high/scoring.yaml").read_text()
        ).items()
        if key != "model"
    }
    diff = (proposal / "scoring.diff").read_text()
    assert "-  version: expert-1" in diff
    assert "+  version: try-1" in diff
    assert "simulated" in (proposal / "MODEL-CARD.md").read_text()


def test_the_report_needs_nothing_from_outside(proposal: Path) -> None:
    text = (proposal / "report.html").read_text()
    assert "simulated" in text
    assert not re.search(r"https?://|<script|\sstyle=|\son\w+=|<link|<img|@import|url\(", text)
    assert text.count("<svg") == 5 * 4 + 2  # five plots for each concern, rates of the rules, drift
    assert text.count("印がついた子だけ(使いません)") == 4
    assert "質問ごとの動き" in text
    assert text.count("<table") > text.count("<svg")
    assert "nan" not in re.sub(r"<[^>]*>", "", text).split()


def test_the_proposal_calibrates_by_the_number_of_cases_and_seals_itself(proposal: Path) -> None:
    model = yaml.safe_load((proposal / "question_banks/sho-high/scoring.yaml").read_text())["model"]
    assert model["seal"] == seal_of(model)
    for table in model["concerns"].values():
        assert table["calibration"]["kind"] == "platt"  # far below a thousand cases
        assert table["calibration"]["slope"] > 0


def test_a_second_proposal_does_not_overwrite_the_first(proposal: Path, answers: Path) -> None:
    with pytest.raises(ValueError, match="もうあります"):
        lab_work.propose(BANK, answers, proposal, "try-2", lambda text: None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.assign(hungry="sometimes-ish"), "items.hungry"),
        (lambda f: f.drop(columns="hungry"), "hungry"),
        (lambda f: f.drop(columns="school"), "school"),
        (lambda f: f.assign(outcome_care=0.0), "一種類しか"),
        (lambda f: f.assign(outcome_care=2.0), "outcome_care"),
        (lambda f: f.assign(propensity=np.inf), "propensity"),
        (lambda f: f.assign(propensity=0.0), "propensity"),
        (lambda f: f.assign(school=1), "学校が1校"),
        (lambda f: f[[name for name in f if not name.startswith("outcome_")]], "outcome_"),
    ],
)
def test_a_bad_file_is_one_sentence_and_leaves_nothing(change, said, answers: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.parquet"
    change(pd.read_parquet(answers)).to_parquet(bad)
    with pytest.raises(ValueError, match=said) as mistake:
        lab_work.propose(BANK, bad, tmp_path / "out", "x", lambda text: None)
    assert "\n" not in str(mistake.value)
    assert [path.name for path in tmp_path.iterdir()] == ["bad.parquet"]


def test_a_capacity_is_told_before_it_is_chosen(answers: Path) -> None:
    few, many = lab_work.capacity_lines(BANK, answers, [20, 200])
    for line in (few, many):
        assert line.startswith("模擬のデータ(simulated): 話を聞く")
        assert "見つからない見込み" in line
    missed = [float(line.rsplit(" ", 1)[1].removesuffix("人")) for line in (few, many)]
    assert missed[0] > missed[1] > 0


def test_check_sees_what_has_moved(answers: Path, tmp_path: Path) -> None:
    frame = pd.read_parquet(answers)
    lines, _ = lab_work.check(BANK, answers, answers)
    assert any(line.startswith("信頼性") for line in lines)
    assert not any(line.startswith("動き") for line in lines)
    moved = tmp_path / "moved.parquet"
    frame.assign(hungry=frame["hungry"].where(np.arange(len(frame)) % 2 == 0, "often")).to_parquet(moved) if (
        "often" in set(frame["hungry"])
    ) else frame.assign(
        hungry=sorted(set(frame["hungry"]) - {"declined", "dont_know", "left"})[-1]
    ).to_parquet(moved)
    lines, alarms = lab_work.check(BANK, moved, answers)
    assert any(line.startswith("動き  hungry: 大きく動きました") for line in lines)
    assert alarms


def test_selected_outcomes_are_blank_where_nobody_looked(tmp_path: Path) -> None:
    path = tmp_path / "seen.csv.gz"
    lab_work.write_simulated(BANK, path, 1200, seed=4, audit=0.05, everybody=False)
    frame = pd.read_csv(path)
    assert 0.5 < frame["outcome_care"].isna().mean() < 0.97
    assert set(frame["data"]) == {"simulated"}
    assert (frame["propensity"].between(0, 1)).all()


def test_the_city_is_judged_on_pupils_the_tables_have_not_seen() -> None:
    learned, fresh = (pupils_of(simulate_study(BANK, 1500, seed=seed)) for seed in (5, 6))
    figures = {figure.what: figure for figure in city_figures("simulated city", [judge(learned, fresh)])}
    assert figures["recall, rules ∪ model within 10 %"].reached > 0.3
    assert figures["AUROC, concern table: care"].reached > 0.75
    assert sum(figure.bar is not None for figure in figures.values()) == 5
