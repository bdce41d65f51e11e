"""Cases as a counselor may see them: own schools only, no names."""

from sqlmodel import Session

from survey_api.access.scope import Scope
from survey_api.kit.problems import NotFound
from survey_api.tables.cases import Case


def case_by_id(db: Session, scope: Scope, case_id: str) -> Case:
    """One case of the actor's schools; NotFound for any other."""
    case = db.get(Case, case_id)
    if case is None or not scope.covers(case.school_id):
        raise NotFound
    return case
