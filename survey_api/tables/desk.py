"""The counselor's desk around the cases: the city's clocks, who is on site, hops, holds, drafts, reveals, checks."""

from datetime import date, datetime

from sqlmodel import Field

from survey_api.tables.base import SurveyTable


class CityRules(SurveyTable, table=True):
    """The clocks as a city has set them. The newest row counts; older ones stay to be read."""

    __tablename__ = "city_rules"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    set_at: datetime
    set_by: str
    content: str
    """JSON as review.clocks.rules writes it."""


class SchoolClosure(SurveyTable, table=True):
    """Days without school beyond weekends and public holidays, e.g. the winter holidays."""

    __tablename__ = "school_closures"

    id: str = Field(primary_key=True)
    school_id: str = Field(foreign_key="schools.id", index=True)
    first_on: date
    last_on: date
    words: str


class OnSite(SurveyTable, table=True):
    """Who is at which school on which half-day of the week."""

    __tablename__ = "on_site"

    school_id: str = Field(foreign_key="schools.id", primary_key=True)
    weekday: int = Field(primary_key=True)
    """0 Monday … 4 Friday."""
    half: str = Field(primary_key=True)
    staff_id: str = Field(foreign_key="staff.id", primary_key=True)
    talks_as: str = "counselor"
    """As whom pupils know this person: nurse, counselor or other_staff."""


class Escalation(SurveyTable, table=True):
    """One hop of a case, of an urgent memo, or of a whole unattended queue, to the next role."""

    __tablename__ = "escalations"

    id: str = Field(primary_key=True)
    key: str = Field(unique=True)
    """What was late, since when, to whom: the same hop is never made twice."""
    school_id: str | None = Field(default=None, foreign_key="schools.id", index=True)
    """None: a memo of which nobody knows the school."""
    case_id: str | None = Field(default=None, foreign_key="cases.id", index=True)
    """None: a memo, or the whole queue of the school."""
    memo_id: str | None = None
    level: str
    cause: str
    at: datetime
    taken_by: str | None = None
    taken_at: datetime | None = None


class CaseLease(SurveyTable, table=True):
    """Who has a case in hand just now, and until when."""

    __tablename__ = "case_leases"

    case_id: str = Field(foreign_key="cases.id", primary_key=True)
    staff_id: str = Field(foreign_key="staff.id")
    until: datetime


class NoteDraft(SurveyTable, table=True):
    """Words typed into a form of a case and not yet sent, so that a lock or a lost line loses nothing."""

    __tablename__ = "note_drafts"

    case_id: str = Field(foreign_key="cases.id", primary_key=True)
    staff_id: str = Field(foreign_key="staff.id", primary_key=True)
    saved_at: datetime
    sealed: bytes


class SavedFilter(SurveyTable, table=True):
    """A view of the queue that one member of staff keeps. Codes of filters only, no words about a child."""

    __tablename__ = "saved_filters"

    id: str = Field(primary_key=True)
    staff_id: str = Field(foreign_key="staff.id", index=True)
    name: str
    query: str


class QueueVisit(SurveyTable, table=True):
    """When somebody last looked at a school's queue: a queue nobody looks at is an alarm."""

    __tablename__ = "queue_visits"

    school_id: str = Field(foreign_key="schools.id", primary_key=True)
    staff_id: str = Field(foreign_key="staff.id", primary_key=True)
    seen_at: datetime


class NameReveal(SurveyTable, table=True):
    """A name was opened: by whom, for how long, and whether somebody still has to look at why."""

    __tablename__ = "name_reveals"

    id: str = Field(primary_key=True)
    case_id: str = Field(foreign_key="cases.id", index=True)
    school_id: str = Field(foreign_key="schools.id", index=True)
    staff_id: str = Field(foreign_key="staff.id")
    at: datetime
    until: datetime
    review_by: date | None = None
    """Set when the name was opened without a reason, for safety: who leads looks at it by this school day."""
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None


class CheckDraw(SurveyTable, table=True):
    """A random sample of unflagged sheets of one school in one wave, and how to draw it again."""

    __tablename__ = "check_draws"

    id: str = Field(primary_key=True)
    wave_id: str = Field(foreign_key="waves.id", index=True)
    school_id: str = Field(foreign_key="schools.id", index=True)
    seed: str
    population: int
    size: int
    drawn_by: str
    drawn_at: datetime


class CheckItem(SurveyTable, table=True):
    """One sheet of a sample: read and labelled by a person before the machine's view is opened."""

    __tablename__ = "check_items"

    id: str = Field(primary_key=True)
    draw_id: str = Field(foreign_key="check_draws.id", index=True)
    result_id: str = Field(foreign_key="results.id", unique=True)
    school_id: str = Field(foreign_key="schools.id", index=True)
    position: int
    propensity: float
    """How likely this sheet was to be drawn: size ÷ population of its draw."""
    label: str | None = None
    labelled_by: str | None = None
    labelled_at: datetime | None = None
    case_id: str | None = Field(default=None, foreign_key="cases.id")
