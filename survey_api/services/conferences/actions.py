"""Prepare a meeting, write its minutes, fix them."""

from datetime import date

from sqlmodel import col, update

from survey_api.access import sealing
from survey_api.audit import trail
from survey_api.kit.ids import new_id
from survey_api.kit.problems import IllegalMove, StaleForm
from survey_api.kit.work import Work
from survey_api.services.conferences.queries import OpenConference
from survey_api.services.conferences.rules import Minutes, require_fixed, require_open, tidy
from survey_api.tables.conferences import Conference
from survey_api.vocabulary import AuditKind, ConferenceKind, ConferenceState


def prepare(
    work: Work, *, case_id: str, school_id: str, kind: ConferenceKind, held_on: date, minutes: Minutes
) -> str:
    """A meeting on a day; returns its id. BadInput when the gate of its kind is closed."""
    kept = tidy(minutes)
    require_open(kind, kept)
    conference_id = new_id()
    work.db.add(
        Conference(
            id=conference_id,
            case_id=case_id,
            school_id=school_id,
            kind=kind,
            state=ConferenceState.PLANNED,
            held_on=held_on,
            created_at=work.now,
            sealed=_sealed(work, school_id, conference_id, kept),
        )
    )
    work.db.flush()
    trail.record(
        work, AuditKind.CONFERENCE_OPENED, "conference", conference_id, case_id=case_id, about=str(kind)
    )
    return conference_id


def write(work: Work, conference: OpenConference, version: int, held_on: date, minutes: Minutes) -> None:
    """Keep the minutes as they are so far."""
    kept = tidy(minutes)
    require_open(conference.kind, kept)
    _change(work, conference, version, held_on, kept, ConferenceState.PLANNED)
    trail.record(work, AuditKind.CONFERENCE_SAVED, "conference", conference.id, case_id=conference.case_id)


def fix(work: Work, conference: OpenConference, version: int, held_on: date, minutes: Minutes) -> None:
    """The minutes are complete and do not change any more. BadInput with everything that is missing."""
    kept = tidy(minutes)
    require_fixed(conference.kind, kept)
    _change(work, conference, version, held_on, kept, ConferenceState.HELD)
    trail.record(
        work,
        AuditKind.CONFERENCE_HELD,
        "conference",
        conference.id,
        case_id=conference.case_id,
        about=str(conference.kind),
    )


def _change(
    work: Work,
    conference: OpenConference,
    version: int,
    held_on: date,
    minutes: Minutes,
    state: ConferenceState,
) -> None:
    if conference.state is ConferenceState.HELD:
        raise IllegalMove("確定した記録は変えられません。直すことがあれば、次の会議の記録に書いてください。")
    changed = work.db.connection().execute(
        update(Conference)
        .where(col(Conference.id) == conference.id, col(Conference.version) == version)
        .values(
            version=version + 1,
            held_on=held_on,
            state=state,
            sealed=_sealed(work, conference.school_id, conference.id, minutes),
        )
    )
    if changed.rowcount != 1:
        raise StaleForm


def _sealed(work: Work, school_id: str, conference_id: str, minutes: Minutes) -> bytes:
    return sealing.seal_for_school(
        work.db, work.keys, school_id, f"conference|{conference_id}", minutes.as_dict()
    )
