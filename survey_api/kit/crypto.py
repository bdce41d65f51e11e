"""Keys and seals. The keys live outside both databases; without them neither can be read.

AES-256-GCM with the purpose and subject as associated data: a blob moved to another row does not open.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

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

WRAPPING = ("survey_kek", "vault_kek")
"""The keys that wrap others: these can be replaced without touching anything that was sealed."""

RENEWABLE: Mapping[str, tuple[str, ...]] = {
    "tickets": ("tickets",),
    "tables": ("rounding", "release"),
    "trail": ("checkpoints",),
}
"""What is made with a key and cannot be wrapped again: `kizuki keys renew` adds a new one, and what was made with
an earlier one goes on being recognised by it."""

_RENEWED = frozenset(name for names in RENEWABLE.values() for name in names)
_FORMAT = b"\x01"
_NONCE = 12


@dataclass(frozen=True)
class Keyring:
    """All long-lived secrets of one installation, 32 bytes each. `former`: wrapping keys being replaced.

    `earlier`: what recognises things made before a key was renewed, the newest first (RENEWABLE); of a wrapping key
    that was replaced only its mark (`which`).
    """

    keys: Mapping[str, bytes]
    former: Mapping[str, bytes] = field(default_factory=dict)
    earlier: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict)
    _data_keys: dict[str, bytes] = field(default_factory=dict, repr=False, compare=False)
    _sources: list[Callable[[], "Keyring"]] = field(default_factory=list, repr=False, compare=False)

    def __getitem__(self, name: str) -> bytes:
        return self.keys[name]

    def __repr__(self) -> str:
        return "Keyring(…)"

    def mac(self, name: str, *parts: str | bytes) -> bytes:
        """HMAC-SHA256 over length-prefixed parts, so that no two different lists collide. Under the newest key."""
        return _mac(self.every(name)[0], *parts)

    def macs(self, name: str, *parts: str | bytes) -> list[bytes]:
        """The same under every key that was ever used for this, the newest first: to find what was stored."""
        return [_mac(key, *parts) for key in self.every(name)]

    def every(self, name: str) -> tuple[bytes, ...]:
        """The key of this name and those before it, the newest first; a renewal is followed while running."""
        keys = self.newest() if name in _RENEWED else self
        return (keys.keys[name], *keys.earlier.get(name, ()))

    def which(self, name: str) -> bytes:
        """A mark by which this key is recognised and nothing is opened: what a backup says it needs."""
        return _mac(self.keys[name], "kizuki|which key")

    def look_again_with(self, source: Callable[[], "Keyring"]) -> None:
        """Where the keys can be read anew, so that a running service follows a rotation."""
        self._sources[:] = [source]

    def newest(self) -> "Keyring":
        """The keys as their file has them now; these when there is no file."""
        return self._sources[0]() if self._sources else self

    def wrap(self, kek: str, place: str, plain: bytes) -> bytes:
        """Seal a key with the newest wrapping key: safe to store."""
        return seal(self.newest()[kek], plain, place)

    def unwrap(self, kek: str, place: str, wrapped: bytes) -> bytes:
        """Open what `wrap` sealed, also in the middle of a rotation and in a service that runs through one."""
        try:
            return self._unwrap(kek, place, wrapped)
        except KeyMissing:  # perhaps the wrapping key was replaced since this service started
            return self.newest()._unwrap(kek, place, wrapped)

    def rewrap(self, kek: str, place: str, wrapped: bytes) -> bytes | None:
        """The same key under the newest wrapping key; None when it is under that one already."""
        try:
            open_sealed(self.keys[kek], wrapped, place)
        except KeyMissing:
            return seal(self.keys[kek], self._unwrap(kek, place, wrapped), place)
        return None

    def new_data_key(self, kek: str, owner: str) -> bytes:
        """A fresh data key for `owner`, wrapped by the named key."""
        return self.wrap(kek, f"{kek}|{owner}", secrets.token_bytes(32))

    def known_data_key(self, kek: str, owner: str) -> bytes | None:
        """The data key of `owner` if it was unwrapped before."""
        return self._data_keys.get(f"{kek}|{owner}")

    def data_key(self, kek: str, owner: str, wrapped: bytes) -> bytes:
        """The data key of `owner`, unwrapped once and kept in memory."""
        memo = f"{kek}|{owner}"
        if memo not in self._data_keys:
            self._data_keys[memo] = self.unwrap(kek, memo, wrapped)
        return self._data_keys[memo]

    def rewrap_data_key(self, kek: str, owner: str, wrapped: bytes) -> bytes | None:
        """`rewrap` for a data key."""
        return self.rewrap(kek, f"{kek}|{owner}", wrapped)

    def _unwrap(self, kek: str, place: str, wrapped: bytes) -> bytes:
        try:
            return open_sealed(self.keys[kek], wrapped, place)
        except KeyMissing:
            if kek not in self.former:
                raise
            return open_sealed(self.former[kek], wrapped, place)


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


def _mac(key: bytes, *parts: str | bytes) -> bytes:
    digest = hmac.new(key, digestmod=hashlib.sha256)
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(4, "big") + raw)
    return digest.digest()


def token_hash(token: str) -> str:
    """How a high-entropy bearer secret is stored."""
    return hashlib.sha256(token.encode()).hexdigest()
