"""Somebody opens unusually many cases or names on one day: who leads the school hears of it, once a day.

Nobody is stopped: on a bad day a counselor may have to look at thirty children.
"""

from datetime import datetime, time

from survey_api.access import queries as access_queries
from survey_api.access.permissions import ROLES, Permission
from survey_api.audit import queries as audit_queries
from survey_api.audit import trail
from survey_api.kit.clock import SCHOOL_ZONE, school_day
from survey_api.kit.work import Work
from survey_api.services.notifications import actions as notifications_actions
from survey_api.vocabulary import AuditKind, NotificationKind, Role

MANY_CASES, MANY_NAMES = 20, 10
"""So many different ones on one day are worth a look."""


def watch_access(work: Work) -> int:
    """Look at what was opened today; returns for how many people somebody was told."""
    today = school_day(work.now)
    cases: dict[str, set[str]] = {}
    names: dict[str, set[str]] = {}
    told: set[str] = set()
    for line in audit_queries.since(work.db, datetime.combine(today, time.min, SCHOOL_ZONE)):
        if line.kind == AuditKind.CASE_VIEWED:
            cases.setdefault(line.actor_id, set()).add(line.subject_id)
        elif line.kind == AuditKind.NAME_REVEALED:
            names.setdefault(line.actor_id, set()).add(line.subject_id)
        elif line.kind == AuditKind.MANY_OPENED:
            told.add(line.subject_id)
    count = 0
    for who in sorted((cases.keys() | names.keys()) - told):
        opened, revealed = len(cases.get(who, ())), len(names.get(who, ()))
        if opened < MANY_CASES and revealed < MANY_NAMES:
            continue
        trail.record(work, AuditKind.MANY_OPENED, "staff", who, cases=opened, names=revealed)
        for role, school_id in sorted(access_queries.grants_of(work.db, who), key=str):
            if school_id and Permission.WORK_CASES in ROLES[Role(role)]:
                notifications_actions.queue(
                    work,
                    NotificationKind.MANY_OPENED,
                    school_id=school_id,
                    subject_id=who,
                    event_key=f"many|{who}|{today}|{school_id}",
                )
        count += 1
    return count
