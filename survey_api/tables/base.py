"""The survey registry: one MetaData for every table of the survey database, and no names in any of them."""

from typing import ClassVar

from sqlalchemy import MetaData
from sqlmodel import SQLModel

from survey_api.kit.db import new_metadata


class SurveyTable(SQLModel):
    """Parent of every table in the survey database."""

    metadata: ClassVar[MetaData] = new_metadata()
