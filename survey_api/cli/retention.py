"""`kizuki retention`: how long what is kept on which ground, and what would be erased today."""

import typer

from survey_api.jobs.retention import what_is_due
from survey_api.runtime import open_runtime
from survey_api.services.erasure.table import read_table
from survey_api.settings import Settings


def retention() -> None:
    """Print the table and today's dry run. Nothing is erased; `kizuki jobs run retention` does that."""
    settings = Settings()
    for rule in read_table(settings.retention_file).values():
        days = "機械は消さない" if rule.days is None else f"{rule.days}日"
        typer.echo(f"{rule.what}: {rule.after} から {days} — {rule.ground}")
    with open_runtime(settings) as runtime:
        found = what_is_due(runtime)
    typer.echo(
        f"\n今日の対象(試し): 児童生徒 {len(found.pupils)}人、保全のため消さない {found.held}人、"
        f"下書き {len(found.waves['drafts'])}回分、チケット {len(found.waves['ticket_verifiers'])}回分"
    )
