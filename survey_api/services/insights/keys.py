"""The release keys, kept outside the database: one draws the rounding, one signs.

Only the release job holds them; pages need no more than `verifier`, the public half.
"""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from survey_api.kit.crypto import Keyring
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


def release_key(noise: bytes | None, signing: bytes | None) -> ReleaseKey:
    """Both keys from the key file. Refuses a missing, short, repeated or shared one."""
    if not noise or not signing:
        raise ReleaseRefused(
            "release-key-missing",
            "公表用の鍵がありません。鍵ファイルの写しを置いてから、もう一度公表してください。",
        )
    weak = any(len(secret) != KEY_BYTES or len(set(secret)) < KEY_BYTES // 4 for secret in (noise, signing))
    if weak or noise == signing:
        raise ReleaseRefused(
            "release-key-weak",
            "公表用の鍵の長さか中身が正しくありません。鍵ファイルの写しを置いてください。",
        )
    return ReleaseKey(noise=noise, signer=Ed25519PrivateKey.from_private_bytes(signing))


def release_keys(keys: Keyring) -> list[ReleaseKey]:
    """The key of today and those it replaced, the newest first: what an earlier one signed stays readable, and
    with its own key every release can be made again byte for byte."""
    if not {"rounding", "release"} <= keys.keys.keys():
        return [release_key(None, None)]
    pairs = zip(keys.every("rounding"), keys.every("release"), strict=True)
    return [release_key(noise, signing) for noise, signing in pairs]
