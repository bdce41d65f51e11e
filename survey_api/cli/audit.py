"""`kizuki audit verify`: walk the trail and name the first broken link."""

import typer

from survey_api.audit import chain, queries
from survey_api.runtime import open_runtime
from survey_api.settings import Settings

app = typer.Typer(no_args_is_help=True, help="The trail.")


@app.callback()
def trail() -> None:
    """The trail of everything staff and the system did."""


@app.command()
def verify() -> None:
    """Check every line's hash and order. Exit code 1 names the first line that does not fit."""
    with open_runtime(Settings()) as runtime, runtime.reading() as db:
        verdict = chain.verify(queries.all_entries(db))
    if verdict.broken_at is not None:
        typer.echo(f"broken at line {verdict.broken_at}: {verdict.reason}", err=True)
        raise typer.Exit(1)
    typer.echo(f"{verdict.lines} lines, chain holds, head {verdict.head[:16]}")
