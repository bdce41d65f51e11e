"""`kizuki restore` and `kizuki drill`: put a backup back, and prove on a copy that it could be."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url, text
from sqlmodel import Session, col, select

from survey_api.access import school_locks
from survey_api.audit import actions as audit_actions
from survey_api.audit import chain, checkpoints, queries
from survey_api.jobs.backups import archive, copying
from survey_api.jobs.backups.copying import BackupFailed
from survey_api.jobs.backups.make import marks_of, newest
from survey_api.kit.actor import Actor
from survey_api.kit.crypto import Keyring
from survey_api.kit.db import is_sqlite, make_engine
from survey_api.runtime import Runtime, kept_keyring, open_runtime
from survey_api.services.submissions import queries as submissions_queries
from survey_api.settings import Settings
from survey_api.tables.submissions import Submission


@dataclass(frozen=True)
class Restored:
    """What was put back and found to hold."""

    made_at: str
    rows: int
    lines: int
    answers_opened: int
    erased_since: int


def restore(settings: Settings, source: Path, identity: str, keys: Path | None = None) -> Restored:
    """Put a backup into the empty places the settings name, and check it there.

    `keys`: the file of answer keys; by default the newest in the backup's folder, so that what was shredded
    after the backup stays shredded. BackupFailed when a place is not empty or anything does not hold; nothing is
    written before the house's own keys are known to be those of the backup.
    """
    house_keys = require_keys(settings)
    _require_backup(source)
    kept_keys = keys or newest(source.parent, archive.KEYS)
    if kept_keys is None:
        raise BackupFailed("回答の鍵のファイル(.keys.age)がありません。--keys で場所を教えてください。")
    for url in (settings.survey_database_url, settings.vault_database_url):
        if not copying.is_empty(url):
            raise BackupFailed(
                f"{make_url(url).render_as_string(hide_password=True)} には、もうデータがあります。"
                "空のデータベースを用意して、設定をそこに向けてください。"
            )
    with tempfile.TemporaryDirectory(prefix="kizuki-restore-") as work_folder:
        folder = Path(work_folder)
        manifest = archive.open_folder(source, identity, folder)
        apart = archive.open_keys(kept_keys, identity)
        if apart.made_at < manifest.made_at:
            raise BackupFailed(
                "回答の鍵のファイルがバックアップより古いので、戻せません。新しいほうを使ってください。"
            )
        _require_fitting(house_keys, manifest)
        _require_no_later_notes(settings.checkpoint_folder, house_keys, manifest)
        copying.copy_in(folder / "vault", settings.vault_database_url, settings.postgres_bin)
        copying.copy_in(folder / "survey", settings.survey_database_url, settings.postgres_bin)
        _put_notes(folder / "checkpoints", settings.checkpoint_folder)
    copying.put_answer_keys(settings.survey_database_url, apart.answer_keys)
    _require_counts(settings, manifest)
    gone = sorted(set(copying.persons(settings.vault_database_url)) - set(apart.persons))
    copying.forget_persons(settings.vault_database_url, gone)
    with open_runtime(settings) as runtime:
        lines, opened = _prove(runtime, manifest)
    rows = sum(sum(table.values()) for table in manifest.counts.values())
    return Restored(manifest.made_at, rows, lines, opened, len(gone))


def require_keys(settings: Settings) -> Keyring:
    """The keys of the house that was saved. BackupFailed when there are none: new ones would open nothing of it."""
    if (kept := kept_keyring(settings)) is not None:
        return kept
    raise BackupFailed(
        f"鍵ファイル {settings.key_file} がありません。バックアップを作ったときの鍵ファイルの写しを、先にここに置いてください"
        "(新しく作った鍵では、何も開きません)。まだ何も書いていません。"
    )


def _require_backup(source: Path) -> None:
    if source.name.endswith(archive.KEYS):
        raise BackupFailed(
            f"{source.name} は回答の鍵のファイルです。{archive.MAIN} で終わるほうを指定してください。"
            "回答の鍵は、同じフォルダから自分で見つけます。"
        )
    if not source.is_file():
        raise BackupFailed(f"バックアップ {source} がありません。")


def _require_fitting(keys: Keyring, manifest: archive.Manifest) -> None:
    """Before anything is written: these keys are the backup's. The mark of a replaced key tells that they are newer."""
    held = marks_of(keys)
    strange = [name for name, marks in manifest.needs.items() if not set(marks) & set(held.get(name, ()))]
    if not strange:
        return
    replaced = {mark.hex() for name in strange for mark in keys.earlier.get(name, ())}
    if any(set(manifest.needs[name]) & replaced for name in strange):
        raise BackupFailed(
            "今の鍵ファイルは、このバックアップのあとに `kizuki keys rotate` で替えたものです。このバックアップは、"
            "替える前の鍵ファイルでだけ開きます。その写しを KIZUKI_KEY_FILE に置いてください(今の鍵ファイルは消さずに"
            "取っておきます)。訓練のときは、先に `kizuki backup` を実行してください。まだ何も書いていません。"
        )
    raise BackupFailed(
        "鍵ファイルが、このバックアップを作ったときのものではありません。そのときの鍵ファイルの写しを KIZUKI_KEY_FILE に"
        "置いてください。まだ何も書いていません。"
    )


def _require_no_later_notes(folder: Path, keys: Keyring, manifest: archive.Manifest) -> None:
    """Notes of a longer trail than the backup's would call the restored one cut off, rightly: they lie elsewhere."""
    if any(note.lines > manifest.lines for _, note in checkpoints.kept(folder, keys)):
        raise BackupFailed(
            f"KIZUKI_CHECKPOINT_FOLDER({folder})に、このバックアップより新しい記録の控えがあります。空のフォルダに"
            "向けてください。新しい控えは、何が失われたかを示すので取っておきます。まだ何も書いていません。"
        )


def drill(runtime: Runtime, identity: str, source: Path | None = None) -> Restored:
    """Restore the newest backup somewhere else, prove it, throw it away, and write the date into the trail."""
    settings = runtime.settings
    chosen = source or newest(settings.backup_folder)
    if chosen is None:
        raise BackupFailed("バックアップがまだありません。`kizuki backup` を先に実行してください。")
    with tempfile.TemporaryDirectory(prefix="kizuki-drill-") as work_folder:
        elsewhere = _elsewhere(settings, Path(work_folder))
        try:
            restored = restore(elsewhere, chosen, identity)
        finally:
            _drop(settings, elsewhere)
    with runtime.work(Actor.terminal("drill")) as work:
        audit_actions.note_drill(work, restored.rows, chosen.name.removesuffix(archive.MAIN))
    return restored


def _prove(runtime: Runtime, manifest: archive.Manifest) -> tuple[int, int]:
    """The chain holds past every note, and today's keys open what they should."""
    for url in (runtime.settings.survey_database_url, runtime.settings.vault_database_url):
        if not copying.is_sound(url):
            raise BackupFailed("戻したデータベースが壊れています。別のバックアップを使ってください。")
    with runtime.reading() as db:
        marks = checkpoints.marks(runtime.settings.checkpoint_folder, runtime.keys)
        marks.append(chain.Mark(manifest.lines, manifest.head, "バックアップ自身"))
        verdict = chain.verify(queries.all_entries(db), marks)
        if verdict.broken_at is not None:
            raise BackupFailed(f"記録の鎖が{verdict.broken_at}行目で切れています({verdict.reason})。")
        _prove_locks(runtime, db)
        some = db.exec(select(Submission).where(col(Submission.sealed).is_not(None)).limit(20)).all()
        with_key = {
            row["who"] + row["wave"] for row in copying.answer_keys(runtime.settings.survey_database_url)
        }
        opened = sum(
            bool(submissions_queries.sealed_answers(db, runtime.keys, row))
            for row in some
            if row.pseudonym + row.wave_id in with_key
        )
    return verdict.lines, opened


def _prove_locks(runtime: Runtime, db: Session) -> None:
    """Names of locked schools cannot be opened here; that somebody could is seen by the shapes of what is wrapped."""
    broken = school_locks.broken_shapes(db)
    schools = school_locks.schools_with_lock(db)
    keys_of = {
        school: frozenset(key.key_id for key in school_locks.keys_of(db, school)) for school in schools
    }
    if broken or runtime.vault.strayed(keys_of):
        raise BackupFailed("学校の鍵と名前の箱が合いません。別のバックアップを使ってください。")


def _require_counts(settings: Settings, manifest: archive.Manifest) -> None:
    found = {
        "survey": copying.counts(settings.survey_database_url),
        "vault": copying.counts(settings.vault_database_url),
    }
    for database, tables in manifest.counts.items():
        for table, expected in tables.items():
            if table != copying.KEPT_APART and found[database].get(table) != expected:
                raise BackupFailed(
                    f"{table} は{expected}行のはずが{found[database].get(table)}行です。別のバックアップを使ってください。"
                )


def _put_notes(source: Path, target: Path) -> None:
    """The notes of the trail, beside any newer ones that are there already."""
    target.mkdir(parents=True, exist_ok=True)
    for path in checkpoints.files(source):
        if not (target / path.name).exists():
            (target / path.name).write_bytes(path.read_bytes())


def _elsewhere(settings: Settings, folder: Path) -> Settings:
    """The same settings over places that exist only for the drill."""
    changed: dict[str, object] = {"checkpoint_folder": folder / "checkpoints"}
    for name in ("survey_database_url", "vault_database_url"):
        url = getattr(settings, name)
        if is_sqlite(url):
            changed[name] = f"sqlite:///{folder}/{name}.db"
        else:
            database = f"kizuki_drill_{folder.name[-8:].lower()}_{name[:6].rstrip('_')}"
            _on_server(url, f'CREATE DATABASE "{database}"')
            changed[name] = make_url(url).set(database=database).render_as_string(hide_password=False)
    return settings.model_copy(update=changed)


def _drop(settings: Settings, elsewhere: Settings) -> None:
    for name in ("survey_database_url", "vault_database_url"):
        url = getattr(elsewhere, name)
        if not is_sqlite(url):
            _on_server(getattr(settings, name), f'DROP DATABASE "{make_url(url).database}" WITH (FORCE)')


def _on_server(url: str, statement: str) -> None:
    engine = make_engine(url, read_only=False).execution_options(isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()
