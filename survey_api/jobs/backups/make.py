"""`kizuki backup`: copy everything, seal it, throw away what is too old, and write that it was done."""

import tempfile
from datetime import timedelta
from pathlib import Path

from survey_api.audit import actions as audit_actions
from survey_api.audit import checkpoints
from survey_api.audit.queries import head
from survey_api.jobs.backups import archive, copying
from survey_api.jobs.checkpoint import write_checkpoint
from survey_api.kit.actor import Actor
from survey_api.kit.crypto import WRAPPING, Keyring
from survey_api.runtime import Runtime

KEEP = timedelta(days=35)
KEEP_KEYS = timedelta(days=7)


def make_backup(runtime: Runtime) -> Path:
    """One backup into the backup folder; returns the sealed file. BackupFailed with what to do."""
    settings = runtime.settings
    if not settings.backup_recipient:
        raise copying.BackupFailed(
            "封をするための公開の鍵がありません。`kizuki keys backup ファイル` で作り、"
            "出てきた age1… を KIZUKI_BACKUP_RECIPIENT に入れてください。"
        )
    write_checkpoint(runtime)
    settings.backup_folder.mkdir(parents=True, exist_ok=True)
    now = runtime.clock.now()
    target = settings.backup_folder / archive.name_for(now)
    with tempfile.TemporaryDirectory(dir=settings.backup_folder, prefix="making-") as work_folder:
        folder = Path(work_folder) / "copy"
        folder.mkdir(mode=0o700)
        manifest = _copy(runtime, folder)
        keys = archive.KeysApart(
            manifest.made_at,
            copying.answer_keys(settings.survey_database_url),
            copying.persons(settings.vault_database_url),
        )
        archive.seal_keys(keys, settings.backup_recipient, target.with_name(target.name + archive.KEYS))
        main = target.with_name(target.name + archive.MAIN)
        archive.seal_folder(folder, manifest, settings.backup_recipient, main)
    with runtime.work(Actor.job("backup")) as work:
        audit_actions.note_backup(work, sum(sum(table.values()) for table in manifest.counts.values()))
    throw_away(runtime)
    return main


def backup_if_set_up(runtime: Runtime) -> int:
    """The daily job: nothing while no key to seal to is set; the operator's page says so."""
    if not runtime.settings.backup_recipient:
        return 0
    make_backup(runtime)
    return 1


def throw_away(runtime: Runtime) -> int:
    """Delete backups older than 35 days and keys older than 7; the newest of each stays. Returns how many."""
    count = 0
    for suffix, keep in ((archive.MAIN, KEEP), (archive.KEYS, KEEP_KEYS)):
        limit = archive.name_for(runtime.clock.now() - keep)
        for path in sorted(runtime.settings.backup_folder.glob(f"kizuki-*{suffix}"))[:-1]:
            if path.name.removesuffix(suffix) < limit:
                path.unlink()
                count += 1
    return count


def newest(folder: Path, suffix: str = archive.MAIN) -> Path | None:
    found = sorted(folder.glob(f"kizuki-*{suffix}")) if folder.is_dir() else []
    return found[-1] if found else None


def _copy(runtime: Runtime, folder: Path) -> archive.Manifest:
    """Copies first, counts of the copies after: what the manifest says is what lies in the archive."""
    settings = runtime.settings
    with runtime.reading() as db:
        lines, last = head(db)
    # the vault last: a name without a pupil is harmless, a pupil without a name is not
    copying.copy_out(settings.survey_database_url, folder / "survey", settings.postgres_bin)
    copying.copy_out(settings.vault_database_url, folder / "vault", settings.postgres_bin)
    notes = folder / "checkpoints"
    notes.mkdir()
    for path in checkpoints.files(settings.checkpoint_folder):
        (notes / path.name).write_bytes(path.read_bytes())
    counts = {
        "survey": copying.counts_of_copy(
            folder / "survey", settings.survey_database_url, settings.postgres_bin
        ),
        "vault": copying.counts_of_copy(folder / "vault", settings.vault_database_url, settings.postgres_bin),
    }
    return archive.Manifest(
        runtime.clock.now().isoformat(), lines, last, counts, needs=marks_of(runtime.keys.newest())
    )


def marks_of(keys: Keyring) -> dict[str, list[str]]:
    """By which the wrapping keys of a house are recognised: today's, and in the middle of a rotation the former."""
    former = Keyring(keys.former)
    return {
        name: [keys.which(name).hex(), *([former.which(name).hex()] if name in keys.former else [])]
        for name in WRAPPING
    }
