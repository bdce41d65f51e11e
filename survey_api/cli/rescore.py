"""`kizuki rescore`: pseudonymous answers and a bank version in, assessments out; one process, or Dask."""

import time
from collections.abc import Iterator
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

CHUNK = 20_000
SUFFIXES = (".parquet", ".csv")
WHO = "pseudonym"


def rescore(
    answers: Path,
    results: Path,
    bank: str = typer.Option(..., help="which bank the answers belong to"),
    folder: Path = FOLDER,
    cluster: str = typer.Option("", help="threads, processes, or the address of a Dask scheduler (tcp://…)"),
    parts: int = typer.Option(4, min=1, help="with --cluster: into how many parts"),
) -> None:
    """Score a table again: one row per child, one column per item, several choices joined by “|”.

    `seconds.<item>`, `before.bank`, `before.rules` and `before.<subscale>` may stand beside the answers. An empty
    cell is resolved by the bank's own path. The results file is written whole or not at all.
    """
    for path in (answers, results):
        if path.suffix not in SUFFIXES:
            raise Problem(f"{path.name}: .parquet か .csv のファイルにしてください。")
    loaded = _bank(folder, bank)
    frame = _read(answers)
    began = time.perf_counter()
    try:
        found = _on_cluster(loaded, frame, cluster, parts) if cluster else _here(loaded, frame)
    except AnswerMistake as mistake:
        raise Problem(f"{answers.name}: {mistake} 何も書き出していません。") from mistake
    except (OSError, ValueError) as mistake:
        raise Problem(
            f"採点できませんでした({type(mistake).__name__})。--cluster の値と表の形を確かめてください。"
        ) from mistake
    took = time.perf_counter() - began
    found.insert(0, "bank", loaded.bank.id)
    found.insert(1, "version", loaded.bank.version)
    found.insert(2, "bank_sha256", loaded.sha256)
    if WHO in frame.columns:
        found.insert(0, WHO, frame[WHO].to_numpy())
    _write(results, found)
    typer.echo(
        f"{len(found)}人分を採点しました({took:.1f}秒、1秒に{len(found) / max(took, 1e-9):.0f}人)→ {results}"
    )
    for line in fire_rates(loaded, found):
        typer.echo(line)


def _bank(folder: Path, name: str) -> LoadedBank:
    if not (folder / name / "bank.yaml").is_file():
        raise Problem(f"「{name}」という質問集はありません。")
    try:
        return checked_bank(folder / name)
    except BankProblems as found:
        raise Problem(f"質問集「{name}」に直すところがあります。\n{found}") from found


def _read(path: Path) -> "pd.DataFrame":
    import pandas as pd

    try:
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        return pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as mistake:
        raise Problem(
            f"{path.name} を読めません。ファイルがあるか、表の形かを確かめてください。"
        ) from mistake


def _here(loaded: LoadedBank, frame: "pd.DataFrame") -> "pd.DataFrame":
    import pandas as pd

    from scoring.batch import assess_frame
    from survey_api.services.banks.frames import on_path

    done: list[pd.DataFrame] = []
    with Progress(transient=True) as bars:
        task = bars.add_task("採点", total=max(len(frame), 1))
        for at in range(0, max(len(frame), 1), CHUNK):
            part = frame.iloc[at : at + CHUNK]
            done.append(assess_frame(loaded.scoring_key, on_path(loaded, part)))
            bars.update(task, advance=len(part))
    return pd.concat(done)


def _on_cluster(loaded: LoadedBank, frame: "pd.DataFrame", scheduler: str, parts: int) -> "pd.DataFrame":
    from scoring.cluster import assess_on_cluster
    from survey_api.services.banks.frames import on_path

    return assess_on_cluster(loaded.scoring_key, on_path(loaded, frame), parts, scheduler)


def _write(path: Path, found: "pd.DataFrame") -> None:
    """Beside the place first, then moved there: never half a file."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        if path.suffix == ".parquet":
            found.to_parquet(unfinished, index=False)
        else:
            found.to_csv(unfinished, index=False)
        unfinished.replace(path)
    except OSError as mistake:
        unfinished.unlink(missing_ok=True)
        raise Problem(f"{path} に書けません。場所と空きを確かめてください。") from mistake


def fire_rates(loaded: LoadedBank, found: "pd.DataFrame") -> Iterator[str]:
    """Rules whose share of fired rows lies outside the declared interval, trials included."""
    from scoring.text_measure import Share

    for rule in loaded.scoring_key.rules:
        share = Share(int((found[f"rule.{rule.id}"] == 1).sum()), len(found))
        low, high = share.interval
        trial = "" if rule.active else "(試行)"
        expected = f"{rule.expected_rate[0]:.1%}〜{rule.expected_rate[1]:.1%}"
        if share.value is not None and (high < rule.expected_rate[0] or low > rule.expected_rate[1]):
            yield f"  規則 {rule.id}{trial}: {share.value:.1%} は想定 {expected} の外です"
        elif trial:
            yield f"  規則 {rule.id}{trial}: {share.right}人にあたりました(件は開きません)"
