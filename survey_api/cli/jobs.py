"""`kizuki jobs run`: what the clock does, once; a timer of the machine calls it."""

import typer

from survey_api.jobs.registry import JOBS
from survey_api.kit.log import log
from survey_api.kit.problems import Problem
from survey_api.runtime import open_runtime
from survey_api.settings import Settings

WORDS = {
    "opened-cases": "対応待ちができたことを操作の記録に書いた",
    "school-locks": "鍵をかけた学校の名前とことばに封をした",
    "retention": "保存期間を過ぎたものを消した",
    "clocks": "期限を過ぎた対応待ちを次の人に知らせた",
    "reminders": "約束の日が過ぎたことを知らせた",
    "notifications": "知らせを送った",
    "checkpoint": "操作の記録の控えを書いた",
    "backup": "バックアップを作った",
}
"""Job → what its number counts."""

app = typer.Typer(no_args_is_help=True, help="Jobs of the clock.")


@app.callback()
def jobs() -> None:
    """What has to happen without anybody pressing a button."""


@app.command()
def run(name: str = typer.Argument("", help="one job by name; empty: all of them, in order")) -> None:
    """Do everything that is due. A job that fails does not stop the others; the exit code then is 1."""
    if name and name not in JOBS:
        raise Problem(f"{name} という仕事はありません。使えるもの: {'、'.join(JOBS)}")
    failed = False
    with open_runtime(Settings()) as runtime:
        for job in [name] if name else JOBS:
            try:
                count = JOBS[job](runtime)
            except Exception as broken:
                failed = True
                said = broken.detail if isinstance(broken, Problem) else type(broken).__name__
                log().error("job", job=job, error=type(broken).__name__)
                typer.echo(f"{WORDS[job]}({job}): できませんでした。{said}", err=True)
            else:
                typer.echo(f"{WORDS[job]}({job}): {count}件")
    if failed:
        raise typer.Exit(1)
