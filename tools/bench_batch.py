"""Batch scoring of a million sheets beside a hand-written numpy floor in the same run: part of `make bench-live`.

Exit code 1 when assess_frame() takes more than 1.3 × the floor. Both are measured in turn, several times, in one
process on one core; the least of each counts, because whatever else the machine does only adds.
"""

import os
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from floor_chu import floor, tables_of

from scoring.batch import assess_frame, frame_of
from scoring.cluster import pin_threads
from scoring.freetext import find_hits
from scoring.key import ScoringKey
from scoring.lab.simulator import SimulatedPupil, simulate_wave
from survey_api.practice.children import with_reference
from survey_api.services.banks.library import load_bank
from survey_api.services.banks.sheets import sheet_of

BANKS = Path(__file__).resolve().parents[1] / "question_banks"
ROWS = int(os.environ.get("ROWS", "1000000"))
TURNS = 5
BAR = 1.3


def frames(pupils: int, rows: int) -> tuple[ScoringKey, pd.DataFrame, pd.DataFrame]:
    """Simulated pupils of bank chu, repeated and shuffled: answers only, and with seconds."""
    loaded = load_bank(BANKS / "chu")
    asked = [SimulatedPupil(f"p{number}", 7 + number % 3) for number in range(pupils)]
    wave = simulate_wave({"chu": with_reference(BANKS / "chu")}, asked, seed=1)
    key = loaded.scoring_key
    small = frame_of(
        key,
        [sheet_of(loaded, each.answers) for each in wave.submissions],
        None,
        [each.seconds for each in wave.submissions],
    )
    answers = [name for name in small.columns if not str(name).startswith("seconds.")]
    small = small.astype(dict.fromkeys(answers, "category"))
    drawn = np.random.default_rng(0).integers(0, len(small), rows)
    timed = small.iloc[drawn].reset_index(drop=True)
    return key, timed[answers], timed


def bare(key: ScoringKey, frame: pd.DataFrame) -> dict[str, object]:
    """What the floor needs, made ready before the clock starts."""
    assert key.lexicon is not None
    words = [str(text) for text in frame["free_text"].cat.categories]
    return {
        "key": key,
        "tables": tables_of(key, frame),
        "codes": {name: frame[name].cat.codes.to_numpy() for name in {*key.items, *key.asked}},
        "hit": np.array([bool(find_hits(text, key.lexicon)) for text in words]).take(
            frame["free_text"].cat.codes.to_numpy()
        ),
        "written": np.array([bool(text.strip()) for text in words]).take(
            frame["free_text"].cat.codes.to_numpy()
        ),
    }


def main() -> int:
    """Print rows per second and the ratios; 1 when the bar is missed."""
    pin_threads()
    key, answers, timed = frames(3000, ROWS)
    given = bare(key, answers)
    least = {"floor": float("inf"), "answers only": float("inf"), "with seconds": float("inf")}
    for _ in range(TURNS):
        for what, run in (
            ("floor", lambda: floor(**given)),  # type: ignore[arg-type]
            ("answers only", lambda: assess_frame(key, answers)),
            ("with seconds", lambda: assess_frame(key, timed)),
        ):
            began = time.perf_counter()
            run()
            least[what] = min(least[what], time.perf_counter() - began)
    print(
        f"batch of {ROWS:,} sheets of bank chu, {len(key.rules)} rules, one core, load {os.getloadavg()[0]:.1f}"
    )
    for what, took in least.items():
        print(
            f"  {what:<13} {took:6.3f} s  {ROWS / took:>12,.0f} rows/s  {took / least['floor']:.2f} × the floor"
        )
    ratio = least["answers only"] / least["floor"]
    print(
        f"  bar {BAR} × a hand-written numpy look-up with the same rules: {'met' if ratio <= BAR else 'MISSED'}"
    )
    return 0 if ratio <= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
