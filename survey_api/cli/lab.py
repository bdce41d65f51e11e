"""`kizuki lab`: try the points table on answers with known outcomes; propose one, which a person may sign."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from survey_api.kit.problems import Problem

Result = TypeVar("Result")
FOLDER = Path(__file__).resolve().parents[2] / "question_banks"
app = typer.Typer(
    no_args_is_help=True, help="The scoring lab: figures and proposals. Changes nothing by itself."
)


@app.callback()
def lab() -> None:
    """Numbers are proposed here and signed by a person; nothing is applied by machine."""


@app.command()
def simulate(
    bank: str,
    out: Annotated[Path, typer.Option(help="file to write: .parquet, .csv or .csv.gz")],
    people: int = typer.Option(4000, min=1),
    seed: int = 1,
    audit: float = typer.Option(
        0.05, min=0.001, max=1.0, help="blinded share of unflagged pupils who are seen"
    ),
    everybody: bool = typer.Option(False, help="outcomes of all pupils, as no staff could know them"),
    folder: Path = FOLDER,
) -> None:
    """Simulated answers with what simulated staff found: the shape that fit, check and report read."""
    from survey_api.cli import lab_work

    _try(lambda: lab_work.write_simulated(_bank(folder, bank), out, people, seed, audit, everybody))
    typer.echo(f"{out}: 模擬の子ども{people}人分を書きました。")


@app.command()
def fit(
    bank: str,
    answers: Annotated[
        Path, typer.Option(help="answers with outcomes, without names: .parquet, .csv or .csv.gz")
    ],
    out: Annotated[Path, typer.Option(help="folder to make; must not exist")],
    version: str = typer.Option("proposed-1", help="name of the proposed table"),
    before: Annotated[
        Path | None, typer.Option(help="answers of an earlier wave, to see what has moved")
    ] = None,
    folder: Path = FOLDER,
) -> None:
    """Fit, calibrate, compare; write a proposed bank, its diff, a model card and the report."""
    from survey_api.cli import lab_work

    for line in _try(
        lambda: lab_work.propose(_bank(folder, bank), answers, out, version, typer.echo, before)
    ):
        typer.echo(line)


@app.command()
def report(
    bank: str,
    answers: Annotated[Path, typer.Option(help="answers with outcomes, without names")],
    out: Annotated[Path, typer.Option(help="the HTML file to write")],
    before: Annotated[
        Path | None, typer.Option(help="answers of an earlier wave, to see what has moved")
    ] = None,
    folder: Path = FOLDER,
) -> None:
    """One HTML page with everything the lab can say about these answers."""
    from survey_api.cli import lab_work

    _try(lambda: lab_work.write_report(_bank(folder, bank), answers, out, typer.echo, before))
    typer.echo(str(out))


@app.command()
def check(
    bank: str,
    answers: Annotated[Path, typer.Option(help="answers of this wave, with or without outcomes")],
    before: Annotated[
        Path | None, typer.Option(help="answers of an earlier wave, to see what has moved")
    ] = None,
    folder: Path = FOLDER,
) -> None:
    """Direction, reliability, rates of the rules, drift: exit code 1 when a person should look."""
    from survey_api.cli import lab_work

    lines, alarms = _try(lambda: lab_work.check(_bank(folder, bank), answers, before))
    for line in lines:
        typer.echo(line)
    if alarms:
        typer.echo(f"このうち{alarms}件は、人が見てください。", err=True)
        raise typer.Exit(1)


@app.command()
def capacity(
    bank: str,
    answers: Annotated[Path, typer.Option(help="answers with outcomes, without names")],
    conversations: Annotated[
        list[int], typer.Option(min=1, help="how many conversations can be held; may be given several times")
    ],
    folder: Path = FOLDER,
) -> None:
    """What so many conversations may be expected to find, and to miss: before a person chooses a number."""
    from survey_api.cli import lab_work

    for line in _try(lambda: lab_work.capacity_lines(_bank(folder, bank), answers, conversations)):
        typer.echo(line)


@app.command()
def key(path: Path) -> None:
    """Make the lab's key pair: the private key into PATH (it never leaves the lab), the public one printed."""
    from survey_api.kit import age

    try:
        public = age.write_identity(path)
    except FileExistsError as there:
        raise Problem(f"{path} はもうあります。鍵は上書きしません。別の名前にしてください。") from there
    except OSError as broken:
        raise Problem(f"{path} に書けません。フォルダがあるか、権限を確かめてください。") from broken
    typer.echo(
        f"{path} に秘密の鍵を書きました。研究室の外に出さないでください。次の行は公開の鍵です。市に渡します。"
    )
    typer.echo(public)


@app.command("open")
def open_file(
    source: Annotated[Path, typer.Argument(help="the file as it came: kizuki-lab.zip.age")],
    identity: Annotated[Path, typer.Option(help="the private key that `kizuki lab key` wrote")],
    out: Annotated[Path, typer.Option(help="folder to make; must not exist")],
) -> None:
    """Open a file of answers that a city sealed to this lab: one table per bank, the codebook, the conditions."""
    from survey_api.cli import lab_sealed

    for name in _try(lambda: lab_sealed.unpack(source, identity.read_text().strip(), out)):
        typer.echo(str(out / name))


def _bank(folder: Path, bank: str) -> Path:
    if not (folder / bank / "bank.yaml").is_file():
        raise Problem(f"「{bank}」という質問集は {folder.name} にありません。")
    return folder / bank


def _try(work: Callable[[], Result]) -> Result:
    """One sentence for what the lab cannot work with."""
    from scoring.lab.cohort import LabMistake
    from scoring.sheet import AnswerMistake

    try:
        return work()
    except (LabMistake, AnswerMistake, FileExistsError) as mistake:
        raise Problem(f"{mistake}。" if not str(mistake).endswith("。") else str(mistake)) from mistake
