"""`kizuki …`: the terminal's door. Heavy parts are imported by the command that needs them."""

import sys

import typer
from pydantic import ValidationError

from survey_api.cli import (
    audit,
    backup,
    banks,
    docs,
    jobs,
    keys,
    lab,
    lexicon,
    practice,
    retention,
    serve,
    staff,
)
from survey_api.cli.rescore import rescore
from survey_api.kit.problems import Problem
from survey_api.settings import Settings

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Kizuki 気づき"
)
app.command("run")(serve.run)
app.command("serve")(serve.serve)
app.command("simulate")(practice.simulate)
app.command("rescore")(rescore)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("drill")(backup.drill)
app.command("retention")(retention.retention)
app.command("migrate")(serve.migrate)
app.add_typer(audit.app, name="audit")
app.add_typer(banks.app, name="banks")
app.add_typer(docs.app, name="docs")
app.add_typer(jobs.app, name="jobs")
app.add_typer(keys.app, name="keys")
app.add_typer(lab.app, name="lab")
app.add_typer(lexicon.app, name="lexicon")
app.add_typer(staff.app, name="staff")


def run() -> None:
    """Say what is wrong in one sentence; a traceback helps nobody at a school."""
    try:
        app()
    except Problem as problem:
        typer.echo(f"kizuki: {problem.detail}", err=True)
        sys.exit(1)
    except ValidationError as wrong:
        if wrong.title != Settings.__name__:
            raise
        for one in wrong.errors(include_input=False):  # what was given may be a secret
            name = "__".join(str(part) for part in one["loc"]).upper()
            said = one["msg"].removeprefix("Value error, ")
            typer.echo(f"kizuki: 設定 KIZUKI_{name} を読めません: {said}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    run()
