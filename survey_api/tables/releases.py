"""What left: protected bundles, append-only; and what waits for the second person."""

from datetime import datetime

from sqlmodel import Field

from survey_api.tables.base import SurveyTable


class Release(SurveyTable, table=True):
    __tablename__ = "releases"

    id: str = Field(primary_key=True)
    wave_id: str = Field(foreign_key="waves.id", unique=True)
    made_at: datetime
    made_by: str
    bundle: bytes
    """Signed canonical JSON; pages read this and nothing else."""


class PreparedRelease(SurveyTable, table=True):
    """A release on its way: asked for by one person, made by the job, let go or sent back by another."""

    __tablename__ = "prepared_releases"

    wave_id: str = Field(primary_key=True, foreign_key="waves.id")
    asked_at: datetime
    asked_by: str
    state: str
    done: int
    """Percent of the job that is done."""
    ready_at: datetime | None
    sentence: str
    """Why the job refused, for the person who asked."""
    bundle: bytes | None
    """The signed bytes as they will be kept; shown to nobody before somebody else has released them."""


class DataExport(SurveyTable, table=True):
    """A file of released numbers that somebody took, for what and for whom; append-only."""

    __tablename__ = "data_exports"

    id: str = Field(primary_key=True)
    made_at: datetime
    made_by: str
    format: str
    waves: int
    purpose: str
    recipient: str
    sha256: str


class LabFile(SurveyTable, table=True):
    """Answers without names for the lab: asked for by one person, let go by another, taken once."""

    __tablename__ = "lab_files"

    id: str = Field(primary_key=True)
    wave_id: str = Field(foreign_key="waves.id")
    purpose: str
    recipient: str
    recipient_key: str = ""
    """The lab's public key, which the file is sealed to; empty in wishes from before there was one."""
    asked_by: str
    asked_at: datetime
    state: str
    decided_by: str | None = None
    decided_at: datetime | None = None
    taken_at: datetime | None = None
    sha256: str = ""
    """Of the file that left."""
