"""気づきメモ: cards of the people who may leave one, and the memos. What was seen is sealed."""

from datetime import date, datetime

from sqlmodel import Field

from survey_api.tables.base import SurveyTable


class MemoCard(SurveyTable, table=True):
    """A card the city gave to a 民生委員・児童委員 or an office. The number is kept as a keyed hash only."""

    __tablename__ = "memo_cards"

    id: str = Field(primary_key=True)
    label: str
    """Whose card it is, as the city calls it, e.g. 民生委員 東地区 3: a post, not a person."""
    mac: str = Field(unique=True)
    active: bool
    made_at: datetime


class NoticeMemo(SurveyTable, table=True):
    __tablename__ = "notice_memos"

    id: str = Field(primary_key=True)
    card_id: str = Field(foreign_key="memo_cards.id")
    school_id: str | None = Field(default=None, foreign_key="schools.id", index=True)
    """None: the sender does not know the school; every counselor's inbox shows it."""
    urgent: bool
    state: str
    received_on: date
    received_at: datetime | None = None
    """When its clock began; none for those from before there was one."""
    level: str = "onsite"
    """Which role an urgent one waits for: the desk, the head, the duty."""
    receipt_mac: str = Field(unique=True)
    case_id: str | None = Field(default=None, foreign_key="cases.id")
    sealed: bytes
