"""A box that anybody can close and one private key can open: X25519, HKDF-SHA256, AES-256-GCM.

    format 3 | id of the key 8 | one-time public key 32 | nonce 12 | ciphertext

The key of a box is HKDF-SHA256 over the shared secret, salted with both public keys. The head and the place (which
row it belongs to) are associated data: a box moved to another row, or under another key's name, does not open. What
is inside begins with its length and is padded to whole steps: the length must not tell the name. Loading and writing
never need the private key.
"""

import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from survey_api.kit.problems import KeyMissing

FORMAT = b"\x03"
STEP = 512
"""What is inside is padded to a whole number of these bytes."""
_ID, _POINT, _NONCE = 8, 32, 12
_HEAD = 1 + _ID + _POINT + _NONCE
_INFO = b"kizuki|box|1"


def new_pair() -> tuple[bytes, bytes]:
    """(private, public), 32 bytes each."""
    private = X25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def key_id(public: bytes) -> str:
    """How a public key is named in a box and in the tables."""
    return hashlib.sha256(b"kizuki|key id|" + public).hexdigest()[: 2 * _ID]


def is_box(blob: bytes) -> bool:
    return blob[:1] == FORMAT


def key_id_of(blob: bytes) -> str:
    """Which key opens this box."""
    return blob[1 : 1 + _ID].hex()


def close(public: bytes, plain: bytes, place: str) -> bytes:
    """Seal to a public key and bind to a place."""
    once = X25519PrivateKey.generate()
    point = once.public_key().public_bytes_raw()
    shared = once.exchange(X25519PublicKey.from_public_bytes(public))
    head = FORMAT + bytes.fromhex(key_id(public)) + point + os.urandom(_NONCE)
    length = len(plain).to_bytes(4, "big")
    padded = (length + plain).ljust(STEP * ((len(plain) + 3) // STEP + 1), b"\0")
    sealed = AESGCM(_key(shared, point, public)).encrypt(head[-_NONCE:], padded, head + place.encode())
    return head + sealed


def unclose(private: bytes, blob: bytes, place: str) -> bytes:
    """Open a box; KeyMissing when the key or the place is another one, or the box was altered."""
    head, point = blob[:_HEAD], blob[1 + _ID : 1 + _ID + _POINT]
    try:
        mine = X25519PrivateKey.from_private_bytes(private)
        shared = mine.exchange(X25519PublicKey.from_public_bytes(point))
        key = _key(shared, point, mine.public_key().public_bytes_raw())
        padded = AESGCM(key).decrypt(head[-_NONCE:], blob[_HEAD:], head + place.encode())
    except (InvalidTag, ValueError) as broken:
        raise KeyMissing from broken
    return padded[4 : 4 + int.from_bytes(padded[:4], "big")]


def _key(shared: bytes, point: bytes, public: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=point + public, info=_INFO).derive(shared)
