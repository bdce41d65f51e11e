"""`kizuki audit`: walk the trail and the notes kept of it, and name the first broken link."""

import typer

from survey_api.audit import chain, checkpoints, queries
from survey_api.jobs.checkpoint import write_checkpoint
from survey_api.runtime import open_runtime
from survey_api.settings import Settings

app = typer.Typer(no_args_is_help=True, help="The trail.")


@app.callback()
def trail() -> None:
    """The trail of everything staff and the system did."""


@app.command()
def verify() -> None:
    """Check every line's hash and order, and every checkpoint. Exit code 1 names the first broken link."""
    with open_runtime(Settings()) as runtime, runtime.reading() as db:
        try:
            marks = checkpoints.marks(runtime.settings.checkpoint_folder, runtime.keys)
        except checkpoints.CheckpointBroken as broken:
            typer.echo(broken.detail, err=True)
            raise typer.Exit(1) from None
        verdict = chain.verify(queries.all_entries(db), marks)
    if verdict.broken_at is not None:
        typer.echo(f"記録の鎖が{verdict.broken_at}行目で切れています: {verdict.reason}", err=True)
        raise typer.Exit(1)
    typer.echo(
        f"記録の鎖はつながっています。{verdict.lines}行、合った控え {len(marks)}枚、最後の行の印 {verdict.head[:16]}"
    )
    if not marks:
        typer.echo(
            "控えがまだないので、終わりが切り取られても分かりません。`kizuki jobs run` を毎日動かしてください。",
            err=True,
        )


@app.command()
def checkpoint() -> None:
    """Write a signed note of how long the trail is now. `kizuki jobs run` does it every day."""
    with open_runtime(Settings()) as runtime:
        write_checkpoint(runtime)
        newest = checkpoints.files(runtime.settings.checkpoint_folder)[-1]
    typer.echo(newest.read_text())


@app.command()
def key() -> None:
    """Print the public keys with which anybody can check a checkpoint: today's, then those it replaced."""
    with open_runtime(Settings()) as runtime:
        for signer in checkpoints.signers(runtime.keys):
            until = "" if signer.until is None else f"  until line {signer.until}"
            typer.echo(signer.public + until)
