"""Answers and outcomes from a file (CSV, compressed or not, or Parquet): checked column by column, never repaired."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from scoring.key import ScoringKey
from scoring.lab.cohort import ABSENT, REFUSED, RULED_OUT, Cohort, LabMistake, Levels, Mask, Names
from scoring.sheet import count_level

NOT_ASKED = 0.95
"""When so many of a school left an item blank, the school was not asked it."""
STATES: Mapping[str, int] = {
    "dont_know": int(REFUSED),
    "declined": int(REFUSED),
    "not_shown": int(ABSENT),
    "left": int(ABSENT),
    "": int(ABSENT),
    "ruled_out": int(RULED_OUT),
}


def read_table(path: Path) -> pd.DataFrame:
    """The file as a frame. LabMistake when it is not there or not what its name says."""
    reader = pd.read_parquet if path.suffix == ".parquet" else pd.read_csv
    if path.suffix not in (".parquet", ".csv", ".gz"):
        raise LabMistake(f"{path.name}: .csv、.csv.gz、.parquet のどれかのファイルにしてください")
    try:
        frame: pd.DataFrame = reader(path)
    except FileNotFoundError:
        raise LabMistake(f"{path.name}: このファイルがありません") from None
    except (ValueError, OSError, UnicodeDecodeError) as broken:
        raise LabMistake(
            f"{path.name}: {path.suffix[1:]} として読めません({type(broken).__name__})"
        ) from None
    if frame.empty:
        raise LabMistake(f"{path.name}: 表に行がありません")
    return frame


def column(frame: pd.DataFrame, name: str) -> "pd.Series[Any]":
    """LabMistake for a column that is not there."""
    if name not in frame.columns:
        raise LabMistake(f"{name}: この列が表にありません")
    return frame[name]


def labels(frame: pd.DataFrame, name: str) -> Mask:
    """A column of 0 and 1 (or true and false), no gaps."""
    found = column(frame, name)
    if found.isna().any():
        raise LabMistake(f"{name}: 結果のない行が{int(found.isna().sum())}行あります。先に除いてください")
    if not set(found.unique()) <= {0, 1}:
        raise LabMistake(f"{name}: 結果に入れられるのは0と1だけです")
    return found.to_numpy().astype(bool)


def numbered(frame: pd.DataFrame, items: Sequence[str], cluster: Names) -> tuple[Levels, dict[str, int]]:
    """Items coded 0 (best) … k (worst) → levels, and each item's worst level.

    A blank is a refusal, except where a whole school is blank (it was not asked) and for the run of blanks at
    the end of a person's sheet, in the order of `items` (left early).
    """
    raw = np.column_stack([_whole_numbers(column(frame, item), item) for item in items])
    blank = np.isnan(raw)
    left = np.logical_and.accumulate(blank[:, ::-1], axis=1)[:, ::-1]
    asked = pd.DataFrame(blank).groupby(cluster).transform("mean").to_numpy() < NOT_ASKED
    levels = np.where(blank, np.where(left | ~asked, ABSENT, REFUSED), np.nan_to_num(raw)).astype(np.int8)
    worst = {item: int(levels[:, place].max()) for place, item in enumerate(items)}
    for item, top in worst.items():
        if top < 1:
            raise LabMistake(f"items.{item}: いちばんよい答えのほかを選んだ人がいません")
    return levels, worst


def coded(frame: pd.DataFrame, key: ScoringKey) -> Levels:
    """Items as a bank stores them (codes; several joined by “|”; reserved codes for missing) → levels."""
    return np.column_stack([_coded(column(frame, item), key, item) for item in key.items])


def study(
    frame: pd.DataFrame,
    label: str,
    items: Iterable[str],
    cluster: str,
    groups: Iterable[str] = (),
    name: str = "",
) -> Cohort:
    """The people of a numbered table whose outcome is known."""
    known = frame[column(frame, label).notna()]
    if known.empty:
        raise LabMistake(f"{label}: この結果が記録された人が、表に一人もいません")
    schools = column(known, cluster).to_numpy()
    levels, worst = numbered(known, list(items), schools)
    kept = {each: column(known, each).astype(object).to_numpy() for each in groups}
    return Cohort(worst, levels, labels(known, label), schools, kept, name or label)


def _whole_numbers(series: "pd.Series[Any]", item: str) -> Names:
    try:
        numbers = series.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        raise LabMistake(f"items.{item}: 答えは0以上の整数か空欄にしてください") from None
    if np.isinf(numbers).any():
        raise LabMistake(f"items.{item}: 有限でない答えがあります")
    given = numbers[~np.isnan(numbers)]
    if (given < 0).any() or (given != np.round(given)).any() or (given > 100).any():
        raise LabMistake(f"items.{item}: 答えは0から100の整数か空欄にしてください")
    return numbers


def _coded(series: "pd.Series[Any]", key: ScoringKey, name: str) -> Levels:
    item = key.items[name]
    codes, values = pd.factorize(series)
    known = []
    for value in map(str, values):
        if value in STATES:
            known.append(STATES[value])
        elif item.is_multi:
            known.append(count_level(item, value.split("|")))
        elif value in item.levels:
            known.append(item.levels[value])
        else:
            raise LabMistake(f"items.{name}: 質問集 {key.bank} にない答えが表にあります")
    return np.array([*known, int(ABSENT)], dtype=np.int8)[codes]
