"""What left: protected bundles, append-only."""

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
