"""The invented city as it was when it was made, kept beside the keys, and put back with one click.

Whole database files are put back, so that nothing of the last training is left. The signed notes of the trail go
back to the same day; nothing of this exists outside practice mode.
"""

import json
import sqlite3
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import Engine, make_url

from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.audit import trail
from survey_api.kit.actor import Actor
from survey_api.kit.crypto import Keyring
from survey_api.kit.db import Store, is_sqlite
from survey_api.kit.problems import NotFound, Problem
from survey_api.practice import server_copy
from survey_api.runtime import Runtime
from survey_api.settings import Mode, Settings
from survey_api.vocabulary import AuditKind

FILES = ("survey.db", "vault.db")
NOTES = "checkpoints.json"
KEYS = "keys.sha256"


def folder_of(settings: Settings) -> Path:
    return settings.key_file.with_name("practice-start")


def kept_urls(settings: Settings) -> tuple[str, str] | None:
    """Addresses of the two kept databases that are files; None when there are none."""
    survey, vault = (folder_of(settings) / name for name in FILES)
    return (f"sqlite:///{survey}", f"sqlite:///{vault}") if survey.exists() and vault.exists() else None


def keep_start(runtime: Runtime) -> None:
    """Remember the city as it is now: a file per database, or a folder of tables where a server holds them."""
    settings = runtime.settings
    if settings.mode is not Mode.PRACTICE:
        return
    folder = folder_of(settings)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, url, store in zip(FILES, _urls(settings), _stores(runtime), strict=True):
        if is_sqlite(url):
            _keep_file(url, folder / name)
        else:
            server_copy.keep(store.write, _tables(folder, name))
    (folder / NOTES).write_text(json.dumps(sorted(_notes(settings))))
    (folder / KEYS).write_text(_fingerprint(runtime.keys))


def _keep_file(url: str, path: Path) -> None:
    path.unlink(missing_ok=True)
    source, target = sqlite3.connect(make_url(url).database or ""), sqlite3.connect(path)
    try:
        with target:
            source.backup(target)
    finally:
        source.close()
        target.close()
    path.chmod(0o600)


def start_over(runtime: Runtime, actor: Actor) -> None:
    """Put the city back as it was made. NotFound outside practice mode: there is nothing to put back."""
    settings = runtime.settings
    if settings.mode is not Mode.PRACTICE:
        raise NotFound
    require(actor, Permission.RESET_PRACTICE)
    folder = folder_of(settings)
    kept_there = [
        (folder / name if is_sqlite(url) else _tables(folder, name) / server_copy.REVISION).exists()
        for name, url in zip(FILES, _urls(settings), strict=True)
    ]
    if not all(kept_there):
        raise Problem(
            "元にもどす控えがありません。データのフォルダを消して `make run` を行うと、新しい市ができます。"
        )
    if (folder / KEYS).read_text() != _fingerprint(runtime.keys):
        raise Problem(
            "鍵を替えたあとは、元にもどせません。データのフォルダを消して `make run` を行ってください。"
        )
    on_server = [
        (store.write, _tables(folder, name))
        for name, url, store in zip(FILES, _urls(settings), _stores(runtime), strict=True)
        if not is_sqlite(url)
    ]
    if not all(server_copy.fits(engine, kept) for engine, kept in on_server):
        raise Problem(
            "控えは前の版のものなので、元にもどせません(何も変えていません)。"
            "データベースとデータのフォルダを空にして `make run` を行うと、新しい市ができます。"
        )
    with ExitStack() as both:  # on a server both are there, or both are as they were
        for engine, kept_tables in on_server:
            both.enter_context(server_copy.putting_back(engine, kept_tables))
    for name, url, store in zip(FILES, _urls(settings), _stores(runtime), strict=True):
        if is_sqlite(url):
            _put_back(folder / name, store.write)
    kept = set(json.loads((folder / NOTES).read_text()))
    for note in _notes(settings) - kept:
        (settings.checkpoint_folder / note).unlink()
    with runtime.work(actor) as work:
        trail.record(work, AuditKind.PRACTICE_RESET, "city", "practice")


def _put_back(source: Path, engine: Engine) -> None:
    """Through SQLite's own copying, page by page into the open database: readers go on, writers wait."""
    copy, live = sqlite3.connect(f"file:{source}?mode=ro", uri=True), engine.raw_connection()
    try:
        copy.backup(live.dbapi_connection)  # type: ignore[arg-type]
    finally:
        live.close()
        copy.close()


def _tables(folder: Path, name: str) -> Path:
    """Where the tables of a server's database are kept."""
    return folder / name.removesuffix(".db")


def _stores(runtime: Runtime) -> tuple[Store, Store]:
    return runtime.survey, runtime.vault_store


def _urls(settings: Settings) -> tuple[str, str]:
    return settings.survey_database_url, settings.vault_database_url


def _notes(settings: Settings) -> set[str]:
    folder = settings.checkpoint_folder
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def _fingerprint(keys: Keyring) -> str:
    """Which keys the kept copy can be read with: one that was replaced later cannot open it."""
    return "\n".join(keys.mac(name, "practice-start").hex() for name in sorted(keys.keys))
