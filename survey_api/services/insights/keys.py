"""The release key: one secret outside the database, split into a noise key and a signing key.

Only the release job holds it. Pages need no more than `verifier`, the public half.
"""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from survey_api.services.insights.limits import KEY_BYTES
from survey_api.services.insights.refusal import ReleaseRefused


@dataclass(frozen=True, slots=True)
class ReleaseKey:
    """`noise` draws the rounding, `signer` signs the bundle; neither is ever printed."""

    noise: bytes = field(repr=False)
    signer: Ed25519PrivateKey = field(repr=False)

    @property
    def verifier(self) -> bytes:
        """The 32 public bytes that check a bundle's signature."""
        return self.signer.public_key().public_bytes_raw()


def release_key(secret: bytes | None) -> ReleaseKey:
    """Derive both keys from the secret. Refuses a missing, short or obviously empty one."""
    if not secret:
        raise ReleaseRefused(
            "release-key-missing",
            "公表用の鍵がありません。鍵のファイルを用意してから、もう一度公表してください。",
        )
    if len(secret) < KEY_BYTES or len(set(secret)) < KEY_BYTES // 4:
        raise ReleaseRefused(
            "release-key-weak",
            f"公表用の鍵が短すぎるか、単純すぎます。{KEY_BYTES}バイト以上の乱数で作り直してください。",
        )
    return ReleaseKey(
        noise=_derive(secret, b"kizuki release noise"),
        signer=Ed25519PrivateKey.from_private_bytes(_derive(secret, b"kizuki release signature")),
    )


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret)
