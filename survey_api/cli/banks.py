"""`kizuki banks check`: every mistake of every bank, in words."""

from pathlib import Path

import typer

from survey_api.services.banks.check import problems

FOLDER = Path(__file__).resolve().parents[2] / "question_banks"
app = typer.Typer(no_args_is_help=True, help="Question banks.")


@app.callback()
def banks() -> None:
    """Question banks as text under review."""


@app.command()
def check(folder: Path = FOLDER) -> None:
    """List all mistakes at once; exit code 1 when there are any."""
    found = problems(folder)
    for line in found:
        typer.echo(line, err=True)
    if found:
        raise typer.Exit(1)
    typer.echo("question banks: no mistakes")
