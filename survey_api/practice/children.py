"""The invented pupils answer: what each will send, wave after wave, from the simulator of the lab."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from scoring.lab.simulator import SimulatedPupil, simulate_wave
from scoring.lab.traits import State
from survey_api.practice.city import City
from survey_api.services.banks.library import read_folder

HARDSHIP = -0.5
"""The practice city is better off than the reference shares by half a standard deviation, so that its queue
stays one a few counselors can work: about 3 in 100 pupils for today, about 14 in 100 in all (assumed)."""


@dataclass
class Children:
    """All pupils of the city by pseudonym, and what the last wave left."""

    banks: Mapping[str, Mapping[str, Any]]
    pupils: Mapping[str, SimulatedPupil]
    seed: int
    state: State | None = field(default=None)
    wave_no: int = 0

    def next_wave(self, asked: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Pseudonym → the body that pupil's tablet would send. Traits go on from the wave before."""
        self.wave_no += 1
        pupils = [self.pupils[pseudonym] for pseudonym in sorted(asked)]
        wave = simulate_wave(self.banks, pupils, self.seed, self.wave_no, self.state, HARDSHIP)
        self.state = wave.state
        return {
            each.key: {
                "client_id": secrets.token_hex(16),
                "answers": each.answers,
                "seconds": each.seconds,
                "supported": self.pupils[each.key].home_language != "ja",
            }
            for each in wave.submissions
        }

    def who_answers(self, asked: Iterable[str], share: float) -> list[str]:
        """Which of the pupils answer this wave, the same for the same seed."""
        order = sorted(asked)
        drawn = np.random.default_rng([self.seed, self.wave_no, 99]).random(len(order))
        return [pseudonym for pseudonym, chance in zip(order, drawn, strict=True) if chance < share]


def children_of(
    city: City, pseudonym_of: Callable[[str], str], banks: Path, names: Iterable[str], seed: int
) -> Children:
    """Everybody in the city, known from now on by pseudonym; `pseudonym_of` takes a roster identifier."""
    pupils = {}
    for pupil in city.pupils:
        pseudonym = pseudonym_of(f"umi:{pupil.master_id}")
        pupils[pseudonym] = SimulatedPupil(pseudonym, pupil.grade, pupil.sex, pupil.home_language)
    return Children({name: with_reference(banks / name) for name in names}, pupils, seed)


def with_reference(folder: Path) -> dict[str, Any]:
    """A bank's files as plain data, its reference shares among them: what the simulator needs."""
    reference = yaml.safe_load((folder / "reference.yaml").read_text(encoding="utf-8"))
    return {**read_folder(folder), "reference": reference}
