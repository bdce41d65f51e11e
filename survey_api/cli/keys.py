"""`kizuki keys`: the key file, its passphrase, and the replacement of the keys that wrap the others.

The lock of a school is none of these: its key is held by the school's people (survey_api/vault/README.md) and is set
up, opened and changed on the page /lock. `kizuki keys locks` says how each school's lock is.
"""

import secrets
from datetime import date
from enum import StrEnum
from pathlib import Path

import typer

from survey_api.access import school_locks
from survey_api.jobs.backups.make import KEEP
from survey_api.jobs.checkpoint import write_checkpoint
from survey_api.journeys import lock_school, rotate_keys
from survey_api.journeys.rotate_keys import renew_wave_keys
from survey_api.kit import age
from survey_api.kit.actor import Actor
from survey_api.kit.clock import school_day
from survey_api.kit.crypto import WRAPPING
from survey_api.kit.keyfile import create_key_file, read_key_file, replace_key_file
from survey_api.kit.problems import BadInput, Problem
from survey_api.runtime import Runtime, clock_for, open_runtime
from survey_api.services.students import queries as students_queries
from survey_api.settings import Settings

MIN_PASSPHRASE = 15
app = typer.Typer(no_args_is_help=True, help="Keys.")


@app.callback()
def keys() -> None:
    """The key file: without it neither database can be read."""


@app.command()
def create() -> None:
    """Make a new key file at KIZUKI_KEY_FILE, sealed when KIZUKI_KEY_PASSPHRASE is set. Never overwrites one."""
    settings = Settings()
    path = settings.key_file
    try:
        create_key_file(path, settings.key_passphrase.get_secret_value())
    except FileExistsError as exists:
        raise Problem(
            f"鍵ファイル {path} はもうあります。上書きすると、今のデータは読めなくなります。"
        ) from exists
    except OSError as broken:
        raise Problem(
            f"鍵ファイル {path} を作れません。フォルダがあるか、権限を確かめてください。"
        ) from broken
    typer.echo(f"{path} を作りました。データベースとは別の場所にも写しを保管してください。")


@app.command()
def seal(
    passphrase: str = typer.Option(..., prompt="新しい合言葉", confirmation_prompt=True, hide_input=True),
) -> None:
    """Seal the key file under a passphrase (or change it); set KIZUKI_KEY_PASSPHRASE to it afterwards."""
    if len(passphrase) < MIN_PASSPHRASE:
        raise BadInput(f"合言葉は{MIN_PASSPHRASE}文字以上にしてください。")
    settings = Settings()
    current = read_key_file(settings.key_file, settings.key_passphrase.get_secret_value())
    replace_key_file(settings.key_file, current, passphrase)
    typer.echo(f"{settings.key_file} に封をしました。KIZUKI_KEY_PASSPHRASE を設定してから起動してください。")


@app.command()
def backup(path: Path) -> None:
    """Make the key pair of backups: the private key into PATH (keep it in a safe), the public one printed."""
    try:
        public = age.write_identity(path)
    except FileExistsError as there:
        raise Problem(f"{path} はもうあります。秘密の鍵は上書きしません。別の名前にしてください。") from there
    except OSError as broken:
        raise Problem(f"{path} に書けません。フォルダがあるか、権限を確かめてください。") from broken
    typer.echo(f"{path} に秘密の鍵を書きました。サービスの機械には置かず、金庫に入れてください。")
    typer.echo(f"KIZUKI_BACKUP_RECIPIENT={public}")


@app.command("renew-wave")
def renew_wave(wave_id: str = typer.Argument("", help="The wave; every open one when left out.")) -> None:
    """Give tablets of a wave a new key to seal to. What was sealed to the one before still opens."""
    with open_runtime(Settings()) as runtime, runtime.work(Actor.terminal("keys renew-wave")) as work:
        names = renew_wave_keys(work, wave_id)
    for name in names:
        typer.echo(f"「{name}」の端末用の鍵を新しくしました。次にひらく画面から使われます。")
    if not names:
        typer.echo("実施中の調査回はありません。")


@app.command()
def rotate(
    former_copied: bool = typer.Option(
        False, "--former-copied", help="say that a copy of the key file as it is now lies elsewhere"
    ),
) -> None:
    """Replace the two wrapping keys and wrap every data key again. Run it again after an interruption."""
    settings = Settings()
    if not former_copied:
        raise BadInput(
            f"今までのバックアップは、今の鍵ファイル {settings.key_file} でだけ開きます。先に写しを別の場所に置いてから、"
            "`kizuki keys rotate --former-copied` を実行してください。まだ何も変えていません。"
        )
    count = rotate_now(settings)
    typer.echo(f"{count}個の鍵を包み直しました。前の鍵は、今のデータには要らないことを確かめて消しました。")
    typer.echo(former_words(school_day(clock_for(settings).now())))


def former_words(today: date) -> str:
    """What has to be done once the keys were replaced, and until when the former file is needed."""
    until = today + KEEP
    return (
        f"これまでのバックアップは、前の鍵ファイルでだけ開きます。前の写しは、新しい写しで上書きせず、"
        f"{until.year}年{until.month}月{until.day}日({KEEP.days}日後。それまでのバックアップが消える日)まで取っておいてください。\n"
        "いま `kizuki backup` で新しいバックアップを作り、新しい鍵ファイルの写しも別の場所に置いてください。"
    )


class Renewable(StrEnum):
    """What has a key that cannot be wrapped again (kit/crypto.py, RENEWABLE)."""

    TICKETS = "tickets"
    TABLES = "tables"
    TRAIL = "trail"


@app.command()
def renew(
    what: Renewable,
    forget_earlier: bool = typer.Option(
        False, "--forget-earlier", help="tickets only: what was printed under the earlier keys opens nothing"
    ),
) -> None:
    """A new key for tickets, tables or the trail's notes; what was made under the earlier one stays good.

    A running service follows by itself. With --forget-earlier, after a key was stolen: every printed ticket, memo
    card, receipt and class code ends, and is printed again.
    """
    renew_now(Settings(), what, forget_earlier=forget_earlier)
    typer.echo(RENEWED_WORDS[what])
    if forget_earlier:
        typer.echo("前の鍵を捨てました。チケット、気づきメモのカード、学級のコードを刷り直してください。")


RENEWED_WORDS = {
    Renewable.TICKETS: "これから刷るチケット、カード、受付番号は新しい鍵で作られます。",
    Renewable.TABLES: "これからの公表は新しい鍵で丸め、署名します。前の公表はそのまま読めます。",
    Renewable.TRAIL: "これからの控えは新しい鍵で署名します。`kizuki audit key` の鍵を、控えを見る人に渡してください。",
}


@app.command()
def locks() -> None:
    """How each school's lock is, and what is missing. Opens nothing: its people do that on the page /lock."""
    with open_runtime(Settings()) as runtime, runtime.reading() as db:
        today = school_day(runtime.clock.now())
        for school in students_queries.schools(db):
            lock = school_locks.lock_of(db, school.id)
            state = "鍵なし" if lock.state is None else LOCK_WORDS[lock.complete]
            typer.echo(f"{school.name}: {state}")
            for line in lock.shortfalls(today) if lock.state is not None else ():
                typer.echo(f"  {line}")


@app.command("forget-lock")
def forget_lock(
    school: str = typer.Argument(help="the school's code"),
    sure: bool = typer.Option(False, "--nobody-can-open-it", help="say that no person and no paper can"),
) -> None:
    """Throw away a school's lock that nobody can open any more; then import the roster again for its names."""
    if not sure:
        raise BadInput(
            "だれも、紙の鍵でもひらけないことを確かめてから、--nobody-can-open-it をつけてください。"
        )
    actor = Actor.terminal("keys forget-lock")
    with open_runtime(Settings()) as runtime:
        with runtime.reading() as db:
            found = {each.code: each.id for each in students_queries.schools(db)}.get(school)
        if found is None:
            raise BadInput("そのコードの学校がありません。")
        with runtime.work(actor) as work, runtime.vault_work(actor) as vault_work:
            count = lock_school.forget_lock(work, vault_work, found)
    typer.echo(
        f"鍵を捨てました。{count}人の名前は、名簿をもう一度取り込むと戻ります。書かれたことばは戻りません。"
    )


LOCK_WORDS = {True: "かかっている", False: "用意中・途中"}


def renew_now(settings: Settings, what: str, *, forget_earlier: bool = False) -> None:
    """The line in the trail first, then the file; an interruption between them leaves the keys as they were."""
    passphrase = _of_a_file(settings, f"renew {what}")
    if forget_earlier and what != Renewable.TICKETS:
        raise BadInput("前の鍵を捨てられるのは tickets だけです。公表と控えは、前の鍵で確かめ続けます。")
    with open_runtime(settings) as runtime:
        with runtime.work(Actor.terminal("keys renew")) as work:
            keys = rotate_keys.renewed(work, read_key_file(settings.key_file, passphrase), what)
            if forget_earlier:
                keys = rotate_keys.without_earlier(work, keys, what)
        replace_key_file(settings.key_file, keys, passphrase)
        if what == Renewable.TRAIL:
            write_checkpoint(runtime)


def _of_a_file(settings: Settings, command: str) -> str:
    """The passphrase of the key file; refuses keys that come from the environment, which nobody here can change."""
    if settings.keys.get_secret_value():
        raise Problem(
            f"鍵が KIZUKI_KEYS で渡されています。鍵ファイルに移してから、`kizuki keys {command}` を実行してください。"
        )
    return settings.key_passphrase.get_secret_value()


def rotate_now(settings: Settings) -> int:
    """New wrapping keys into the file, every data key under them, former keys out of the file."""
    passphrase = _of_a_file(settings, "rotate")
    before = read_key_file(settings.key_file, passphrase)
    fresh = {name: secrets.token_bytes(32) for name in WRAPPING}
    replace_key_file(settings.key_file, rotate_keys.with_new_keys(before, fresh), passphrase)
    with open_runtime(settings) as runtime:
        count = rewrap_all(runtime)
        if rewrap_all(runtime):
            raise Problem(
                "包み直しのあいだに鍵が増えました。もう一度 `kizuki keys rotate` を実行してください。"
            )
        newest = read_key_file(settings.key_file, passphrase)
    replace_key_file(settings.key_file, rotate_keys.without_former(newest), passphrase)
    return count


def rewrap_all(runtime: Runtime) -> int:
    """One pass over both databases, the vault committed first."""
    actor = Actor.terminal("keys rotate")
    with runtime.work(actor) as work, runtime.vault_work(actor) as vault_work:
        return rotate_keys.rewrap(work, vault_work)
