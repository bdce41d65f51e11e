"""What a roster may say about a pupil besides the name: sealed beside the pseudonym, opened in memory only.

Sex makes "girl, grade 3" a name in a class of five, so it never stands in the clear. It is sealed with the
school's own data key, not with the vault's: the release job has to count girls and boys where nobody is at hand
to unlock a name, and a counselor who opens a name has no use for it.
"""

from sqlmodel import Session

from survey_api.access import sealing
from survey_api.kit.crypto import Keyring
from survey_api.tables.schools import Student
from survey_api.vocabulary import Sex


def seal_sex(db: Session, keys: Keyring, student: Student, sex: Sex) -> bytes:
    """One letter, so that every sealed one is equally long."""
    return sealing.seal_for_school(db, keys, student.school_id, _place(student), str(sex))


def open_sex(db: Session, keys: Keyring, student: Student) -> Sex | None:
    """None when no roster ever said it of this pupil."""
    if student.sealed_sex is None:
        return None
    return Sex(sealing.open_for_school(db, keys, student.school_id, _place(student), student.sealed_sex))


def _place(student: Student) -> str:
    return f"sex|{student.pseudonym}"
