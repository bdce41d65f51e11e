"""`kizuki retention`: how long what is kept on which ground, and what would be erased today."""

import typer

from survey_api.jobs.retention import what_is_due
from survey_api.runtime import open_runtime
from survey_api.services.erasure.table import read_table
from survey_api.settings import Settings

AFTER = {
    "wave_end": "調査回の終わり",
    "left_school": "卒業か転出",
    "written": "書かれた日",
    "published": "公表した日",
    "made": "作った日",
}
"""The event of a row of the table, in words; a board's own word stands as it is."""


def retention() -> None:
    """Print the table and today's dry run. Nothing is erased; `kizuki jobs run retention` does that."""
    settings = Settings()
    table = read_table(settings.retention_file)
    for rule in table.values():
        since = f"{AFTER.get(rule.after, rule.after)}から {rule.days}日"
        typer.echo(f"{rule.what}: {'機械は消さない' if rule.days is None else since} — {rule.ground}")
    with open_runtime(settings) as runtime:
        found = what_is_due(runtime)
    typer.echo("\n今日の対象(試し。何も消していません):")
    for kind, rule in table.items():
        if found.gone[kind] or found.held[kind]:
            typer.echo(f"{rule.what}: 消す {found.gone[kind]}件、保全のため消さない {found.held[kind]}件")
    if not found.gone.total() and not found.held.total():
        typer.echo("消すものはありません。")
    if found.still_open:
        typer.echo(f"終了していないため消さない対応の記録: {found.still_open}件")
