"""Keys and seals. The key file lives outside both databases; without it neither can be read.

AES-256-GCM with the purpose and subject as associated data: a blob moved to another row does not open.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from survey_api.kit.problems import KeyMissing

KEY_NAMES = (
    "survey_kek",
    "vault_kek",
    "lookup",
    "tickets",
    "cookies",
    "rounding",
    "release",
    "receipts",
    "checkpoints",
)
"""survey_kek/vault_kek wrap data keys; lookup: keyed index of persons; tickets: pepper of ticket codes;
cookies: signs pupil cookies; rounding: disclosure noise; release: signs bundles; receipts: digests;
checkpoints: Ed25519 seed that signs how long the trail was."""

LATER = ("checkpoints",)
"""Keys that a file made by an earlier version does not have: they are derived there, the same every time."""

_FORMAT = b"\x01"
_NONCE = 12


@dataclass(frozen=True)
class Keyring:
    """All long-lived secrets of one installation, 32 bytes each."""

    keys: Mapping[str, bytes]
    _data_keys: dict[str, bytes] = field(default_factory=dict, repr=False, compare=False)

    def __getitem__(self, name: str) -> bytes:
        return self.keys[name]

    def __repr__(self) -> str:
        return "Keyring(…)"

    def mac(self, name: str, *parts: str | bytes) -> bytes:
        """HMAC-SHA256 over length-prefixed parts, so that no two different lists collide."""
        digest = hmac.new(self.keys[name], digestmod=hashlib.sha256)
        for part in parts:
            raw = part.encode() if isinstance(part, str) else part
            digest.update(len(raw).to_bytes(4, "big") + raw)
        return digest.digest()

    def new_data_key(self, kek: str, owner: str) -> bytes:
        """A fresh data key for `owner`, wrapped by the named key: safe to store."""
        return seal(self.keys[kek], secrets.token_bytes(32), f"{kek}|{owner}")

    def known_data_key(self, kek: str, owner: str) -> bytes | None:
        """The data key of `owner` if it was unwrapped before."""
        return self._data_keys.get(f"{kek}|{owner}")

    def data_key(self, kek: str, owner: str, wrapped: bytes) -> bytes:
        """The data key of `owner`, unwrapped once and kept in memory."""
        memo = f"{kek}|{owner}"
        if memo not in self._data_keys:
            self._data_keys[memo] = open_sealed(self.keys[kek], wrapped, memo)
        return self._data_keys[memo]


def seal(key: bytes, plain: bytes, bound_to: str) -> bytes:
    """Encrypt and bind to a place; format byte, nonce, ciphertext."""
    nonce = os.urandom(_NONCE)
    return _FORMAT + nonce + AESGCM(key).encrypt(nonce, plain, bound_to.encode())


def open_sealed(key: bytes, blob: bytes, bound_to: str) -> bytes:
    """Decrypt; KeyMissing when the key is another one, the blob was altered or sits in the wrong place."""
    try:
        return AESGCM(key).decrypt(blob[1 : 1 + _NONCE], blob[1 + _NONCE :], bound_to.encode())
    except (InvalidTag, ValueError) as broken:
        raise KeyMissing from broken


def _derived(keys: Mapping[str, bytes], name: str) -> bytes:
    return hmac.new(keys["release"], f"kizuki|{name}".encode(), hashlib.sha256).digest()


def token_hash(token: str) -> str:
    """How a high-entropy bearer secret is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def create_key_file(path: Path) -> Keyring:
    """Write a new key file, readable by its owner only. Refuses to overwrite one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    keys = {name: secrets.token_bytes(32) for name in KEY_NAMES}
    text = json.dumps({name: base64.b64encode(key).decode() for name, key in keys.items()}, indent=1)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    return Keyring(keys)


def read_key_file(path: Path) -> Keyring:
    """Read the key file; KeyMissing with the file's name when it is absent or damaged."""
    try:
        raw = json.loads(path.read_text())
        keys = {name: base64.b64decode(raw[name], validate=True) for name in KEY_NAMES if name not in LATER}
        for name in LATER:
            keys[name] = base64.b64decode(raw[name], validate=True) if name in raw else _derived(keys, name)
    except (OSError, ValueError, KeyError, TypeError) as broken:
        raise KeyMissing(f"鍵ファイル {path} が読めません。バックアップから戻してください。") from broken
    if any(len(key) != 32 for key in keys.values()):
        raise KeyMissing(f"鍵ファイル {path} の鍵の長さが正しくありません。")
    return Keyring(keys)
