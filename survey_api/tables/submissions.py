"""What a child gave: one draft while answering, one sealed submission at the end. No time finer than a day."""

from datetime import date

from sqlmodel import Field

from survey_api.tables.base import SurveyTable


class Draft(SurveyTable, table=True):
    __tablename__ = "drafts"
    __table_args__ = ({"sqlite_with_rowid": False},)

    ticket_id: str = Field(primary_key=True, foreign_key="tickets.id")
    sealed: bytes
    day: date


class AnswerKey(SurveyTable, table=True):
    """The key of one child's answers in one wave, wrapped by the school's: without this row they are noise."""

    __tablename__ = "answer_keys"
    __table_args__ = ({"sqlite_with_rowid": False},)

    pseudonym: str = Field(primary_key=True)
    wave_id: str = Field(primary_key=True, index=True)
    school_id: str
    wrapped_key: bytes


class LateSheet(SurveyTable, table=True):
    """A finished sheet that came after its wave, or after its pupil had left the roster: unread, until a person of the
    school has decided."""

    __tablename__ = "late_sheets"
    __table_args__ = ({"sqlite_with_rowid": False},)

    id: str = Field(primary_key=True)
    ticket_id: str = Field(unique=True, foreign_key="tickets.id")
    wave_id: str = Field(foreign_key="waves.id")
    school_id: str = Field(foreign_key="schools.id", index=True)
    pseudonym: str = Field(foreign_key="students.pseudonym", index=True)
    sealed: bytes | None
    """Answers and seconds, sealed with this child's key of this wave; nothing once they are erased or moved."""
    day: date
    state: str


class Submission(SurveyTable, table=True):
    __tablename__ = "submissions"
    __table_args__ = ({"sqlite_with_rowid": False},)

    id: str = Field(primary_key=True)
    ticket_id: str = Field(unique=True, foreign_key="tickets.id")
    client_id: str
    receipt: str
    """Keyed digest of the content: the same content again is the same success."""
    wave_id: str = Field(foreign_key="waves.id", index=True)
    school_id: str = Field(foreign_key="schools.id", index=True)
    pseudonym: str = Field(foreign_key="students.pseudonym", index=True)
    bank_sha256: str
    state: str
    sealed: bytes | None
    """Answers and seconds, sealed with this child's key of this wave; nothing when the child declined."""
    day: date
