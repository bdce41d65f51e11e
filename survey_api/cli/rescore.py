"""`kizuki rescore`: pseudonymous answers and a bank version in, assessments out; one process, or Dask."""

import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.progress import Progress

from scoring.sheet import AnswerMistake
from survey_api.cli.banks import FOLDER
from survey_api.kit.problems import Problem
from survey_api.services.banks.check import BankProblems, checked_bank
from survey_api.services.banks.library import LoadedBank

if TYPE_CHECKING:
    import pandas as pd

    from scoring.cluster import Done

SUFFIXES = (".parquet", ".csv")
WHO = "pseudonym"


def rescore(
    answers: Path,
    results: Path,
    bank: str = typer.Option(..., help="which bank the answers belong to"),
    folder: Path = FOLDER,
    cluster: str = typer.Option("", help="threads, processes, or the address of a Dask scheduler (tcp://…)"),
) -> None:
    """Score a table again: one row per child, one column per item, several choices joined by “|”.

    `seconds.<item>`, `before.bank`, `before.rules` and `before.<subscale>` may stand beside the answers. An empty
    cell is resolved by the bank's own path. A Parquet file is read row group by row group, by as many workers as
    --cluster has; nothing holds the whole table. The results file is written whole or not at all.
    """
    for path in (answers, results):
        if path.suffix not in SUFFIXES:
            raise Problem(f"{path.name}: .parquet か .csv のファイルにしてください。")
    loaded = _bank(folder, bank)
    results.parent.mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(prefix=".kizuki-", dir=results.parent))
    began = time.perf_counter()
    try:
        source = _as_parquet(answers, workshop)
        done = _scored(loaded, source, workshop, cluster)
        _write(results, workshop, done)
    except AnswerMistake as mistake:
        raise Problem(f"{answers.name}: {mistake} 何も書き出していません。") from mistake
    except (OSError, ValueError) as mistake:
        raise Problem(
            f"採点できませんでした({type(mistake).__name__})。--cluster の値と表の形を確かめてください。"
        ) from mistake
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    took = time.perf_counter() - began
    people = sum(each.rows for each in done)
    typer.echo(f"{people}人分を採点しました({took:.1f}秒、1秒に{people / max(took, 1e-9):.0f}人)→ {results}")
    fired = {
        rule.id: sum(each.fired.get(f"rule.{rule.id}", 0) for each in done)
        for rule in loaded.scoring_key.rules
    }
    for line in fire_rates(loaded, fired, people):
        typer.echo(line)


def _bank(folder: Path, name: str) -> LoadedBank:
    if not (folder / name / "bank.yaml").is_file():
        raise Problem(f"「{name}」という質問集はありません。")
    try:
        return checked_bank(folder / name)
    except BankProblems as found:
        raise Problem(f"質問集「{name}」に直すところがあります。\n{found}") from found


def _as_parquet(path: Path, workshop: Path) -> Path:
    """The table as Parquet; a CSV file is turned into one piece by piece, every cell as it is written."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    from scoring.cluster import BATCH

    unreadable = Problem(f"{path.name} を読めません。ファイルがあるか、表の形かを確かめてください。")
    try:
        if path.suffix == ".parquet":
            pq.read_schema(path)
            return path
        source, writer = workshop / "answers.parquet", None
        for piece in pd.read_csv(path, dtype=str, keep_default_na=False, chunksize=BATCH):
            table = pa.Table.from_pandas(piece, preserve_index=False)
            writer = writer or pq.ParquetWriter(source, table.schema)
            writer.write_table(table)
    except (OSError, ValueError) as mistake:
        raise unreadable from mistake
    if writer is None:
        raise unreadable
    writer.close()
    return source


def _scored(loaded: LoadedBank, source: Path, workshop: Path, scheduler: str) -> "list[Done]":
    from scoring.cluster import parts_of, score_parts

    parts = parts_of(source)
    work = partial(_rows, loaded)
    if scheduler:
        return score_parts(parts, work, workshop, scheduler)
    with Progress(transient=True) as bars:
        task = bars.add_task("採点", total=len(parts))
        return score_parts(parts, work, workshop, step=lambda done: bars.update(task, advance=1))


def _rows(loaded: LoadedBank, frame: "pd.DataFrame", first: int) -> "pd.DataFrame":
    """Some rows of the table, scored, with what they were scored by."""
    from scoring.batch import assess_frame
    from survey_api.services.banks.frames import on_path

    found = assess_frame(loaded.scoring_key, on_path(loaded, frame, first))
    found.insert(0, "bank", loaded.bank.id)
    found.insert(1, "version", loaded.bank.version)
    found.insert(2, "bank_sha256", loaded.sha256)
    if WHO in frame.columns:
        found.insert(0, WHO, frame[WHO].to_numpy())
    return found


def _write(path: Path, workshop: Path, done: "list[Done]") -> None:
    """In the workshop first, then moved to its place: never half a file."""
    from scoring.cluster import join_csv, join_parquet

    whole = workshop / f"whole{path.suffix}"
    try:
        (join_parquet if path.suffix == ".parquet" else join_csv)(done, whole)
        whole.replace(path)
    except OSError as mistake:
        raise Problem(f"{path} に書けません。場所と空きを確かめてください。") from mistake


def fire_rates(loaded: LoadedBank, fired: Mapping[str, int], people: int) -> Iterator[str]:
    """Rules whose share of fired rows lies outside the declared interval, trials included."""
    from scoring.text_measure import Share

    for rule in loaded.scoring_key.rules:
        share = Share(fired[rule.id], people)
        low, high = share.interval
        trial = "" if rule.active else "(試行)"
        expected = f"{rule.expected_rate[0]:.1%}〜{rule.expected_rate[1]:.1%}"
        if share.value is not None and (high < rule.expected_rate[0] or low > rule.expected_rate[1]):
            yield f"  規則 {rule.id}{trial}: {share.value:.1%} は想定 {expected} の外です"
        elif trial:
            yield f"  規則 {rule.id}{trial}: {share.right}人にあたりました(件は開きません)"
