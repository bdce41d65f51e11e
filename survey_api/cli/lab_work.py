"""What the commands of the lab do: files in, cohorts through the lab, whole files out or none."""

import difflib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from scoring.batch import assess_frame, frame_of
from scoring.lab import direction, drift, reliability
from scoring.lab.calibrate import calibrate, cross_calibrated, to_declare
from scoring.lab.city import CONCERNS, expert_points
from scoring.lab.cohort import Cohort, LabMistake, Mask, Numbers, require_usable
from scoring.lab.cutoffs import at_capacity
from scoring.lab.fit import PointsTable
from scoring.lab.folds import splits_of
from scoring.lab.outcomes import Outcomes, review_weights, simulate_outcomes
from scoring.lab.propose import as_text, declared_calibration, model_part, with_model
from scoring.lab.report import Drift, Report, Seen, bank_report
from scoring.lab.sheets import levels_of
from scoring.lab.tables import coded, column, labels, read_table
from survey_api.cli.lab_page import model_card, page
from survey_api.practice.study import groups_of, pupils_of, simulate_study
from survey_api.services.banks.check import problems
from survey_api.services.banks.handbook import handbook
from survey_api.services.banks.library import LoadedBank, load_bank
from survey_api.services.banks.reference import expected_mean
from survey_api.services.banks.sheets import sheet_of
from survey_api.services.banks.yaml_files import read_yaml

MOVED_WORDS = {"moved": "動きました", "moved much": "大きく動きました"}
GROUPS = ("sex", "grade", "stage", "language")
Say = Callable[[str], object]


def write_simulated(bank: Path, out: Path, people: int, seed: int, audit: float, everybody: bool) -> None:
    """Answers, school, groups and what staff recorded; blank outcomes where nobody looked."""
    study = simulate_study(bank, people, seed)
    pupils = pupils_of(study)
    frame = frame_of(study.bank.scoring_key, list(study.sheets))
    frame.insert(0, "data", "simulated")
    frame["school"] = study.school
    for name, values in groups_of(study).items():
        frame[name] = values
    rng = np.random.default_rng([seed, 8])
    urgency = assess_frame(study.bank.scoring_key, frame)["urgency"].to_numpy()
    seen = simulate_outcomes(pupils.cohort.label, urgency != "", rng, audit)
    for concern, truth in pupils.truth.items():
        recorded = simulate_outcomes(truth, urgency != "", rng, audit).found
        frame[f"outcome_{concern}"] = (
            truth * 1.0 if everybody else np.where(seen.reviewed, recorded * 1.0, np.nan)
        )
    frame["propensity"] = 1.0 if everybody else seen.propensity
    with _whole(out) as place:
        if out.suffix == ".parquet":
            frame.to_parquet(place)
        elif out.name.endswith((".csv", ".csv.gz")):
            frame.to_csv(place, index=False)
        else:
            raise LabMistake(f"{out.name}: .csv、.csv.gz、.parquet のどれかのファイルにしてください")


def propose(
    bank: Path, answers: Path, out: Path, version: str, say: Say, earlier: Path | None = None
) -> list[str]:
    """A folder with the proposed bank beside its diff, model card and report. It appears whole or not at all."""
    if out.exists():
        raise LabMistake(f"{out.name}: もうあります。まだないフォルダの名前にしてください")
    loaded = load_bank(bank)
    known = _known(loaded, answers, say)
    report, cohort = _report(loaded, known, earlier), known.everybody
    reference, examples = read_yaml(bank / "reference.yaml"), read_yaml(bank / "examples.yaml")
    worked = [sheet_of(loaded, example["answers"]) for example in examples]
    tables = {each.concern: each.table for each in report.concerns}
    key = loaded.scoring_key
    say("表の案を作っています")
    model = model_part(
        key,
        {concern: _widened(table, cohort) for concern, table in tables.items()},
        cohort.levels,
        worked,
        levels_of(key, worked),
        lambda item, points: expected_mean(loaded.bank, reference, item, points),
        known.calibration,
        version,
    )
    before = (bank / "scoring.yaml").read_text(encoding="utf-8")
    after = with_model(before, as_text(model))
    with _whole(out, folder=True) as place:
        banks = place / "question_banks"
        shutil.copytree(bank, banks / bank.name)
        for shared in ("_shared", "PUBLISHED.lock"):
            source = bank.parent / shared
            (shutil.copytree if source.is_dir() else shutil.copy)(source, banks / shared)
        (banks / bank.name / "scoring.yaml").write_text(after, encoding="utf-8")
        book = handbook(load_bank(banks / bank.name), examples)
        (banks / bank.name / "HOW-SCORED.md").write_text(book, encoding="utf-8")
        found = problems(banks)
        name = f"{bank.name}/scoring.yaml"
        diff = difflib.unified_diff(
            before.splitlines(keepends=True),
            after.splitlines(keepends=True),
            f"now/{name}",
            f"proposed/{name}",
        )
        (place / "scoring.diff").write_text("".join(diff), encoding="utf-8")
        (place / "MODEL-CARD.md").write_text(model_card(report, version, found), encoding="utf-8")
        (place / "report.html").write_text(page(report), encoding="utf-8")
    passed = "質問集の検査に通ります。" if not found else "質問集の検査に通りません:"
    return [f"{out}: 案を作りました(署名前。どこにも適用していません)。{passed}", *found]


def write_report(bank: Path, answers: Path, out: Path, say: Say, before: Path | None = None) -> None:
    """The page alone; with an earlier wave, also what has moved since."""
    loaded = load_bank(bank)
    report = _report(loaded, _known(loaded, answers, say), before)
    with _whole(out) as place:
        place.write_text(page(report), encoding="utf-8")


def capacity_lines(bank: Path, answers: Path, conversations: Sequence[int]) -> list[str]:
    """Expected precision and expected misses at each number of conversations, by the bank's own points.

    The shares come from the calibration that the bank declares, where it has one, otherwise from these outcomes,
    with the schools of a child kept out of that child's share. Whoever scores alike is listed together.
    """
    loaded = load_bank(bank)
    known = _known(loaded, answers, lambda text: None)
    results = assess_frame(loaded.scoring_key, known.frame)
    tables = {table.concern: table for table in loaded.scoring_key.model.tables}
    none = np.ones(len(known.people))
    for concern, label in known.labels.items():
        points = results[f"points.{concern}"].to_numpy()[known.rows]
        declared = tables[concern].calibration
        cohort = known.people.labelled(label, f"outcome_{concern}")
        require_usable(cohort)
        if declared is not None:
            shares = np.array([declared.share(each) for each in points.tolist()])
        else:
            shares = cross_calibrated(points / 100, label, splits_of(cohort))
        none *= 1 - shares
    chance = 1 - none
    simulated = (
        "模擬のデータ(simulated): "
        if "data" in known.frame and (known.frame["data"] == "simulated").any()
        else ""
    )
    return [
        f"{simulated}話を聞く{room.asked}人(同点をふくめ{room.listed}人): 支援が要る見込み {room.found:.1f}人"
        f"({room.precision:.0%})、見つからない見込み {room.missed:.1f}人"
        for room in (at_capacity(chance, chance, asked) for asked in conversations)
    ]


def check(bank: Path, answers: Path, before: Path | None) -> tuple[list[str], int]:
    """(lines, how many alarms)."""
    loaded = load_bank(bank)
    frame = read_table(answers)
    key = loaded.scoring_key
    lines, alarms = [], 0
    now = _cohort(loaded, frame, np.zeros(len(frame), dtype=bool))
    for concern, (rows, label) in _outcomes(frame).items():
        cohort = now.take(rows).labelled(label, f"outcome_{concern}")
        require_usable(cohort)
        for wrong in direction.against(cohort.without(set(cohort.items) - set(expert_points(key, concern)))):
            lines.append(f"向き  {concern}: {wrong} は、決めた向きと逆の結びつきです")
            alarms += 1
    for each in reliability.by_group(now, {sub.id: sub.items for sub in key.subscales if len(sub.items) > 1}):
        if each.group in ("everybody", "language"):
            lines.append(f"信頼性  {each.subscale} {each.value or '全員'}: ω {each.omega}、α {each.alpha}")
            alarms += each.too_low
    earlier = None if before is None else read_table(before)
    moved = _drift(loaded, now, assess_frame(key, frame), earlier)
    for rate in moved.rates:
        if rate.alarm:
            lines.append(
                f"規則  {rate.rule}: あたった割合 {rate.rate}、想定 {rate.expected[0]:g}〜{rate.expected[1]:g}"
            )
            alarms += 1
    for shift in moved.shifts:
        if shift.verdict != "steady":
            lines.append(f"動き  {shift.item}: {MOVED_WORDS[shift.verdict]}(PSI {shift.psi:.2f})")
            alarms += shift.verdict == "moved much"
    return lines or ["見るべきものはありません。"], alarms


@dataclass(frozen=True)
class Known:
    """Everybody who answered, those whose outcome is known, what it is per concern, and the weights of the reviews."""

    frame: pd.DataFrame
    everybody: Cohort
    people: Cohort
    labels: Mapping[str, Mask]
    weights: Numbers | None
    rows: Mask
    """Whose outcome is known, among everybody."""

    def calibration(self, concern: str, card: PointsTable) -> Mapping[str, Any]:
        """From the points of a table to the share in need, as it is declared."""
        label = self.labels[concern]
        fitted = calibrate(card.scores(self.people.levels), label, self.weights)
        return declared_calibration(to_declare(fitted, int(label.sum())))


def _known(loaded: LoadedBank, answers: Path, say: Say) -> Known:
    frame = read_table(answers)
    outcomes = _outcomes(frame)
    if not outcomes:
        raise LabMistake(f"{answers.name}: 結果の列 outcome_<{'|'.join(CONCERNS)}> がありません")
    everybody = _cohort(loaded, frame, np.zeros(len(frame), dtype=bool))
    rows = next(iter(outcomes.values()))[0]
    if any((other != rows).any() for other, _ in outcomes.values()):
        raise LabMistake("outcome: どの懸念の結果も、同じ人について記録してください")
    people = everybody.take(rows)
    say(f"結果の分かっている人 {len(people)}人、懸念 {len(outcomes)}つ")
    labels = {concern: label for concern, (_, label) in outcomes.items()}
    return Known(frame, everybody, people, labels, _weights(frame, rows), rows)


def _report(loaded: LoadedBank, known: Known, before: Path | None = None) -> Report:
    key, frame = loaded.scoring_key, known.frame
    results = assess_frame(key, frame)
    earlier = None if before is None else read_table(before)
    return bank_report(
        key.bank,
        key.version,
        known.people,
        known.labels,
        {concern: expert_points(key, concern) for concern in known.labels},
        {sub.id: sub.items for sub in key.subscales if len(sub.items) > 1},
        simulated="data" in frame and bool((frame["data"] == "simulated").any()),
        weights=known.weights,
        seen=_seen(known, results),
        moved=_drift(loaded, known.everybody, results, earlier),
        earlier=_earlier(loaded, earlier),
    )


def _seen(known: Known, results: pd.DataFrame) -> Seen | None:
    """Who of the known was flagged by the bank as it stands, and with which chance each was reviewed."""
    if known.weights is None:
        return None
    flagged = (results["urgency"] != "").to_numpy()[known.rows]
    return Seen(known.everybody, flagged, known.frame.loc[known.rows, "propensity"].to_numpy(np.float64))


def _drift(loaded: LoadedBank, now: Cohort, results: pd.DataFrame, earlier: pd.DataFrame | None) -> Drift:
    rules = loaded.scoring_key.rules
    fired = {rule.id: results[f"rule.{rule.id}"].to_numpy() == 1 for rule in rules}
    rates = drift.fire_rates(fired, {rule.id: rule.expected_rate for rule in rules})
    if earlier is None:
        return Drift(tuple(rates), ())
    then = _cohort(loaded, earlier, np.zeros(len(earlier), dtype=bool))
    return Drift(tuple(rates), tuple(drift.shifts(then, now)))


def _earlier(loaded: LoadedBank, frame: pd.DataFrame | None) -> dict[str, Cohort]:
    """The earlier wave per concern whose outcome was recorded then."""
    if frame is None:
        return {}
    then = _cohort(loaded, frame, np.zeros(len(frame), dtype=bool))
    return {
        concern: then.take(rows).labelled(label)
        for concern, (rows, label) in _outcomes(frame).items()
        if label.any() and not label.all()
    }


def _cohort(loaded: LoadedBank, frame: pd.DataFrame, label: Mask) -> Cohort:
    key = loaded.scoring_key
    worst = {item: one.worst for item, one in key.items.items()}
    groups = {name: frame[name].to_numpy(dtype=object) for name in GROUPS if name in frame}
    school = column(frame, "school").to_numpy()
    return Cohort(worst, coded(frame, key), label, school, groups, key.bank)


def _outcomes(frame: pd.DataFrame) -> Mapping[str, tuple[Mask, Mask]]:
    """Concern → (whose outcome is known, the outcome of those)."""
    found = {}
    for concern in CONCERNS:
        name = f"outcome_{concern}"
        if name in frame:
            rows = frame[name].notna().to_numpy()
            found[concern] = (rows, labels(frame[rows], name))
    return found


def _weights(frame: pd.DataFrame, rows: Mask) -> Numbers | None:
    if "propensity" not in frame:
        return None
    propensity = frame.loc[rows, "propensity"].to_numpy(dtype=np.float64)
    everybody = np.ones(len(propensity), dtype=bool)
    return review_weights(Outcomes(everybody, propensity, everybody, ~everybody, np.zeros(len(propensity))))


def _widened(table: PointsTable, cohort: Cohort) -> PointsTable:
    """The table over all items of the bank: those it does not use add nothing."""
    points = {item: table.points.get(item, np.zeros(worst + 1)) for item, worst in cohort.worst.items()}
    mean = {item: table.mean.get(item, 0.0) for item in cohort.worst}
    return replace(table, worst=dict(cohort.worst), points=points, mean=mean)


@contextmanager
def _whole(out: Path, folder: bool = False) -> Iterator[Path]:
    """A place beside `out` that becomes it when everything went well; otherwise nothing is left."""
    out.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".kizuki-", dir=out.parent))
    place = beside if folder else beside / out.name
    try:
        yield place
        os.replace(place, out)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
