"""Signed notes of how long the trail was and how it ended, kept outside the database.

A chain alone cannot show that its newest lines were cut off, or that somebody wrote the whole of it anew. A
checkpoint can: three lines of text (what it belongs to, how many lines, the last hash, the moment), an empty
line and an Ed25519 signature, so that anybody with the public key can check it without asking this service.
The shape follows the C2SP tlog-checkpoint notes.
"""

import base64
import hashlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from survey_api.audit.chain import Mark
from survey_api.kit.clock import school_day
from survey_api.kit.crypto import Keyring
from survey_api.kit.problems import Problem

ORIGIN = "kizuki/trail"
SUFFIX = ".checkpoint"


class CheckpointBroken(Problem):
    """A checkpoint that cannot be read or whose signature is another one's."""

    code = "checkpoint_broken"
    status = 500
    title = "記録の控えが壊れているか、書きかえられています。"


@dataclass(frozen=True)
class Checkpoint:
    """What one note says."""

    lines: int
    head: str
    at: datetime

    def body(self) -> bytes:
        moment = self.at.astimezone(UTC).isoformat(timespec="seconds")
        return f"{ORIGIN}\n{self.lines}\n{self.head}\n{moment}\n".encode()


def public_key(keys: Keyring) -> str:
    """The key with which anybody can check a note, base64."""
    raw = _signer(keys).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.b64encode(raw).decode()


def signed(keys: Keyring, note: Checkpoint) -> bytes:
    """The whole note as it is kept."""
    signature = base64.b64encode(_signer(keys).sign(note.body())).decode()
    return note.body() + f"\n— {_key_id(public_key(keys))} {signature}\n".encode()


def opened(public: str, raw: bytes, name: str) -> Checkpoint:
    """Read a note and check its signature; CheckpointBroken names the file."""
    try:
        body, _, tail = raw.partition(b"\n\n")
        origin, lines, head, moment = body.decode().split("\n")
        _, key_id, signature = tail.decode().split()
        if origin != ORIGIN or key_id != _key_id(public):
            raise ValueError("another origin or key")
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public))
        key.verify(base64.b64decode(signature, validate=True), body + b"\n")
        return Checkpoint(int(lines), head, datetime.fromisoformat(moment))
    except (ValueError, InvalidSignature) as broken:
        raise CheckpointBroken(
            f"記録の控え {name} が壊れているか、書きかえられています。別の場所の写しと比べてください。"
        ) from broken


def keep(folder: Path, keys: Keyring, note: Checkpoint) -> Path:
    """Write a note under its day and length; the same note again changes nothing. Durable when it returns."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{school_day(note.at).isoformat()}-{note.lines:012}{SUFFIX}"
    if path.exists():
        return path
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as file:
        file.write(signed(keys, note))
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    return path


def kept(folder: Path, keys: Keyring) -> list[tuple[str, Checkpoint]]:
    """Every note of the folder with its file's name, oldest first; CheckpointBroken for the first bad one."""
    public = public_key(keys)
    return [(path.name, opened(public, path.read_bytes(), path.name)) for path in files(folder)]


def marks(folder: Path, keys: Keyring) -> list[Mark]:
    """The notes as what a walk along the trail must pass."""
    return [Mark(note.lines, note.head, name) for name, note in kept(folder, keys)]


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []


def _signer(keys: Keyring) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(keys["checkpoints"])


def _key_id(public: str) -> str:
    return hashlib.sha256(f"{ORIGIN}|{public}".encode()).hexdigest()[:8]
