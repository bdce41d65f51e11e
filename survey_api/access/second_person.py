"""What one person alone may not do: come in without the usual proof, or have somebody's second factor taken off.

Break-glass exists because a counselor locked out is a child not seen: when the city's sign-in service is down,
a second person who can sign in looks the asker in the face and hands over a code that works once.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from survey_api.access import queries, second_factor, sessions
from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.audit import trail
from survey_api.kit.ids import new_id
from survey_api.kit.problems import IllegalMove, NotFound
from survey_api.kit.work import Work
from survey_api.tables.sign_in import SecondPersonRequest
from survey_api.vocabulary import AuditKind

WAITS = timedelta(hours=2)
CODE_LASTS = timedelta(minutes=15)


class About(StrEnum):
    ENTRY = "entry"
    FACTOR = "factor"


@dataclass(frozen=True)
class Granted:
    """`code` for an entry, to be told to the person face to face; empty for a factor."""

    about: str
    code: str


def ask_entry(work: Work, login: str) -> None:
    """From the sign-in page. Says nothing about whether the login exists; one open request per person."""
    staff = queries.staff_by_login(work.db, login)
    if staff is None or not staff.active:
        return
    if any(
        row.staff_id == staff.id and row.kind == About.ENTRY
        for row in queries.open_requests(work.db, work.now)
    ):
        return
    _ask(work, About.ENTRY, staff.id, None)


def ask_factor_off(work: Work, staff_id: str) -> None:
    """One operator asks that somebody's second factor be taken off; another one has to grant it."""
    require(work.actor, Permission.MANAGE_STAFF)
    if queries.staff_by_id(work.db, staff_id) is None:
        raise NotFound
    _ask(work, About.FACTOR, staff_id, work.actor.id)


def grant(work: Work, request_id: str) -> Granted:
    """The second person's word. IllegalMove for the asker, for oneself, and for a request that is over."""
    require(work.actor, Permission.MANAGE_STAFF)
    row = work.db.get(SecondPersonRequest, request_id)
    if row is None:
        raise NotFound
    if row.granted_by is not None or row.ends_at < work.now:
        raise IllegalMove("この依頼は、もう終わっています。")
    if work.actor.id in (row.asked_by, row.staff_id):
        raise IllegalMove(
            "自分が頼んだこと、自分のことは承認できません。もう一人の運用担当者に頼んでください。"
        )
    row.granted_by = work.actor.id
    code = ""
    if row.kind == About.FACTOR:
        staff = queries.staff_by_id(work.db, row.staff_id)
        if staff is None:
            raise NotFound
        second_factor.take_all_off(work, staff)
        sessions.end_all(work, staff.id)
    else:
        code = "".join(secrets.choice("0123456789") for _ in range(10))
        row.code_hash = _hash(work, row.id, code)
        row.ends_at = work.now + CODE_LASTS
    work.db.add(row)
    work.db.flush()
    trail.record(work, AuditKind.SECOND_PERSON_GRANTED, "staff", row.staff_id, about=row.kind, request=row.id)
    return Granted(row.kind, code)


def enter(work: Work, login: str, code: str) -> sessions.SignedIn | sessions.SignInRefused:
    """Come in with the code that the second person was shown: once, within fifteen minutes."""
    staff = queries.staff_by_login(work.db, login)
    waiting = queries.granted_entry(work.db, staff.id, work.now) if staff and staff.active else None
    if staff is None or waiting is None or sessions.seconds_to_wait(work, staff):
        return sessions.refuse(work, None, "emergency")
    if not secrets.compare_digest(waiting.code_hash or "", _hash(work, waiting.id, code)):
        return sessions.refuse(work, staff, "emergency")
    waiting.used = True
    work.db.add(waiting)
    work.db.flush()
    return sessions.open_session(work, staff, "emergency")


def _ask(work: Work, about: About, staff_id: str, asked_by: str | None) -> None:
    row = SecondPersonRequest(
        id=new_id(),
        kind=about,
        staff_id=staff_id,
        asked_by=asked_by,
        asked_at=work.now,
        ends_at=work.now + WAITS,
    )
    work.db.add(row)
    work.db.flush()
    trail.record(work, AuditKind.SECOND_PERSON_ASKED, "staff", staff_id, about=str(about), request=row.id)


def _hash(work: Work, request_id: str, code: str) -> str:
    return work.keys.mac("lookup", "entry", request_id, "".join(filter(str.isdigit, code))).hex()
