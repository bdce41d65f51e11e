"""The key file: made once, read at start, in clear or sealed under a passphrase, never in a database.

In clear it is JSON, name → base64 of 32 bytes. Sealed it is JSON with the argon2id parameters, a salt and one
AES-256-GCM blob. While keys are being rotated the file also holds the former wrapping keys; for good it holds,
under "earlier", what recognises things made before a key was renewed.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from argon2.low_level import Type, hash_secret_raw

from survey_api.kit.crypto import KEY_NAMES, WRAPPING, Keyring, open_sealed, seal
from survey_api.kit.problems import KeyMissing

LATER = ("checkpoints",)
"""Keys that a file made by an earlier version does not have: they are derived there, the same every time."""

FORMER = "former_"
"""In the file, before the name of a wrapping key that is being replaced."""

EARLIER = "earlier"
"""In the file: name → what recognises things made with the keys before, the newest first."""

_KDF = {"memory_kib": 64 * 1024, "time_cost": 3, "lanes": 4}
_PLACE = "kizuki|key file"


def create_key_file(path: Path, passphrase: str = "") -> Keyring:
    """Write a new key file, readable by its owner only. Refuses to overwrite one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys = Keyring({name: secrets.token_bytes(32) for name in KEY_NAMES})
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text_of(keys, passphrase))
    return read_key_file(path, passphrase)


def replace_key_file(path: Path, keys: Keyring, passphrase: str = "") -> None:
    """Put another content in its place: the old one stays whole until the new one is on the disk."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text_of(keys, passphrase))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def read_key_file(path: Path, passphrase: str = "") -> Keyring:
    """Read the key file; KeyMissing with the file's name when it is absent, damaged or sealed otherwise."""
    try:
        stamp = _stamp(path)
        text = path.read_text()
    except (OSError, ValueError) as broken:
        raise KeyMissing(f"鍵ファイル {path} が読めません。保管してある写しを置いてください。") from broken
    keys = read_keys(text, passphrase, f"鍵ファイル {path}")
    keys.look_again_with(_followed(path, passphrase, stamp, keys))
    return keys


def _followed(path: Path, passphrase: str, stamp: tuple[int, ...], keys: Keyring) -> Callable[[], Keyring]:
    """The keys as the file has them now, read again only when the file was replaced."""
    seen = [(stamp, keys)]

    def now() -> Keyring:
        try:
            fresh = _stamp(path)
        except OSError:  # the file is being moved: what was read stays good
            return seen[0][1]
        if fresh != seen[0][0]:
            seen[0] = (fresh, read_keys(path.read_text(), passphrase, f"鍵ファイル {path}"))
        return seen[0][1]

    return now


def _stamp(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size


def read_keys(text: str, passphrase: str, where: str) -> Keyring:
    """The keys from the content of a key file. `where` names it in the refusal."""
    try:
        raw = json.loads(text)
        if "sealed" in raw:
            raw = _unsealed(raw, passphrase, where)
        keys = {name: _key(raw[name]) for name in KEY_NAMES if name not in LATER}
        for name in LATER:
            keys[name] = _key(raw[name]) if name in raw else _derived(keys, name)
        former = {name: _key(raw[FORMER + name]) for name in WRAPPING if FORMER + name in raw}
        earlier = {name: tuple(map(_key, found)) for name, found in raw.get(EARLIER, {}).items()}
    except (ValueError, KeyError, TypeError, AttributeError) as broken:
        raise KeyMissing(f"{where} が読めません。保管してある写しを置いてください。") from broken
    if any(len(key) != 32 for key in (*keys.values(), *former.values())):
        raise KeyMissing(f"{where} の鍵の長さが正しくありません。")
    return Keyring(keys, former, earlier)


def text_of(keys: Keyring, passphrase: str = "") -> str:
    """What stands in a key file: in clear without a passphrase, sealed with one."""
    named = {**keys.keys, **{FORMER + name: key for name, key in keys.former.items()}}
    told: dict[str, Any] = {name: _text(key) for name, key in named.items()}
    if keys.earlier:
        told[EARLIER] = {name: [_text(key) for key in found] for name, found in keys.earlier.items()}
    plain = json.dumps(told, indent=1)
    if not passphrase:
        return plain
    salt = secrets.token_bytes(16)
    sealed = seal(_stretched(passphrase, salt, _KDF), plain.encode(), _PLACE)
    head = {"kdf": "argon2id", **_KDF, "salt": _text(salt)}
    return json.dumps({**head, "sealed": _text(sealed)}, indent=1)


def _unsealed(raw: Mapping[str, Any], passphrase: str, where: str) -> dict[str, Any]:
    if not passphrase:
        raise KeyMissing(
            f"{where} は合言葉で封をしてあります。KIZUKI_KEY_PASSPHRASE に合言葉を入れてください。"
        )
    key = _stretched(passphrase, base64.b64decode(raw["salt"]), raw)
    try:
        opened: dict[str, Any] = json.loads(open_sealed(key, base64.b64decode(raw["sealed"]), _PLACE))
    except KeyMissing as wrong:
        raise KeyMissing(f"{where} の合言葉がちがうか、ファイルが壊れています。") from wrong
    return opened


def _stretched(passphrase: str, salt: bytes, cost: Mapping[str, Any]) -> bytes:
    return hash_secret_raw(
        passphrase.encode(),
        salt,
        time_cost=int(cost["time_cost"]),
        memory_cost=int(cost["memory_kib"]),
        parallelism=int(cost["lanes"]),
        hash_len=32,
        type=Type.ID,
    )


def _key(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _derived(keys: Mapping[str, bytes], name: str) -> bytes:
    return hmac.new(keys["release"], f"kizuki|{name}".encode(), hashlib.sha256).digest()
