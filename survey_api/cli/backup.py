"""`kizuki backup`, `restore`, `drill`: copies that can be put back, and the proof that they can."""

from datetime import datetime
from pathlib import Path

import typer

from survey_api.jobs.backups.copying import BackupFailed
from survey_api.jobs.backups.make import make_backup
from survey_api.jobs.backups.restore import Restored, require_keys
from survey_api.jobs.backups.restore import drill as prove
from survey_api.jobs.backups.restore import restore as put_back
from survey_api.kit.clock import SCHOOL_ZONE
from survey_api.runtime import open_runtime
from survey_api.settings import Settings

IDENTITY = typer.Option(..., help="file with the private key that `kizuki keys backup` wrote")
KEYS = typer.Option(None, help="answer keys; default: the newest .keys.age beside the backup")
SOURCE = typer.Option(None, help="the backup to prove; default: the newest")


def backup() -> None:
    """Copy both databases and the checkpoints, sealed to KIZUKI_BACKUP_RECIPIENT. The key file is not in it."""
    with open_runtime(Settings()) as runtime:
        made = make_backup(runtime)
    typer.echo(f"{made} を作りました。鍵ファイルは入っていません。鍵ファイルは別に保管してください。")


def restore(
    source: Path,
    identity: Path = IDENTITY,
    keys: Path | None = KEYS,
) -> None:
    """Put a backup into the empty databases of the settings, and check chain, counts and keys there."""
    done = put_back(Settings(), source, _private(identity), keys)
    typer.echo("戻しました。" + _told(done))


def drill(identity: Path = IDENTITY, source: Path | None = SOURCE) -> None:
    """Restore the newest backup somewhere else, prove it, throw it away; the date shows on the operator's page."""
    settings = Settings()
    require_keys(settings)  # opening the house would invent some in practice mode
    with open_runtime(settings) as runtime:
        done = prove(runtime, _private(identity), source)
    typer.echo("訓練に合格しました。" + _told(done))


def _private(identity: Path) -> str:
    try:
        return identity.read_text().strip()
    except (OSError, ValueError) as missing:
        raise BackupFailed(
            f"秘密の鍵のファイル {identity} が読めません。`kizuki keys backup` が書いたファイルを指定してください。"
        ) from missing


def _told(done: Restored) -> str:
    at = datetime.fromisoformat(done.made_at).astimezone(SCHOOL_ZONE)
    gone = (
        f"バックアップのあとに消去された名前 {done.erased_since}件は、消えたままです。"
        if done.erased_since
        else ""
    )
    return (
        f"{at.year}年{at.month}月{at.day}日{at:%H時%M分}(日本時間)のバックアップ、{done.rows}行。"
        f"操作の記録は{done.lines}行目まで切れ目がなく、回答を{done.answers_opened}件ためしに開けました。{gone}"
    )
