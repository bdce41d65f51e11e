"""Signed notes of how long the trail was and how it ended, kept outside the database.

A chain alone cannot show that its newest lines were cut off, or that somebody wrote the whole of it anew. A
checkpoint can: three lines of text (what it belongs to, how many lines, the last hash, the moment), an empty
line and an Ed25519 signature, so that anybody with the public key can check it without asking this service.
The shape follows the C2SP tlog-checkpoint notes.
"""

import base64
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

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


@dataclass(frozen=True)
class Signer:
    """Who may have signed a note: a public key in base64, and up to which length of the trail; None: the present one.

    The limit is what makes a stolen earlier key useless: it signs no trail that has grown since.
    """

    public: str
    until: int | None = None


def public_key(keys: Keyring) -> str:
    """The key with which anybody can check a note of today, base64."""
    return base64.b64encode(_signer(keys).public_key().public_bytes_raw()).decode()


def signers(keys: Keyring) -> list[Signer]:
    """The present key and every earlier one, the newest first."""
    before = keys.every("checkpoints")[1:]
    told = [Signer(base64.b64encode(one[:32]).decode(), int.from_bytes(one[32:], "big")) for one in before]
    return [Signer(public_key(keys)), *told]


def outlived(keys: Keyring, lines: int) -> bytes:
    """What is kept of the present key once another signs: its public half and how long the trail was then."""
    return _signer(keys).public_key().public_bytes_raw() + lines.to_bytes(8, "big")


def signed(keys: Keyring, note: Checkpoint) -> bytes:
    """The whole note as it is kept."""
    signature = base64.b64encode(_signer(keys).sign(note.body())).decode()
    return note.body() + f"\n— {_key_id(public_key(keys))} {signature}\n".encode()


def opened(known: Sequence[Signer], raw: bytes, name: str) -> Checkpoint:
    """Read a note and check its signature by the key it names; CheckpointBroken names the file."""
    try:
        body, _, tail = raw.partition(b"\n\n")
        origin, lines, head, moment = body.decode().split("\n")
        _, key_id, signature = tail.decode().split()
        by = next((one for one in known if _key_id(one.public) == key_id), None)
        if origin != ORIGIN or by is None or (by.until is not None and int(lines) > by.until):
            raise ValueError("another origin or key, or a key that had been replaced by then")
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(by.public))
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
    known = signers(keys)
    return [(path.name, opened(known, path.read_bytes(), path.name)) for path in files(folder)]


def marks(folder: Path, keys: Keyring) -> list[Mark]:
    """The notes as what a walk along the trail must pass."""
    return [Mark(note.lines, note.head, name) for name, note in kept(folder, keys)]


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []


def _signer(keys: Keyring) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(keys.every("checkpoints")[0])


def _key_id(public: str) -> str:
    return hashlib.sha256(f"{ORIGIN}|{public}".encode()).hexdigest()[:8]
