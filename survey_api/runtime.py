"""The opened house: databases, keys, clock, writer. Doors open it once and close it at the end."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import inspect, make_url
from sqlmodel import Session

from survey_api.access import open_locks
from survey_api.audit import queries as audit_queries
from survey_api.kit.actor import Actor
from survey_api.kit.clock import Clock, ShiftedClock, SystemClock
from survey_api.kit.crypto import Keyring
from survey_api.kit.db import Store, is_sqlite, open_store
from survey_api.kit.keyfile import create_key_file, read_key_file, read_keys
from survey_api.kit.opened import Opened
from survey_api.kit.problems import KeyMissing, Problem
from survey_api.kit.work import Work, begin, reading
from survey_api.kit.writer import GroupWriter
from survey_api.settings import Mode, Settings
from survey_api.tables.metadata import METADATA
from survey_api.vault.door import Vault

assert METADATA.tables


@dataclass(frozen=True)
class Runtime:
    """What a door needs to begin a Work or to read."""

    settings: Settings
    survey: Store
    vault_store: Store
    keys: Keyring
    clock: Clock
    writer: GroupWriter

    @property
    def vault(self) -> Vault:
        return Vault(self.vault_store, self.keys)

    def vault_for(self, opened: Opened) -> Vault:
        """The vault as a session sees it that has unlocked some schools."""
        return Vault(self.vault_store, self.keys, opened)

    def opened_by(self, token: str | None) -> Opened:
        """What the staff session behind this cookie has unlocked; fetched when the first box is to be opened."""
        if not token:
            return Opened()

        def fetch() -> dict[str, bytes]:
            with self.reading() as db:
                return open_locks.keys_of(db, self.clock, token)

        return Opened(fetch)

    @contextmanager
    def work(self, actor: Actor, request_id: str = "", opened: Opened | None = None) -> Iterator[Work]:
        with begin(self.survey, self.keys, self.clock, actor, request_id, opened) as work:
            yield work

    @contextmanager
    def vault_work(self, actor: Actor, opened: Opened | None = None) -> Iterator[Work]:
        with begin(self.vault_store, self.keys, self.clock, actor, opened=opened) as work:
            yield work

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with reading(self.survey) as db:
            yield db


def keyring_for(settings: Settings) -> Keyring:
    """From the environment, else the key file; in practice mode made on first use, in production never."""
    if (kept := kept_keyring(settings)) is not None:
        return kept
    if settings.mode is Mode.PRACTICE:
        return _first_keys(settings.key_file, settings.key_passphrase.get_secret_value())
    raise KeyMissing(
        f"鍵ファイル {settings.key_file} がありません。はじめて使うときは `kizuki keys create` で作ります。"
        "もうデータがあるときは作らず、保管してある写しを置いてください(新しい鍵では何も開きません)。"
    )


def kept_keyring(settings: Settings) -> Keyring | None:
    """The keys that are there already; None when there are none. Never makes any."""
    passphrase = settings.key_passphrase.get_secret_value()
    if given := settings.keys.get_secret_value():
        return read_keys(given, passphrase, "KIZUKI_KEYS")
    return read_key_file(settings.key_file, passphrase) if settings.key_file.exists() else None


def _first_keys(path: Path, passphrase: str) -> Keyring:
    try:
        return create_key_file(path, passphrase)
    except OSError as broken:
        raise KeyMissing(f"鍵ファイル {path} を作れません。フォルダの権限を確かめてください。") from broken


PLACEHOLDERS = frozenset({"", "password", "postgres", "kizuki", "changeme", "secret", "user", "admin"})
"""Passwords of examples and first tries."""


def require_real_secrets(settings: Settings, keys: Keyring) -> None:
    """Problem with what to change when production would start on the secrets or settings of a first try."""
    made = list(keys.keys.values())
    if len(set(made)) < len(made) or any(len(set(key)) < 16 for key in made):
        raise Problem(
            "鍵ファイルの鍵が見本か、同じ値のくり返しです。`kizuki keys create` で作り直してください。"
        )
    for url in (settings.survey_database_url, settings.vault_database_url):
        where = make_url(url)
        if where.password is not None and str(where.password).lower() in PLACEHOLDERS:
            raise Problem(
                f"データベース {where.render_as_string(hide_password=True)} のパスワードが見本のままです。"
                "ほかでは使っていない長いパスワードに変えてください。"
            )
    if settings.public_url.startswith("https://") and not settings.secure_cookies:
        raise Problem("https:// で公開するときは KIZUKI_SECURE_COOKIES=true にしてください。")


INVENTED_BY = Actor.terminal("practice")
"""Who makes the invented city. The first line of its trail says so for ever."""


def is_invented(survey: Store) -> bool | None:
    """Whether this house began as the invented city; None while nothing was ever done in it."""
    if not inspect(survey.read).has_table("audit_entries"):
        return None
    with reading(survey) as db:
        first = audit_queries.first_actor(db)
    return first == (str(INVENTED_BY.kind), INVENTED_BY.id) if first else None


def require_untouched(settings: Settings) -> None:
    """KeyMissing when keys would be invented for a house that was locked with others: new ones open nothing of it."""
    survey = open_store(settings.survey_database_url)
    try:
        untouched = is_invented(survey) is None
    finally:
        survey.dispose()
    if not untouched:
        raise KeyMissing(
            f"鍵ファイル {settings.key_file} がありません。保管してある写しを置いてください。"
            "練習をはじめからやり直すときは、データのフォルダを消してください。"
        )


def require_not_invented(survey: Store) -> None:
    """Problem when production would go on in the databases of the invented city."""
    if is_invented(survey):
        raise Problem(
            "このデータベースは練習用の架空の市のものです。本番では使えません。"
            "KIZUKI_SURVEY_DATABASE_URL と KIZUKI_VAULT_DATABASE_URL を、空のデータベースに向けてください。"
        )


def clock_for(settings: Settings) -> Clock:
    if settings.practice_now is None:
        return SystemClock()
    if settings.mode is not Mode.PRACTICE:
        raise Problem("KIZUKI_PRACTICE_NOW は練習モードでだけ使えます。")
    return ShiftedClock(settings.practice_now)


@contextmanager
def open_runtime(settings: Settings) -> Iterator[Runtime]:
    """Open everything, yield it, close everything."""
    if settings.workers > 1 and is_sqlite(settings.survey_database_url):
        raise Problem(
            "SQLite ではプロセスは1つだけです。KIZUKI_WORKERS=1 にするか、PostgreSQL を使ってください。"
        )
    if settings.mode is Mode.PRACTICE and kept_keyring(settings) is None:
        require_untouched(settings)
    keys, clock = keyring_for(settings), clock_for(settings)
    if settings.mode is Mode.PRODUCTION:
        require_real_secrets(settings, keys)
    survey = open_store(settings.survey_database_url)
    if settings.mode is Mode.PRODUCTION:
        require_not_invented(survey)
    vault_store = open_store(settings.vault_database_url)
    writer = GroupWriter(survey, keys, clock)
    writer.start()
    try:
        yield Runtime(settings, survey, vault_store, keys, clock, writer)
    finally:
        writer.stop()
        survey.dispose()
        vault_store.dispose()


def settle_memory() -> None:
    """After start-up: what is loaded stays, so the collector need not walk it at every bell."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)
