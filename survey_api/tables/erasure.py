"""Proof of what was erased, and what may not be erased for now. No name, no answer, no pseudonym of the erased."""

from datetime import date, datetime

from sqlmodel import Field

from survey_api.tables.base import SurveyTable


class Certificate(SurveyTable, table=True):
    """One erasure: on whose wish or by which rule, and how many things of which kind went."""

    __tablename__ = "certificates"
    __table_args__ = ({"sqlite_with_rowid": False},)

    id: str = Field(primary_key=True)
    kind: str
    """Withdrawal by the child or a guardian, or the name of a retention rule."""
    subject: str = Field(index=True)
    """Keyed hash of the pseudonym: the same child is recognised, nobody can be looked up."""
    sign: str
    """What staff call the pupil, for the paper that is handed out; empty for what concerns no single pupil."""
    school_id: str | None = None
    wave_id: str | None = None
    asked_on: date
    done_on: date
    counts: str
    """Kind of thing → how many, canonical JSON."""


class Hold(SurveyTable, table=True):
    """Nothing of this pupil, wave or school may be erased by a rule until somebody else lifts it."""

    __tablename__ = "holds"

    id: str = Field(primary_key=True)
    kind: str
    subject_id: str
    school_id: str | None
    placed_by: str
    placed_at: datetime
    sealed_reason: bytes
    lifted_by: str | None = None
    lifted_at: datetime | None = None
