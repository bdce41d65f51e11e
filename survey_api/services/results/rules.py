"""Same key version and same sheet give the same result, byte for byte."""

from survey_api.kit.crypto import Keyring


def digest_of(keys: Keyring, submission_id: str, assessment_bytes: bytes) -> str:
    """Keyed digest of an assessment's canonical bytes, bound to its submission."""
    return keys.mac("receipts", "result", submission_id, assessment_bytes).hex()
