"""Sealed on a tablet, opened here only: ephemeral ECDH on P-256, HKDF-SHA256, AES-256-GCM.

A blob is: format byte 1, key id (16 bytes), the tablet's ephemeral public key (65 bytes, uncompressed),
nonce (12 bytes), ciphertext with its tag. Everything before the nonce is bound as associated data. The tablet
keeps no private key, so what it has sealed it cannot read again. Source: SEC 1 (ECIES), RFC 5869, NIST SP 800-38D.
"""

import base64
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from survey_api.kit.crypto import Keyring, open_sealed, seal
from survey_api.kit.problems import KeyMissing, SealBroken

FORMAT = b"\x01"
_KEY_ID, _POINT, _NONCE = 16, 65, 12
_HEAD = 1 + _KEY_ID + _POINT
_INFO = b"kizuki tablet 1"
_CURVE = ec.SECP256R1()
_GO = "go"


@dataclass(frozen=True)
class KeyPair:
    """A fresh key pair; the private half leaves this module sealed only."""

    id: str
    public: bytes
    sealed_private: bytes


def new_key_pair(keys: Keyring) -> KeyPair:
    key_id = secrets.token_hex(_KEY_ID)
    private = ec.generate_private_key(_CURVE)
    scalar = private.private_numbers().private_value.to_bytes(32, "big")
    return KeyPair(key_id, _point(private.public_key()), keys.wrap("survey_kek", _place(key_id), scalar))


def rewrapped(keys: Keyring, key_id: str, sealed_private: bytes) -> bytes | None:
    """The private key under the newest wrapping key; None when it is already."""
    return keys.rewrap("survey_kek", _place(key_id), sealed_private)


def key_id_of(blob: bytes) -> str:
    """Which key a blob was sealed to. SealBroken when it is no blob at all."""
    if len(blob) < _HEAD + _NONCE + 16 or blob[:1] != FORMAT:
        raise SealBroken
    return blob[1 : 1 + _KEY_ID].hex()


def open_blob(keys: Keyring, pair: KeyPair, blob: bytes) -> bytes:
    """Sealed bytes of a tablet → what it sealed. SealBroken when anything in it was changed."""
    scalar = keys.unwrap("survey_kek", _place(pair.id), pair.sealed_private)
    private = ec.derive_private_key(int.from_bytes(scalar, "big"), _CURVE)
    head, nonce = blob[:_HEAD], blob[_HEAD : _HEAD + _NONCE]
    ephemeral = head[1 + _KEY_ID :]
    try:
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, ephemeral)
        shared = private.exchange(ec.ECDH(), theirs)
        key = HKDF(SHA256(), 32, salt=ephemeral + pair.public, info=_INFO).derive(shared)
        return AESGCM(key).decrypt(nonce, blob[_HEAD + _NONCE :], head)
    except (InvalidTag, ValueError) as broken:
        raise SealBroken from broken


def go_token(keys: Keyring, ticket_id: str) -> str:
    """What a tablet puts inside its seal to say whose answers these are: opaque, good for handing in only."""
    return base64.urlsafe_b64encode(seal(keys["cookies"], ticket_id.encode(), _GO)).decode()


def ticket_of_go(keys: Keyring, token: object) -> str:
    """The ticket id behind a go token. SealBroken when it is not one of ours."""
    try:
        return open_sealed(keys["cookies"], base64.urlsafe_b64decode(str(token)), _GO).decode()
    except (KeyMissing, ValueError) as broken:
        raise SealBroken from broken


def go_mark(keys: Keyring, ticket_id: str) -> str:
    """Tells one go from another on the same tablet, and nothing else: what a page and a tablet compare."""
    return keys.mac("cookies", "mark", ticket_id).hex()[:16]


def _place(key_id: str) -> str:
    return f"wave-key|{key_id}"


def _point(public: ec.EllipticCurvePublicKey) -> bytes:
    return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
