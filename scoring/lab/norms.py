"""What is usual in how a bank is answered, from simulated pupils who read: the ground of the quality signs.

Simulated, never evidence: the first real waves are to replace it. `norms_from` is the one public function.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from scoring.key import ScoringKey
from scoring.lab.simulator import SimulatedPupil, simulate_wave
from scoring.quality import MIN_ITEMS, halves, scaled_places, spread
from scoring.sheet import AnswerSheet

PUPILS = 8000
SEED = 20261101
SHRINK = 0.1
"""How far the covariance is drawn to its diagonal: rare answers must not make a single tap monstrous."""
SCALE = 1000
FASTEST = 0.05
EDGE = 0.01


def norms_from(
    content: Mapping[str, Any],
    key: ScoringKey,
    sheet_of: Callable[[Mapping[str, Any]], AnswerSheet],
    pupils: int = PUPILS,
    seed: int = SEED,
) -> dict[str, Any]:
    """norms.yaml as data. `content`: the bank's files as the simulator reads them; `sheet_of`: answers → sheet.

    Means in hundredths of a level; precision = inverse covariance (levels) × 1000, whole numbers.
    """
    grades = content["bank"]["grades"]
    asked = [SimulatedPupil(f"n{number}", int(grades[number % len(grades)])) for number in range(pupils)]
    wave = simulate_wave({"bank": content}, asked, seed, hardship=-0.5)
    reading = [each for each in wave.submissions if not each.truth.careless]
    sheets = [sheet_of(each.answers) for each in reading]
    items = [item for item in key.items if _always_shown(item, key)]
    levels = np.array(
        [[sheet.levels.get(item, np.nan) for item in items] for sheet in sheets], dtype=np.float64
    )
    mean = np.rint(100 * np.nanmean(levels, axis=0)).astype(int)
    away = np.where(np.isnan(levels), 0.0, levels - mean / 100)
    covariance = away.T @ away / len(away)
    covariance = (1 - SHRINK) * covariance + SHRINK * np.diag(np.diag(covariance)) + 0.01 * np.eye(len(items))
    precision = np.rint(SCALE * np.linalg.inv(covariance)).astype(int)
    precision = np.tril(precision) + np.tril(precision, -1).T
    whole = np.rint(100 * away).astype(np.int64)
    distances = np.einsum("ri,ij,rj->r", whole, precision, whole)
    gaps = [gap for sheet in sheets if (gap := halves(key, sheet)) is not None]
    places = [scaled_places(key, sheet) for sheet in sheets]
    spreads = [spread(each) for each in places if len(each) >= MIN_ITEMS] or [0, 1]
    times: dict[str, list[float]] = {}
    for each in reading:
        for item, value in each.seconds.items():
            times.setdefault(item, []).append(value)
    return {
        "bank": key.bank,
        "provenance": {
            "source": wave.label,
            "pupils": pupils,
            "seed": seed,
            "command": "kizuki banks norms",
        },
        "seconds_p05": {item: round(float(np.quantile(times[item], FASTEST)), 1) for item in sorted(times)},
        "distance": {
            "items": items,
            "mean": mean.tolist(),
            "precision": precision.tolist(),
            "p99": int(np.quantile(distances, 1 - EDGE)),
        },
        "halves": {"p99": max(1, int(np.quantile(gaps, 1 - EDGE)))},
        "spread": {
            "p01": int(np.quantile(spreads, EDGE)),
            "p99": max(1, int(np.quantile(spreads, 1 - EDGE))),
        },
    }


def _always_shown(item: str, key: ScoringKey) -> bool:
    """Follow-ups stay out: most pupils never see them, so their mean would stand for nothing."""
    before = key.follow_ups.get(item)
    return before is None or before not in key.items
