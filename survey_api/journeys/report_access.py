"""Who has seen what is known of one child, when and why; and how much each person opened in a month.

Read from the trail, which holds no answer and no name; the words of a free reason are opened for who leads the
school. Making the report is a line of the trail itself, and stands in the next one.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from survey_api.access import queries as access_queries
from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.access.scope import Scope
from survey_api.audit import queries as audit_queries
from survey_api.audit import trail
from survey_api.kit.clock import SCHOOL_ZONE
from survey_api.kit.work import Work
from survey_api.services.review import queries as review_queries
from survey_api.services.review.queries import CaseView
from survey_api.tables.audit import AuditEntry
from survey_api.vocabulary import AuditKind

FIRST = datetime(2020, 1, 1, tzinfo=SCHOOL_ZONE)
"""Before the first line of any trail."""


@dataclass(frozen=True)
class Line:
    """One thing somebody did: when, who, which kind, why (a code, and words where there were some)."""

    at: datetime
    who: str
    kind: AuditKind
    reason: str = ""
    words: str = ""


@dataclass(frozen=True)
class AccessReport:
    """Everything that was opened or done about one child at the schools in reach."""

    case: CaseView
    cases: int
    lines: tuple[Line, ...]


def report_access(work: Work, case_id: str) -> AccessReport:
    """The report about the child of this case. NotFound outside the actor's schools."""
    require(work.actor, Permission.LEAD_CASES)
    scope = Scope.of(work.actor, Permission.LEAD_CASES)
    case = review_queries.view_of(work.db, scope, case_id)
    cases = [case, *review_queries.other_cases(work.db, scope, case)]
    ids = [one.id for one in cases]
    found = [
        *audit_queries.entries_of(work.db, [*ids, case.pseudonym], ids),
        *(line for line in _printed(work) if _of_class(line, case)),
    ]
    names = {staff.id: staff.name for staff in access_queries.all_staff(work.db)}
    words = _reasons(work, cases)
    lines = tuple(
        Line(
            line.at,
            names[line.actor_id],
            AuditKind(line.kind),
            str(json.loads(line.facts).get("reason") or ""),
            words.get(line.at, "") if line.kind == AuditKind.NAME_REVEALED else "",
        )
        for line in sorted(found, key=lambda line: -line.seq)
        if line.actor_id in names
    )
    trail.record(work, AuditKind.ACCESS_REPORTED, "case", case.id)
    return AccessReport(case, len(cases), lines)


def _printed(work: Work) -> list[AuditEntry]:
    """Sheets with the names of a class on them."""
    return list(audit_queries.of_kinds(work.db, [AuditKind.TICKETS_PRINTED], FIRST))


def _of_class(line: AuditEntry, case: CaseView) -> bool:
    facts = json.loads(line.facts)
    mine = {"school_id": case.school_id, "grade": case.grade, "class_name": case.class_name}
    return all(facts.get(name) == value for name, value in mine.items())


def _reasons(work: Work, cases: list[CaseView]) -> Mapping[datetime, str]:
    """Moment → the words somebody wrote when they opened the name."""
    return {
        event.at: str(event.details.get("words", ""))
        for case in cases
        for event in review_queries.events_of(work.db, work.keys, case, work.actor.id)
        if event.kind == "reveal"
    }


@dataclass(frozen=True)
class Openings:
    """What one person opened in a month: different cases, times, names, and names without a reason."""

    who: str
    cases: int
    views: int
    names: int
    without_reason: int


def report_openings(work: Work, month: date) -> list[Openings]:
    """Per person, those who opened most first, over the cases of the actor's schools; for printing."""
    require(work.actor, Permission.LEAD_CASES)
    mine = review_queries.all_ids(work.db, Scope.of(work.actor, Permission.LEAD_CASES))
    first = datetime.combine(month.replace(day=1), time.min, SCHOOL_ZONE)
    end = (first + timedelta(days=32)).replace(day=1)
    opened: dict[str, list[tuple[str, str, str]]] = {}
    for line in audit_queries.of_kinds(work.db, [AuditKind.CASE_VIEWED, AuditKind.NAME_REVEALED], first, end):
        facts = json.loads(line.facts)
        case_id = str(facts.get("case_id") or line.subject_id)
        if case_id in mine:
            opened.setdefault(line.actor_id, []).append((line.kind, case_id, str(facts.get("reason") or "")))
    names = {staff.id: staff.name for staff in access_queries.all_staff(work.db)}
    rows = [_openings(names.get(who, who), did) for who, did in opened.items()]
    return sorted(rows, key=lambda row: (-row.cases, -row.names, row.who))


def _openings(who: str, did: list[tuple[str, str, str]]) -> Openings:
    views = [case_id for kind, case_id, _ in did if kind == AuditKind.CASE_VIEWED]
    reasons = [reason for kind, _, reason in did if kind == AuditKind.NAME_REVEALED]
    return Openings(who, len(set(views)), len(views), len(reasons), reasons.count("break_glass"))
