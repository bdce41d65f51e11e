"""A meeting about one case: prepared behind its gate, written, fixed, and told on the case's timeline."""

from dataclasses import dataclass
from datetime import date

from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.access.scope import Scope
from survey_api.kit.work import Work
from survey_api.services.agencies import queries as agencies_queries
from survey_api.services.conferences import actions as conferences_actions
from survey_api.services.conferences import queries as conferences_queries
from survey_api.services.conferences.queries import OpenConference
from survey_api.services.conferences.rules import KINDS, Minutes
from survey_api.services.review import actions as review_actions
from survey_api.services.review import queries as review_queries
from survey_api.services.review.queries import CaseView
from survey_api.vocabulary import ConferenceKind


@dataclass(frozen=True)
class CaseMeetings:
    """A case with its meetings, oldest first, and the agencies that may be invited."""

    case: CaseView
    meetings: tuple[OpenConference, ...]
    agencies: tuple[str, ...]


def meetings_of(work: Work, case_id: str) -> CaseMeetings:
    """Everything about a case's meetings; leaves a line that somebody read the case."""
    scope = _scope(work)
    review_actions.note_view(work, review_queries.case_by_id(work.db, scope, case_id))
    found = conferences_queries.of_case(work.db, work.keys, scope, case_id)
    names = tuple(agency.name for agency in agencies_queries.directory(work.db))
    return CaseMeetings(review_queries.view_of(work.db, scope, case_id), tuple(found), names)


def prepare_conference(
    work: Work, case_id: str, kind: ConferenceKind, held_on: date, minutes: Minutes
) -> str:
    """Prepare a meeting; returns its id. BadInput when the gate of its kind is closed."""
    scope = _scope(work)
    case = review_queries.case_by_id(work.db, scope, case_id)
    return conferences_actions.prepare(
        work, case_id=case.id, school_id=case.school_id, kind=kind, held_on=held_on, minutes=minutes
    )


def write_minutes(
    work: Work, case_id: str, conference_id: str, version: int, held_on: date, minutes: Minutes
) -> None:
    """Keep the minutes as they are so far."""
    conference = conferences_queries.conference_by_id(
        work.db, work.keys, _scope(work), case_id, conference_id
    )
    conferences_actions.write(work, conference, version, held_on, minutes)


def fix_minutes(
    work: Work, case_id: str, conference_id: str, version: int, held_on: date, minutes: Minutes
) -> None:
    """Fix the minutes and tell the case. BadInput with everything that is missing."""
    scope = _scope(work)
    conference = conferences_queries.conference_by_id(work.db, work.keys, scope, case_id, conference_id)
    conferences_actions.fix(work, conference, version, held_on, minutes)
    case = review_queries.case_by_id(work.db, scope, case_id)
    agencies = "、".join(dict.fromkeys(row["agency"] for row in minutes.rows["members"] if row["agency"]))
    said = f"{KINDS[conference.kind].words}({held_on.month}月{held_on.day}日): {agencies}"
    details = {"conference_id": conference_id, "words": f"{said}\n{minutes.text('policy')}".strip()}
    review_actions.tell(work, case, case.version, "conference", details)


def _scope(work: Work) -> Scope:
    require(work.actor, Permission.HAND_OVER)
    return Scope.of(work.actor, Permission.HAND_OVER)
