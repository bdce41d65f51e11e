"""Simulated pupils: the same for the same seed, on the path a tablet shows, near the shares they stand on."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from scoring.assessment import assess
from scoring.lab.marginals import carer_share
from scoring.lab.simulator import LABEL, SimulatedPupil, SimulatedWave, simulate_wave
from scoring.sheet import AnswerSheet
from survey_api.services.banks.library import load_bank, read_folder

BANKS = Path(__file__).resolve().parents[3] / "question_banks"
NAMES = ("sho-low", "sho-high", "chu", "kou")


def contents() -> dict[str, Any]:
    return {
        name: {
            **read_folder(BANKS / name),
            "reference": yaml.safe_load((BANKS / name / "reference.yaml").read_text(encoding="utf-8")),
        }
        for name in NAMES
    }


def pupils(count: int) -> list[SimulatedPupil]:
    return [
        SimulatedPupil(f"p{number}", number % 12 + 1, "fm"[number % 2], "vi" if number % 30 == 0 else "ja")
        for number in range(count)
    ]


@pytest.fixture(scope="module")
def city() -> SimulatedWave:
    """A better-off city of 4,000, as the practice city is."""
    return simulate_wave(contents(), pupils(4000), seed=5, hardship=-0.5)


def test_the_same_seed_gives_the_same_answers_and_another_seed_others():
    first = simulate_wave(contents(), pupils(120), seed=5)
    assert first == simulate_wave(contents(), pupils(120), seed=5)
    assert first.submissions != simulate_wave(contents(), pupils(120), seed=6).submissions


def test_everything_carries_the_word_simulated(city):
    assert LABEL == "simulated"
    assert city.label == LABEL
    assert all(each.label == LABEL for each in city.submissions)


def test_every_answer_may_be_stored_and_lies_on_the_path(city):
    banks = {name: load_bank(BANKS / name).bank for name in NAMES}
    for each in city.submissions:
        bank = banks[each.bank]
        notices = {screen.notice for screen in bank.screens if screen.may_skip}
        answers = {item: value for item, value in each.answers.items() if item not in notices}
        assert set(answers) <= set(bank.shown_items(each.answers))
        for item, value in answers.items():
            assert bank.items[item].refuses(value) is None, (each.bank, item, value)
        assert set(each.seconds) == set(answers)
        assert all(seconds > 0 for seconds in each.seconds.values())


def test_the_real_banks_flag_a_plausible_share_of_the_invented_city(city):
    banks = {name: load_bank(BANKS / name) for name in NAMES}
    hard = flagged = 0
    for each in city.submissions:
        loaded = banks[each.bank]
        answers = {item: value for item, value in each.answers.items() if item in loaded.bank.items}
        shown = loaded.bank.shown_items(each.answers)
        assessment = assess(
            loaded.scoring_key,
            AnswerSheet.of(answers, loaded.scoring_key, shown=shown),
            seconds=each.seconds,
        )
        level = {rule.id: str(rule.level) for rule in loaded.scoring_key.rules if rule.active}
        hard += any(level.get(rule) == "A" for rule in assessment.fired)
        flagged += assessment.needs_a_person
    assert 0.015 <= hard / len(city.submissions) <= 0.04
    assert 0.10 <= flagged / len(city.submissions) <= 0.16


def test_carers_are_as_many_as_published():
    wave = simulate_wave(
        contents(), [SimulatedPupil(f"p{n}", (6, 8, 11)[n % 3]) for n in range(9000)], seed=2
    )
    for place, grade in enumerate((6, 8, 11)):
        share = sum(each.truth.carer for each in wave.submissions[place::3]) / 3000
        assert share == pytest.approx(carer_share(grade), abs=0.012)


def test_answers_follow_the_reference_shares_of_the_bank():
    wave = simulate_wave(contents(), [SimulatedPupil(f"p{n}", 8) for n in range(6000)], seed=3)
    given = Counter(str(each.answers.get("bullied")) for each in wave.submissions if not each.truth.conceals)
    declared = contents()["chu"]["reference"]["items"]["bullied"]
    answered = sum(given[code] for code in declared)
    for code, share in declared.items():
        assert given[code] / answered == pytest.approx(share, abs=0.03)


def test_truth_persists_from_wave_to_wave_and_people_come_and_go():
    first = simulate_wave(contents(), pupils(3000), seed=4)
    second = simulate_wave(contents(), pupils(3100)[100:], seed=4, wave_no=2, previous=first.state)
    before = {each.key: each.truth for each in first.submissions}
    carers = [each for each in second.submissions if each.key in before and before[each.key].carer]
    still = sum(each.truth.carer for each in carers)
    assert len(second.submissions) == 3000
    assert still / len(carers) > 0.35  # by chance alone it would be about 0.06
    assert still < len(carers)


def test_mistakes_of_the_caller_are_named():
    with pytest.raises(ValueError, match="same key"):
        simulate_wave(contents(), [SimulatedPupil("a", 8), SimulatedPupil("a", 9)], seed=1)
    with pytest.raises(ValueError, match=r"\[8\]"):
        simulate_wave({"kou": contents()["kou"]}, [SimulatedPupil("a", 8)], seed=1)
