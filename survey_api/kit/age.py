"""Sealing a file to somebody's public key with age (X25519, ChaCha20-Poly1305): only their private key opens it.

For what leaves the house: backups and the lab's answers. `kit.box` is for what stays in it.
"""

import os
from pathlib import Path

import pyrage

from survey_api.kit.problems import KeyMissing


def new_identity() -> tuple[str, str]:
    """(private key, public key), both as text."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def write_identity(path: Path) -> str:
    """A new private key into a new file that only its owner may read; returns the public key."""
    private, public = new_identity()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(private + "\n")
    return public


def is_public(text: str) -> bool:
    """Whether this is a public key (age1…)."""
    try:
        pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        return False
    return True


def seal(public: str, plain: bytes) -> bytes:
    """Sealed to one public key; whoever seals cannot open it again."""
    return bytes(pyrage.encrypt(plain, [pyrage.x25519.Recipient.from_str(public)]))


def unseal(private: str, sealed: bytes) -> bytes:
    """What was sealed. KeyMissing when the key is another one or the bytes were altered."""
    try:
        return bytes(pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(private)]))
    except (pyrage.DecryptError, pyrage.IdentityError, ValueError) as wrong:
        raise KeyMissing from wrong
