"""Meetings about cases of the actor's own schools, opened."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from survey_api.access import sealing
from survey_api.access.scope import Scope
from survey_api.kit.crypto import Keyring
from survey_api.kit.problems import NotFound
from survey_api.services.conferences.rules import Minutes
from survey_api.tables.conferences import Conference
from survey_api.vocabulary import ConferenceKind, ConferenceState


@dataclass(frozen=True)
class OpenConference:
    """One meeting with its minutes."""

    id: str
    case_id: str
    school_id: str
    kind: ConferenceKind
    state: ConferenceState
    held_on: date
    version: int
    minutes: Minutes


def conference_by_id(
    db: Session, keys: Keyring, scope: Scope, case_id: str, conference_id: str
) -> OpenConference:
    """One meeting about one case; NotFound outside the actor's schools."""
    row = db.get(Conference, conference_id)
    if row is None or row.case_id != case_id or not scope.covers(row.school_id):
        raise NotFound
    return _opened(db, keys, row)


def of_case(db: Session, keys: Keyring, scope: Scope, case_id: str) -> list[OpenConference]:
    """Every meeting about a case, oldest first."""
    rows = db.exec(
        select(Conference)
        .where(Conference.case_id == case_id)
        .order_by(col(Conference.held_on), col(Conference.created_at))
    ).all()
    return [_opened(db, keys, row) for row in rows if scope.covers(row.school_id)]


def _opened(db: Session, keys: Keyring, row: Conference) -> OpenConference:
    content = sealing.open_for_school(db, keys, row.school_id, f"conference|{row.id}", row.sealed)
    return OpenConference(
        row.id,
        row.case_id,
        row.school_id,
        ConferenceKind(row.kind),
        ConferenceState(row.state),
        row.held_on,
        row.version,
        Minutes.from_dict(content),
    )
