"""What the answers meant: written once, never changed."""

from sqlmodel import Field

from survey_api.tables.base import SurveyTable


class Result(SurveyTable, table=True):
    __tablename__ = "results"
    __table_args__ = ({"sqlite_with_rowid": False},)

    id: str = Field(primary_key=True)
    submission_id: str = Field(foreign_key="submissions.id", index=True)
    wave_id: str = Field(foreign_key="waves.id", index=True)
    school_id: str = Field(foreign_key="schools.id", index=True)
    pseudonym: str = Field(foreign_key="students.pseudonym", index=True)
    bank_sha256: str
    urgency: str | None
    digest: str
    """Keyed digest of the assessment's bytes: recomputing must give the same."""
    sealed: bytes
    """The assessment and the previous summary it used, sealed with the child's key of this wave."""
