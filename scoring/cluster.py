"""The same frame scored on Dask: local threads, processes, or a scheduler somewhere else. Results are equal.

Below about a million rows one process is faster; this is for memory and for a nation, not for a school.
"""

import os
from typing import Any

import pandas as pd

from scoring.batch import assess_frame
from scoring.key import ScoringKey

_PINNED = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def pin_threads() -> None:
    """One numeric thread per worker: several that spin for one core are slower than one."""
    for name in _PINNED:
        os.environ.setdefault(name, "1")


def assess_on_cluster(
    key: ScoringKey, frame: pd.DataFrame, parts: int, scheduler: str = "threads"
) -> pd.DataFrame:
    """assess_frame over `parts` partitions. `scheduler`: threads, processes, or the address of a Dask scheduler."""
    pin_threads()
    import dask.dataframe

    if not len(frame):
        return assess_frame(key, frame)
    numbered = frame.reset_index(drop=True)
    meta = assess_frame(key, numbered.iloc[:0])
    spread: Any = dask.dataframe.from_pandas(numbered, npartitions=max(1, parts), sort=False)  # type: ignore[no-untyped-call]
    lazily = spread.map_partitions(_assess, key, meta=meta)
    if "://" in scheduler:
        from distributed import Client

        with Client(scheduler):  # type: ignore[no-untyped-call]
            found: Any = lazily.compute()
    else:
        found = lazily.compute(scheduler=scheduler)
    result: pd.DataFrame = found.set_axis(frame.index, axis=0)
    return result


def _assess(part: pd.DataFrame, key: ScoringKey) -> pd.DataFrame:
    return assess_frame(key, part)
