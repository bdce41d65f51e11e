"""`kizuki keys create`: the key file, once."""

import typer

from survey_api.kit.crypto import create_key_file
from survey_api.kit.problems import Problem
from survey_api.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Keys.")


@app.callback()
def keys() -> None:
    """The key file: without it neither database can be read."""


@app.command()
def create() -> None:
    """Make a new key file at KIZUKI_KEY_FILE. Refuses to overwrite one."""
    path = Settings().key_file
    try:
        create_key_file(path)
    except FileExistsError as exists:
        raise Problem(
            f"鍵ファイル {path} はもうあります。上書きすると、今のデータは読めなくなります。"
        ) from exists
    typer.echo(f"{path} を作りました。データベースとは別の場所にも写しを保管してください。")
