"""Practice mode: the invented city, loaded once, and who to sign in as."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from sqlmodel import col, select

from survey_api.access.tickets import qr_macs
from survey_api.cli import lab
from survey_api.kit.db import is_sqlite
from survey_api.kit.problems import Problem
from survey_api.practice import start_over
from survey_api.runtime import is_invented, open_runtime
from survey_api.settings import Mode, Settings
from survey_api.tables.schools import School
from survey_api.tables.waves import Ticket
from survey_api.vocabulary import TicketState

BAND_WORDS = {"sho-low": "小1〜3", "sho-high": "小4〜6", "chu": "中学", "kou": "高校"}
ROLE_WORDS = {
    "counselor": "相談員",
    "welfare": "福祉",
    "welfare-2": "福祉2",
    "office": "学校事務",
    "operator": "運用",
    "head": "管理職",
    "duty": "教委当番",
}


def note_file(settings: Settings) -> Path:
    """Where the practice tickets and passwords are kept: beside the keys."""
    return settings.key_file.with_name("practice.json")


def load_once(settings: Settings, seed: int = 1, size: float = 1.0) -> None:
    """Make the invented city when there is none; a half-made one is cleared away and made again."""
    require_own_house(settings)
    if note_file(settings).exists():
        _bring_start_up_to_date(settings)
        return
    with open_runtime(settings) as runtime, runtime.reading() as db:
        begun = db.exec(select(School.id)).first() is not None
    if begun:
        _clear_half_made(settings)
    from survey_api.practice.load import load_city, remember  # numpy and the simulator: only when needed

    with open_runtime(settings) as runtime, _progress() as show:
        remember(note_file(settings), load_city(runtime, show, seed=seed, size=size))
        start_over.keep_start(runtime)


def require_own_house(settings: Settings) -> None:
    """Problem when practice mode would open a house that people have begun to use: it is never mixed, nor emptied."""
    with open_runtime(settings) as runtime:
        if is_invented(runtime.survey) is False:
            raise Problem(
                "このデータベースは練習用ではありません。練習モードでは開きません(何も変えていません)。"
                "本番として動かすときは KIZUKI_MODE=production を、練習するときは別のデータベースの場所を設定してください。"
            )


def _bring_start_up_to_date(settings: Settings) -> None:
    """What the reset puts back follows the newest schema, as the house itself does."""
    from survey_api.cli.migrate import upgrade_both

    if kept := start_over.kept_urls(settings):
        survey, vault = kept
        upgrade_both(settings.model_copy(update={"survey_database_url": survey, "vault_database_url": vault}))


def simulate(
    seed: int = typer.Option(1, help="other seeds, other children"),
    size: float = typer.Option(1.0, min=0.01, max=1.0, help="1.0 = about 2,400 pupils"),
    url: str = typer.Option("", help="a running practice service: its open wave is answered instead"),
    share: float = typer.Option(0.5, min=0.0, max=1.0, help="with --url: share of the rest who answer"),
    out: Annotated[
        Path | None,
        typer.Option(help="a .parquet, .csv or .csv.gz file: simulated answers of one bank instead"),
    ] = None,
    bank: str = typer.Option("chu", help="with --out: which bank is answered"),
    people: int = typer.Option(4000, min=1, help="with --out: how many pupils"),
) -> None:
    """Make an invented city (simulated, never real) in an empty house, or let its pupils answer at --url.

    With --out: the generator alone, into a file. Every row of it says “simulated”; nothing else is touched.
    """
    if out is not None:
        lab.simulate(bank, out, people, seed, audit=0.05, everybody=False, folder=lab.FOLDER)
        return
    settings = Settings()
    if settings.mode is not Mode.PRACTICE:
        raise Problem("kizuki simulate は練習モードでだけ使えます。本番のデータには触れません。")
    if url:
        from survey_api.practice.answer_open import answer_open_wave

        with open_runtime(settings) as runtime, _progress() as show:
            count = answer_open_wave(runtime, url.rstrip("/"), show, seed=seed, share=share)
        typer.echo(f"{count}人分の模擬の回答(simulated)を送りました。")
        return
    if note_file(settings).exists():
        raise Problem(
            f"練習の市がもうあります({note_file(settings)})。別の市を作るには、"
            "KIZUKI_SURVEY_DATABASE_URL・KIZUKI_VAULT_DATABASE_URL・KIZUKI_KEY_FILE を別の場所にしてください。"
        )
    from survey_api.cli.migrate import upgrade_both

    upgrade_both(settings)
    load_once(settings, seed, size)
    say_what_to_open(settings)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """One bar per step."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns) as bars:
        tasks: dict[str, TaskID] = {}

        def show(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield show


def _clear_half_made(settings: Settings) -> None:
    """An interrupted load left its files: practice data only, and only when nothing was finished."""
    from survey_api.cli.migrate import upgrade_both

    if not is_sqlite(settings.survey_database_url):
        raise Problem(
            "前の読み込みが途中で止まっています。練習用のデータベースを空にして、やり直してください。"
        )
    for url in (settings.survey_database_url, settings.vault_database_url):
        path = url.removeprefix("sqlite:///")
        for suffix in ("", "-wal", "-shm"):
            Path(path + suffix).unlink(missing_ok=True)
    upgrade_both(settings)


def say_what_to_open(settings: Settings) -> None:
    """One ticket per age band and one sign-in per role."""
    note = json.loads(note_file(settings).read_text())
    words = _ticket_words(settings, note["tickets"])
    typer.echo("\n練習の市「雪野市」— すべて架空のデータです\n")
    typer.echo("児童生徒のページ(チケット):")
    for bank, url in note["tickets"].items():
        word = BAND_WORDS.get(bank, bank)
        path = url.split("/t#")[1]
        typer.echo(f"  {word:　<5} {settings.address}/t#{path}   番号 {note['codes'][bank]}{words[bank]}")
    typer.echo("\n職員のサインイン:")
    for role, (login, password) in note["sign_ins"].items():
        typer.echo(
            f"  {ROLE_WORDS[role]:　<5} {settings.address}/signin   ID {login}   パスワード {password}"
        )
    if lock := note.get("lock"):
        typer.echo(f"\n鍵をかけた学校の練習({lock['school']}。名前を開くときに合言葉を聞かれます):")
        typer.echo(
            f"  相談員   {settings.address}/signin   ID {lock['login']}   パスワード {lock['password']}"
        )
        typer.echo(f"  合言葉   {lock['phrase']}   紙の鍵 {lock['code']}")
    typer.echo("")


NEW_ONE = "学校事務の画面で新しいチケットを作れます"
TICKET_WORDS = {
    TicketState.UNUSED: "",
    TicketState.OPENED: "  (一度開いてあります。つづきから答えられます)",
    TicketState.SPENT: f"  (使用済み。{NEW_ONE})",
    TicketState.REVOKED: f"  (使えません。{NEW_ONE})",
}


def _ticket_words(settings: Settings, tickets: dict[str, str]) -> dict[str, str]:
    """What is to be said beside each ticket; one that was replaced or taken back opens nothing."""
    words: dict[str, str] = {}
    with open_runtime(settings) as runtime, runtime.reading() as db:
        for bank, url in tickets.items():
            known = col(Ticket.qr_mac).in_(qr_macs(runtime.keys, url.split("#")[1]))
            state = db.exec(select(Ticket.state).where(known)).first()
            words[bank] = TICKET_WORDS[TicketState(state or TicketState.REVOKED)]
    return words
