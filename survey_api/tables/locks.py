"""The lock of a school: its key pairs, the people and papers that can open it, and where it is open just now.

No private key of a school stands here but sealed to an unlocker, whose own private key is sealed under a passphrase
that is stored nowhere.
"""

from datetime import date, datetime

from sqlmodel import Field

from survey_api.tables.base import SurveyTable


class SchoolLock(SurveyTable, table=True):
    """One key pair of a school. While a school changes its key there are two."""

    __tablename__ = "school_locks"

    key_id: str = Field(primary_key=True)
    school_id: str = Field(foreign_key="schools.id", index=True)
    public: bytes
    canary: bytes
    """A known word sealed to this key: opening it proves that an unlocker still can."""
    state: str
    made_on: date
    complete_on: date | None = None
    """The day everything of the school was under this key and nothing was left that the server can read alone."""


class Unlocker(SurveyTable, table=True):
    """A member of staff with a passphrase, or a code on paper in an envelope (no member of staff)."""

    __tablename__ = "unlockers"

    id: str = Field(primary_key=True)
    school_id: str = Field(foreign_key="schools.id", index=True)
    staff_id: str | None = Field(default=None, foreign_key="staff.id", index=True)
    public: bytes
    salt: bytes
    memory_kib: int
    time_cost: int
    sealed_private: bytes
    """This unlocker's own private key, sealed under argon2id of the passphrase or code."""
    made_on: date
    opened_on: date | None = None
    failed_tries: int = 0
    wait_until: datetime | None = None


class UnlockerKey(SurveyTable, table=True):
    """A school's private key, sealed to one unlocker. Without this row an unlocker is waiting to be let in."""

    __tablename__ = "unlocker_keys"

    unlocker_id: str = Field(primary_key=True, foreign_key="unlockers.id", ondelete="CASCADE")
    key_id: str = Field(primary_key=True, foreign_key="school_locks.key_id", ondelete="CASCADE")
    sealed: bytes


class OpenLock(SurveyTable, table=True):
    """A school's private key while a session has it open, sealed with what stands only in that session's cookie."""

    __tablename__ = "open_locks"

    token_hash: str = Field(primary_key=True, foreign_key="staff_sessions.token_hash", ondelete="CASCADE")
    key_id: str = Field(primary_key=True, foreign_key="school_locks.key_id", ondelete="CASCADE")
    unlocker_id: str
    sealed: bytes
