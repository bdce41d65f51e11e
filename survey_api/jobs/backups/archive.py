"""The two files of a backup: what is copied, and apart from it the keys of the children's answers.

Both are tar files sealed with age to a public key. Whoever makes backups can therefore not read them; the
private key is needed for a restore only and is best kept in a safe. Keys apart and kept for days only: answers
that were shredded stay shredded, whatever older copy is put back.
"""

import hashlib
import io
import json
import tarfile
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyrage

from survey_api.jobs.backups.copying import BackupFailed, Rows

MAIN, KEYS = ".backup.age", ".keys.age"
FORMAT = 1


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself: checked when it is put back."""

    made_at: str
    lines: int
    head: str
    counts: dict[str, dict[str, int]]
    sha256: dict[str, str] = field(default_factory=dict)
    needs: dict[str, list[str]] = field(default_factory=dict)
    """Wrapping key → marks of the keys it was then (two in the middle of a rotation); empty in earlier backups."""
    format: int = FORMAT

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.made_at)


@dataclass(frozen=True)
class KeysApart:
    """The answer keys and who was in the vault, at the moment of a backup."""

    made_at: str
    answer_keys: Rows
    persons: list[str]


def name_for(moment: datetime) -> str:
    return f"kizuki-{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def seal_folder(folder: Path, manifest: Manifest, recipient: str, target: Path) -> None:
    """Everything in the folder plus the manifest, sealed into `target`; it appears whole or not at all."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    hashes = {str(path.relative_to(folder)): _sha256(path) for path in files}
    told = Manifest(**{**asdict(manifest), "sha256": hashes})
    plain = folder.with_suffix(".tar")
    with tarfile.open(plain, "w") as tar:
        _add(tar, "manifest.json", json.dumps(asdict(told), indent=1).encode())
        for path in files:
            tar.add(path, str(path.relative_to(folder)))
    with plain.open("rb") as source:
        _sealed(source, recipient, target)
    plain.unlink()


def seal_keys(keys: KeysApart, recipient: str, target: Path) -> None:
    """The keys apart, sealed into `target`."""
    _sealed(io.BytesIO(json.dumps(asdict(keys)).encode()), recipient, target)


def open_folder(source: Path, identity: str, folder: Path) -> Manifest:
    """Unseal a backup into a folder and check every file in it. BackupFailed when anything is off."""
    plain = folder / "opened.tar"
    with source.open("rb") as sealed, plain.open("wb") as target:
        _opened(sealed, identity, target, source.name)
    with tarfile.open(plain) as tar:
        tar.extractall(folder, filter="data")
    plain.unlink()
    manifest = Manifest(**json.loads((folder / "manifest.json").read_text()))
    for name, expected in manifest.sha256.items():
        if _sha256(folder / name) != expected:
            raise BackupFailed(
                f"{source.name} の中の {name} が壊れています。別のバックアップを使ってください。"
            )
    return manifest


def open_keys(source: Path, identity: str) -> KeysApart:
    target = io.BytesIO()
    with source.open("rb") as sealed:
        _opened(sealed, identity, target, source.name)
    return KeysApart(**json.loads(target.getvalue()))


def _sealed(source: io.BufferedIOBase, recipient: str, target: Path) -> None:
    try:
        to = pyrage.x25519.Recipient.from_str(recipient)
    except pyrage.RecipientError as wrong:
        raise BackupFailed(
            "KIZUKI_BACKUP_RECIPIENT が正しくありません。`kizuki keys backup` が出す age1… を入れてください。"
        ) from wrong
    fresh = target.with_name(target.name + ".new")
    with fresh.open("wb") as out:
        pyrage.encrypt_io(source, out, [to])
    fresh.rename(target)


def _opened(sealed: io.BufferedIOBase, identity: str, target: io.BufferedIOBase, name: str) -> None:
    try:
        pyrage.decrypt_io(sealed, target, [pyrage.x25519.Identity.from_str(identity)])
    except (pyrage.DecryptError, pyrage.IdentityError, OSError) as wrong:
        if isinstance(wrong, OSError) and wrong.errno is not None:
            raise  # the disk's fault, not the file's
        raise BackupFailed(f"{name} を開けません。秘密の鍵がちがうか、ファイルが壊れています。") from wrong


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
