"""The figures of the points table beside the bars it has to reach; exit code 1 when one is missed.

    make bench-scoring DATA=<folder with the study files>     without DATA: the simulated city only

Every score is out of fold with schools kept apart. What comes from the simulator is marked simulated and is no
evidence about real children.
"""

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # boosted trees spin when the cores are shared
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scoring.lab.benchmark import Figure, study_figures
from scoring.lab.city import averaged, city_figures, judge
from scoring.lab.cohort import LabMistake
from scoring.lab.studies import TASKS, load_study
from survey_api.practice.study import pupils_of, simulate_study

BANKS = Path(__file__).resolve().parents[1] / "question_banks"
NAMES = ("sho-low", "sho-high", "chu", "kou")  # the youngest first
LEARNED, FRESH = 6_600, 13_300
"""Simulated pupils per bank: to fit on (20,000 labels from 小4 up), and others to be judged on (40,000 new children)."""
SEEDS = range(1, 6)
"""Whole cities. The bars are held against the mean over all of them; the range is printed beside it."""


def main(data: str) -> int:
    """Print every figure as it is reached."""
    figures: list[Figure] = []
    started = time.process_time()

    def show(figure: Figure) -> None:
        figures.append(figure)
        print(figure.line(), flush=True)

    if data:
        for task in TASKS:
            for figure in study_figures(task, load_study(Path(data), task)):
                show(figure)
            print()
    for figure in averaged([city(seed) for seed in SEEDS]):
        show(figure)
    print()
    missed = [figure for figure in figures if not figure.met]
    asked = sum(figure.bar is not None for figure in figures)
    print(f"{asked - len(missed)} of {asked} bars met; {time.process_time() - started:.0f} s of one core")
    for figure in missed:
        print(f"missed: {figure.where}, {figure.what}: {figure.reached:.3f}", file=sys.stderr)
    return 1 if missed else 0


def city(seed: int) -> list[Figure]:
    """One simulated city: tables fitted on its pupils, judged on as many others.

    The bars were set on the design's own simulator, which asks 小4 to 高3. The youngest have twelve questions, one of
    them about care; the whole city with them stands beside, for information.
    """
    banks = [
        judge(
            pupils_of(simulate_study(BANKS / name, LEARNED, seed=seed)),
            pupils_of(simulate_study(BANKS / name, FRESH, seed=1000 + seed)),
        )
        for name in NAMES
    ]
    whole = city_figures("with 小1–3", banks, bars=False)
    return [*city_figures("simulated city", banks[1:]), *whole]


if __name__ == "__main__":
    try:
        sys.exit(main(os.environ.get("DATA", "")))
    except LabMistake as mistake:
        sys.exit(f"bench-scoring: {mistake}")
