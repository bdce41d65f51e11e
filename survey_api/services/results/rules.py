"""Same key version and same sheet give the same result, byte for byte."""

from collections.abc import Mapping
from typing import Any

from survey_api.kit.crypto import Keyring

ERASED_DIGEST = "erased"
"""Instead of a digest: the answers were taken back or their time was over."""

NOTHING: Mapping[str, Any] = {
    "reasons": [],
    "flags": [],
    "subscales": [],
    "unevaluable": [],
    "quality": {"signs": [], "refused": 0, "left": 0},
}
"""The assessment of what was erased: nothing can be read from it."""


def digest_of(keys: Keyring, submission_id: str, assessment_bytes: bytes) -> str:
    """Keyed digest of an assessment's canonical bytes, bound to its submission."""
    return keys.mac("receipts", "result", submission_id, assessment_bytes).hex()
