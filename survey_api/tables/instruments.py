"""Published question banks, frozen."""

from datetime import datetime

from sqlmodel import Field

from survey_api.tables.base import SurveyTable


class BankVersion(SurveyTable, table=True):
    __tablename__ = "bank_versions"

    sha256: str = Field(primary_key=True)
    bank: str = Field(index=True)
    version: int
    content: str
    """The whole bank as canonical JSON: enough to ask and score it again for ever."""
    phrases: str = "{}"
    """Where the lines of its Japanese sentences may break (JSON); no part of what is hashed."""
    published_at: datetime
