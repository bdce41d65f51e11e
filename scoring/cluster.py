"""A table scored part by part, here or on Dask: each worker reads its own rows and writes its own file.

Nothing ever holds the whole table: a part is one row group of a Parquet file, read in batches. Results are equal
whoever scores them, because every row is scored by itself. Below about a million rows one process is faster; this is
for memory and for a nation, not for a school.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

_PINNED = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
BATCH = 20_000
"""Rows of a part that are in memory at once."""

Work = Callable[[pd.DataFrame, int], pd.DataFrame]
"""(rows, number of the first of them in the table) → one result row per row. Must be picklable."""


@dataclass(frozen=True)
class Part:
    """One row group of a Parquet file; `first` counts rows from 1."""

    path: Path
    group: int
    first: int


@dataclass(frozen=True)
class Done:
    """What a part came to: the file that holds it, how many rows, how often each rule fired."""

    path: Path
    rows: int
    fired: dict[str, int]


def pin_threads() -> None:
    """One numeric thread per worker: several that spin for one core are slower than one."""
    for name in _PINNED:
        os.environ.setdefault(name, "1")
    from threadpoolctl import threadpool_limits

    threadpool_limits(1)  # where numpy was loaded before the variables could say so


def parts_of(path: Path) -> list[Part]:
    """The row groups of a Parquet file; an empty file is one part, so that its columns are still checked."""
    import pyarrow.parquet

    found, first = [], 1
    with pyarrow.parquet.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            found.append(Part(path, group, first))
            first += file.metadata.row_group(group).num_rows
    return found or [Part(path, -1, 1)]


def score_parts(
    parts: Sequence[Part],
    work: Work,
    folder: Path,
    scheduler: str = "",
    step: Callable[[Done], object] = lambda done: None,
) -> list[Done]:
    """Score all parts into files of `folder`, in order. `scheduler`: "" (here, one after the other; `step` is told),
    threads, processes, or the address of a Dask scheduler whose workers see the same files.
    """
    pin_threads()
    if not scheduler:
        found = []
        for number, part in enumerate(parts):
            found.append(_score(part, work, folder / f"{number:06}.parquet"))
            step(found[-1])
        return found
    import dask

    cluster: Any = dask  # it has no types of its own
    shared = cluster.delayed(work)  # sent once to each worker, not once for each part
    lazily = [
        cluster.delayed(_score)(part, shared, folder / f"{number:06}.parquet")
        for number, part in enumerate(parts)
    ]
    if "://" in scheduler:
        from distributed import Client

        with Client(scheduler) as client:  # type: ignore[no-untyped-call]
            client.run(pin_threads)
            return list(cluster.compute(*lazily))
    return list(cluster.compute(*lazily, scheduler=scheduler))


def batches(part: Part) -> Iterator[tuple[int, pd.DataFrame]]:
    """(number of its first row, rows) of a part, BATCH at a time."""
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(part.path) as file:
        if part.group < 0 or not file.metadata.row_group(part.group).num_rows:
            yield part.first, file.schema_arrow.empty_table().to_pandas()
            return
        first = part.first
        for batch in file.iter_batches(BATCH, row_groups=[part.group]):
            yield first, batch.to_pandas()
            first += batch.num_rows


def join_parquet(done: Sequence[Done], target: Path) -> None:
    """The files of the parts as one, row group by row group."""
    import pyarrow.parquet

    writer: Any = None
    for each in done:
        with pyarrow.parquet.ParquetFile(each.path) as file:
            writer = writer or pyarrow.parquet.ParquetWriter(target, file.schema_arrow)
            for group in range(file.num_row_groups):
                writer.write_table(file.read_row_group(group))
    if writer is not None:
        writer.close()


def join_csv(done: Sequence[Done], target: Path) -> None:
    """The files of the parts as one CSV."""
    for number, each in enumerate(done):
        pd.read_parquet(each.path).to_csv(target, index=False, mode="a" if number else "w", header=not number)


def _score(part: Part, work: Work, target: Path) -> Done:
    pin_threads()
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows, fired, writer = 0, dict[str, int](), None
    for first, frame in batches(part):
        found = work(frame, first)
        for name in found.columns:
            if str(name).startswith("rule."):
                fired[name] = fired.get(name, 0) + int((found[name] == 1).sum())
        table = pa.Table.from_pandas(found, preserve_index=False)
        writer = writer or pq.ParquetWriter(target, table.schema)
        writer.write_table(table)
        rows += len(found)
    if writer is not None:
        writer.close()
    return Done(target, rows, fired)
