"""Live scoring, one sheet at a time, and batch scoring beside a bare numpy lookup: `make bench-live`.

Ratios mean more than the times of a busy machine.
"""

import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from scoring.assessment import assess
from scoring.batch import assess_frame, frame_of
from scoring.lab.simulator import SimulatedPupil, simulate_wave
from survey_api.practice.children import with_reference
from survey_api.services.banks.library import load_bank
from survey_api.services.banks.sheets import sheet_of

BANKS = Path(__file__).resolve().parents[1] / "question_banks"
SHEETS = 600
ROWS = 200_000


def live(name: str, grade: int) -> tuple[Any, list[Any], list[Any]]:
    """Print the times of single sheets; returns key, sheets and seconds for the batch."""
    loaded = load_bank(BANKS / name)
    pupils = [SimulatedPupil(f"p{number}", grade) for number in range(SHEETS)]
    wave = simulate_wave({name: with_reference(BANKS / name)}, pupils, seed=1)
    times: dict[str, list[float]] = {"without words": [], "with words": []}
    sheets, seconds = [], []
    assess(loaded.scoring_key, sheet_of(loaded, {"free_text": "あ"}))  # the dictionary is loaded once
    for each in wave.submissions:
        sheet = sheet_of(loaded, each.answers)
        best = min(_timed(loaded.scoring_key, sheet, each.seconds) for _ in range(3))
        times["with words" if sheet.texts else "without words"].append(1000 * best)
        sheets.append(sheet)
        seconds.append(each.seconds)
    for kind, found in times.items():
        if len(found) >= 20:
            p95 = statistics.quantiles(found, n=20)[-1]
            print(
                f"{name:<9} {kind:<14} {len(found):>4} sheets  median {statistics.median(found):.2f} ms  p95 {p95:.2f} ms"
            )
    return loaded.scoring_key, sheets, seconds


def _timed(key: Any, sheet: Any, seconds: Any) -> float:
    began = time.perf_counter()
    assess(key, sheet, seconds=seconds)
    return time.perf_counter() - began


def batch(key: Any, sheets: list[Any], seconds: list[Any]) -> None:
    """Print rows per second with and without seconds, beside looking up every level and adding every point."""
    small = frame_of(key, sheets)
    repeat = -(-ROWS // len(small))
    frame = pd.concat([small] * repeat, ignore_index=True).iloc[:ROWS]
    frame = frame.astype({name: "category" for name in frame.columns if name not in key.text_items})
    frame[sorted(key.text_items)] = ""
    timed = pd.concat([frame_of(key, sheets, None, seconds)] * repeat, ignore_index=True).iloc[:ROWS]
    frame_seconds = pd.concat([frame, timed[[c for c in timed if str(c).startswith("seconds.")]]], axis=1)
    floor = min(_floor(key, frame) for _ in range(3))
    for what, data in (("answers only", frame), ("with seconds", frame_seconds)):
        began = time.perf_counter()
        assess_frame(key, data)
        took = time.perf_counter() - began
        print(
            f"batch {what:<13} {len(data) / took:>10,.0f} rows/s  {took / floor:.1f} × the bare lookup ({len(data) / floor:,.0f} rows/s)"
        )


def _floor(key: Any, frame: pd.DataFrame) -> float:
    """Levels and points of every item, nothing else."""
    began = time.perf_counter()
    for table in key.model.tables:
        total = np.zeros(len(frame), dtype=np.int64)
        for name in table.points:
            codes = frame[name].cat.codes.to_numpy()
            total += np.take(np.arange(len(frame[name].cat.categories) + 1), codes)
    return time.perf_counter() - began


if __name__ == "__main__":
    for bank, grade in (("sho-low", 2), ("sho-high", 5), ("kou", 11)):
        live(bank, grade)
    batch(*live("chu", 8))
