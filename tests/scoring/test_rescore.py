"""`kizuki rescore`: a table in, a table out; the same alone, on threads and on two processes; refusals in words."""

from pathlib import Path

import pandas as pd
import pytest
from dask.distributed import Client, LocalCluster

from scoring.assessment import assess
from scoring.batch import assess_frame
from scoring.cluster import batches, parts_of
from scoring.lab.simulator import SimulatedPupil, simulate_wave
from survey_api.cli.rescore import rescore
from survey_api.kit.problems import Problem
from survey_api.practice.children import with_reference
from survey_api.services.banks.frames import on_path
from survey_api.services.banks.sheets import sheet_of
from tests.house import BANKS, bank

LOADED = bank("chu")


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """Simulated pupils as they would be stored: codes, several joined, nothing where nothing was said."""
    pupils = [SimulatedPupil(f"p{number}", 7 + number % 3) for number in range(150)]
    wave = simulate_wave({"chu": with_reference(BANKS / "chu")}, pupils, seed=3)
    rows = [
        {
            "pseudonym": each.key,
            **{
                name: "|".join(value) if isinstance(value, list) else value
                for name, value in each.answers.items()
            },
            **{f"seconds.{name}": value for name, value in each.seconds.items()},
        }
        for each in wave.submissions
    ]
    return pd.DataFrame(rows)


def run(answers: Path, results: Path, cluster: str = "", name: str = "chu") -> None:
    rescore(answers, results, bank=name, folder=BANKS, cluster=cluster)


def test_parquet_in_and_out_equals_one_by_one(tmp_path: Path, table: pd.DataFrame) -> None:
    table.to_parquet(tmp_path / "in.parquet")
    run(tmp_path / "in.parquet", tmp_path / "out.parquet")
    found = pd.read_parquet(tmp_path / "out.parquet")
    assert found["pseudonym"].tolist() == table["pseudonym"].tolist()
    assert set(found["bank_sha256"]) == {LOADED.sha256}
    for row, urgency, signs in zip(table.to_dict("records"), found["urgency"], found["signs"], strict=True):
        given = {
            str(name): sorted(value.split("|"))
            if name in LOADED.bank.items and LOADED.bank.items[name].kind == "multi"
            else value
            for name, value in row.items()
            if value == value and name != "pseudonym" and not str(name).startswith("seconds.")
        }
        seconds = {
            str(n).removeprefix("seconds."): v
            for n, v in row.items()
            if str(n).startswith("seconds.") and v == v
        }
        one = assess(LOADED.scoring_key, sheet_of(LOADED, given), seconds=seconds).content
        assert (one["urgency"] or "", "|".join(one["quality"]["signs"])) == (urgency, signs)


def test_csv_and_threads_give_the_same_file(tmp_path: Path, table: pd.DataFrame) -> None:
    table.to_csv(tmp_path / "in.csv", index=False)
    run(tmp_path / "in.csv", tmp_path / "one.csv")
    run(tmp_path / "in.csv", tmp_path / "two.csv", cluster="threads")
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


def test_a_part_is_read_by_itself_and_knows_its_place(tmp_path: Path, table: pd.DataFrame) -> None:
    table.to_parquet(tmp_path / "in.parquet", row_group_size=40)
    parts = parts_of(tmp_path / "in.parquet")
    assert [part.first for part in parts] == [1, 41, 81, 121]
    read = [rows["pseudonym"].tolist() for part in parts for _, rows in batches(part)]
    assert read == [table["pseudonym"].tolist()[at : at + 40] for at in (0, 40, 80, 120)]


def test_two_processes_score_their_own_parts_and_give_the_same(tmp_path: Path, table: pd.DataFrame) -> None:
    """Each worker reads a row group from the file; nobody is handed the table."""
    table.to_parquet(tmp_path / "in.parquet", row_group_size=40)
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        run(tmp_path / "in.parquet", tmp_path / "there.parquet", cluster=cluster.scheduler_address)
        with Client(cluster.scheduler_address) as client:
            threads = client.run(_numeric_threads)
    there = pd.read_parquet(tmp_path / "there.parquet")
    frame = on_path(LOADED, table)
    here = assess_frame(LOADED.scoring_key, frame)
    pd.testing.assert_frame_equal(there[here.columns], here, check_exact=True)
    assert len(threads) == 2
    assert all(each == {1} for each in threads.values())


def _numeric_threads() -> set[int]:
    import threadpoolctl

    return {int(pool["num_threads"]) for pool in threadpoolctl.threadpool_info()} or {1}


def test_a_wrong_row_in_a_later_part_is_named_by_its_number_in_the_table(
    tmp_path: Path, table: pd.DataFrame
) -> None:
    wrong = table.copy()
    wrong.loc[130, "hungry"] = "purple"
    wrong.to_parquet(tmp_path / "in.parquet", row_group_size=40)
    with pytest.raises(Problem, match="131行目: 「hungry」"):
        run(tmp_path / "in.parquet", tmp_path / "out.parquet", cluster="threads")
    assert [path.name for path in tmp_path.iterdir()] == ["in.parquet"]


def test_an_empty_cohort_gives_an_empty_table(tmp_path: Path, table: pd.DataFrame) -> None:
    table.iloc[:0].to_parquet(tmp_path / "in.parquet")
    run(tmp_path / "in.parquet", tmp_path / "out.parquet")
    assert len(pd.read_parquet(tmp_path / "out.parquet")) == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"hungry": "purple"}, "1行目: 「hungry」"),
        ({"colour": "red"}, "「colour」という質問は"),
        ({"care_tasks": "none", "care_hours": "over7"}, r"1行目: answers\.care_"),
    ],
)
def test_a_wrong_table_is_one_sentence_and_nothing_is_written(
    tmp_path: Path, table: pd.DataFrame, change: dict[str, str], words: str
) -> None:
    wrong = table.iloc[:1].copy()
    for name, value in change.items():
        wrong[name] = value
    wrong.to_csv(tmp_path / "in.csv", index=False)
    with pytest.raises(Problem, match=words):
        run(tmp_path / "in.csv", tmp_path / "out.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_what_cannot_be_read_or_found_is_said(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="parquet"):
        run(tmp_path / "in.xlsx", tmp_path / "out.csv")
    with pytest.raises(Problem, match="質問集"):
        run(tmp_path / "in.csv", tmp_path / "out.csv", name="no-such")
    with pytest.raises(Problem, match="読めません"):
        run(tmp_path / "in.parquet", tmp_path / "out.csv")
