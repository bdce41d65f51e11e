"""Simulated pupils of one bank as the lab reads them: sheets by the bank's own path, truth, hard hits."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scoring.batch import assess_frame, frame_of
from scoring.lab.city import CONCERNS, Pupils
from scoring.lab.cohort import Mask, Names
from scoring.lab.sheets import cohort_of
from scoring.lab.simulator import SimulatedPupil, SimulatedSubmission, simulate_wave
from scoring.quality import quality_of
from scoring.sheet import AnswerSheet
from scoring.vocabulary import Level
from survey_api.practice.children import with_reference
from survey_api.services.banks.library import LoadedBank, load_bank
from survey_api.services.banks.sheets import sheet_of

PER_SCHOOL = 90
OTHER_LANGUAGES = 20
"""One pupil in so many has another home language."""
STAGES = {"sho-low": "elementary", "sho-high": "elementary", "chu": "junior high", "kou": "high"}


@dataclass(frozen=True)
class SimulatedStudy:
    """Pupils of one bank with what they answered and what is true of them."""

    bank: LoadedBank
    asked: Sequence[SimulatedPupil]
    submissions: Sequence[SimulatedSubmission]
    sheets: Sequence[AnswerSheet]
    school: Names


def simulate_study(folder: Path, people: int, seed: int, hardship: float = 0.0) -> SimulatedStudy:
    """`people` simulated pupils in schools of about PER_SCHOOL answer the bank of one folder."""
    bank = load_bank(folder)
    grades = bank.bank.grades
    asked = [
        SimulatedPupil(
            f"p{number}", grades[number % len(grades)], "fm"[number // len(grades) % 2], _language(number)
        )
        for number in range(people)
    ]
    wave = simulate_wave({bank.bank.id: with_reference(folder)}, asked, seed, hardship=hardship)
    sheets = [sheet_of(bank, each.answers) for each in wave.submissions]
    schools = max(1, people // PER_SCHOOL)
    school = np.random.default_rng([seed, 7]).integers(0, schools, people)
    return SimulatedStudy(bank, asked, wave.submissions, sheets, school)


def pupils_of(study: SimulatedStudy) -> Pupils:
    """The study for the figures of the city."""
    key = study.bank.scoring_key
    truths = [each.truth for each in study.submissions]
    truth = {
        concern: np.array([getattr(each, name) for each in truths], dtype=bool)
        for concern, name in CONCERNS.items()
    }
    label = np.array([each.in_need for each in truths], dtype=bool)
    cohort = cohort_of(key, study.sheets, label, study.school, groups_of(study))
    return Pupils(key, cohort, truth, _hard(study))


def groups_of(study: SimulatedStudy) -> dict[str, Names]:
    """Sex, grade, language and stage of each pupil."""
    return {
        "sex": np.array([pupil.sex for pupil in study.asked], dtype=object),
        "grade": np.array([str(pupil.grade) for pupil in study.asked], dtype=object),
        "language": np.array([pupil.home_language for pupil in study.asked], dtype=object),
        "stage": np.array([STAGES.get(study.bank.bank.id, "")] * len(study.asked), dtype=object),
    }


def _hard(study: SimulatedStudy) -> Mask:
    """Whoever hit an active hard rule with a sheet that need not be asked again."""
    key = study.bank.scoring_key
    results = assess_frame(key, frame_of(key, list(study.sheets)))
    hit = np.zeros(len(study.sheets), dtype=bool)
    for rule in key.rules:
        if rule.active and rule.level is Level.A and f"rule.{rule.id}" in results:
            hit |= results[f"rule.{rule.id}"].to_numpy() == 1
    again = [
        quality_of(key, sheet, each.seconds).ask_again
        for sheet, each in zip(study.sheets, study.submissions, strict=True)
    ]
    clean: Mask = hit & ~np.array(again, dtype=bool)
    return clean


def _language(number: int) -> str:
    return "vi" if number % OTHER_LANGUAGES == 0 else "ja"
