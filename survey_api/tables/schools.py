"""Schools, and pupils as pseudonyms. Names are in the vault."""

from datetime import date

from sqlmodel import Field

from survey_api.tables.base import SurveyTable


class School(SurveyTable, table=True):
    __tablename__ = "schools"

    id: str = Field(primary_key=True)
    code: str = Field(unique=True)
    name: str
    first_grade: int
    last_grade: int
    position: int
    """The fixed order in which schools are always shown: never by a value."""
    wrapped_key: bytes
    """This school's data key, wrapped by a key that is not in the database."""


class Student(SurveyTable, table=True):
    __tablename__ = "students"
    __table_args__ = ({"sqlite_with_rowid": False},)  # the row order must not tell who came first

    pseudonym: str = Field(primary_key=True)
    school_id: str = Field(foreign_key="schools.id", index=True)
    grade: int
    class_name: str
    sign: str
    """What staff see instead of a name, e.g. 青-217; unique in a school."""
    active: bool = True
    left_on: date | None = None
    """The day the roster no longer had this pupil: what is kept afterwards is counted from here."""
    erased_on: date | None = None
    """The day name and answers went; what was written about the pupil's cases may stay longer."""
    sealed_sex: bytes | None = None
    """Girl, boy or other as one sealed letter; None when the roster holds none. For the city's tables only."""
    opted_out_on: date | None = None
    """A guardian does not want this pupil asked; tickets lead to the quiet page."""
