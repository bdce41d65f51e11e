"""What one staff session has unlocked: private keys of schools, for the length of one request."""

from collections.abc import Callable, Mapping

from survey_api.kit import box
from survey_api.kit.problems import SchoolLocked


class Opened:
    """Key id → private key, fetched when the first box is to be opened. An empty one opens nothing."""

    def __init__(self, fetch: Callable[[], Mapping[str, bytes]] = dict) -> None:
        self._fetch = fetch
        self._keys: Mapping[str, bytes] | None = None

    def __repr__(self) -> str:
        return "Opened(…)"

    def key(self, key_id: str) -> bytes | None:
        """The private key of this id, when this session has unlocked it."""
        if self._keys is None:
            self._keys = self._fetch()
        return self._keys.get(key_id)

    def opens(self, blob: bytes) -> bool:
        return self.key(box.key_id_of(blob)) is not None

    def open(self, school_id: str, blob: bytes, place: str) -> bytes:
        """What is in a box. SchoolLocked (of this school) while its key is not unlocked here."""
        private = self.key(box.key_id_of(blob))
        if private is None:
            raise SchoolLocked(school_id=school_id)
        return box.unclose(private, blob, place)
