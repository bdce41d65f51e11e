"""The trail. No foreign keys: it outlives what it speaks of."""

from datetime import datetime

from sqlmodel import Field

from survey_api.tables.base import SurveyTable


class AuditEntry(SurveyTable, table=True):
    __tablename__ = "audit_entries"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime
    actor_kind: str
    actor_id: str
    kind: str
    subject_kind: str
    subject_id: str = Field(index=True)
    facts: str
    """Canonical JSON; only facts on the allow-list of the kind, never an answer, never a name."""
    previous_hash: str
    hash: str
