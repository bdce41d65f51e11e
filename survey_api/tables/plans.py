"""One support plan per case, and its rows. In clear only what the clocks need."""

from datetime import date, datetime

from sqlmodel import Field

from survey_api.tables.base import SurveyTable


class SupportPlan(SurveyTable, table=True):
    __tablename__ = "support_plans"

    id: str = Field(primary_key=True)
    case_id: str = Field(foreign_key="cases.id", unique=True)
    school_id: str = Field(foreign_key="schools.id", index=True)
    state: str
    consent: str
    decided_at: datetime | None
    version: int = 1
    sealed: bytes
    """The head of the plan: wishes and aims."""


class PlanRow(SurveyTable, table=True):
    __tablename__ = "plan_rows"

    id: str = Field(primary_key=True)
    plan_id: str = Field(foreign_key="support_plans.id", index=True)
    school_id: str = Field(foreign_key="schools.id", index=True)
    position: int
    state: str
    due_on: date | None
    review_on: date | None
    sealed: bytes
