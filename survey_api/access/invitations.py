"""A link, good once and for 72 hours, with which one person sets a password. Also after a forgotten one.

It never goes round the second factor (OWASP ASVS 5.0, 6.4): whoever has one is asked for it next.
"""

import re
from datetime import timedelta

from sqlmodel import col, delete

from survey_api.access import actions, queries, sessions
from survey_api.access.passwords import UNSET, hash_password
from survey_api.audit import trail
from survey_api.kit.crypto import token_hash
from survey_api.kit.ids import new_token
from survey_api.kit.problems import BadInput, NotFound, Problem
from survey_api.kit.work import Work
from survey_api.tables.sign_in import Invitation
from survey_api.tables.staff import Staff
from survey_api.vocabulary import AuditKind, Role

LASTS = timedelta(hours=72)
_LOGIN = re.compile(r"[a-z][a-z0-9._-]{2,39}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


class InvitationOver(Problem):
    code = "invitation_over"
    status = 410
    title = (
        "この招待は使えません。使われたか、72時間を過ぎています。市の運用担当者に新しい招待を頼んでください。"
    )


def invite(work: Work, login: str, name: str, role: Role, school_id: str | None, sso_email: str = "") -> str:
    """Add a person with one role and return the secret of their link. BadInput names the field."""
    if not _LOGIN.fullmatch(login):
        raise BadInput("IDは英小文字で始まる3〜40文字（英小文字、数字、. _ -）にしてください。")
    if not 1 <= len(name) <= 60:
        raise BadInput("氏名・役職は1〜60文字で入れてください。")
    if sso_email and not _EMAIL.fullmatch(sso_email):
        raise BadInput("メールアドレスの形を確かめてください。")
    staff_id = actions.add_with_hash(work, login, name, UNSET, sso_email.lower() or None)
    actions.grant(work, staff_id, role, school_id)
    return _link(work, staff_id)


def invite_again(work: Work, staff_id: str) -> str:
    """A new link for somebody whose password is lost; earlier links stop working."""
    if queries.staff_by_id(work.db, staff_id) is None:
        raise NotFound
    return _link(work, staff_id)


def invited(work: Work, token: str) -> Staff:
    """Whose link this is; InvitationOver when it is spent, old or unknown."""
    row = queries.invitation_by_hash(work.db, token_hash(token))
    staff = queries.staff_by_id(work.db, row.staff_id) if row else None
    if row is None or staff is None or not staff.active or row.ends_at < work.now:
        raise InvitationOver
    return staff


def accept(work: Work, token: str, password: str, *, demand_second: bool) -> sessions.Outcome:
    """Set the password, end every older session, and go on as after a right password."""
    staff = invited(work, token)
    set_password(work, staff, password)
    _forget(work, staff.id)
    return sessions.proceed(work, staff, by="invitation", demand_second=demand_second)


def set_password(work: Work, staff: Staff, password: str) -> None:
    """BadInput for a weak one. Other devices are signed out."""
    staff.password_hash = hash_password(password)
    staff.failed_tries, staff.wait_until = 0, None
    work.db.add(staff)
    work.db.flush()
    trail.record(work, AuditKind.PASSWORD_SET, "staff", staff.id)
    sessions.end_all(work, staff.id)


def _link(work: Work, staff_id: str) -> str:
    _forget(work, staff_id)
    work.db.exec(delete(Invitation).where(col(Invitation.ends_at) < work.now))
    token = new_token()
    work.db.add(Invitation(token_hash=token_hash(token), staff_id=staff_id, ends_at=work.now + LASTS))
    work.db.flush()
    return token


def _forget(work: Work, staff_id: str) -> None:
    work.db.exec(delete(Invitation).where(col(Invitation.staff_id) == staff_id))
