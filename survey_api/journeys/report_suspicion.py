"""通告: one tap makes the draft from the case, whatever its state; the telephone call is written down after.

Nothing here asks for certainty, for a second look, for whoever has the case in hand, or for a word with the
guardian. A case nobody has taken over is taken over by whoever reports; a closed one is open again. A school's closed
lock does not stand in the way either: the name and the child's own words are then filled in when it is open.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from survey_api.access import queries as access_queries
from survey_api.access import school_locks
from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.access.scope import Scope
from survey_api.kit.clock import school_day
from survey_api.kit.problems import SchoolLocked
from survey_api.kit.work import Work
from survey_api.services.agencies import queries as agencies_queries
from survey_api.services.reports import actions as reports_actions
from survey_api.services.reports import queries as reports_queries
from survey_api.services.reports.queries import OpenReport
from survey_api.services.reports.rules import begun
from survey_api.services.review import actions as review_actions
from survey_api.services.review import queries as review_queries
from survey_api.services.review.queries import CaseView
from survey_api.services.review.school_days import add_school_days
from survey_api.tables.agencies import Agency
from survey_api.tables.cases import Case
from survey_api.vault.door import Vault
from survey_api.vocabulary import GRADE_WORDS, AgencyKind, RevealReason

TOLD_TO = (AgencyKind.CHILD_GUIDANCE, AgencyKind.CITY)


@dataclass(frozen=True)
class SeenReport:
    """A report on the screen, with its case and who can be told."""

    case: CaseView
    report: OpenReport
    recipients: Sequence[Agency]
    locked: bool
    """The name and the child's own words wait for the school's key."""


def draft_report(work: Work, vault: Vault, case_id: str, facts: str, own_words: str) -> str:
    """The draft of a case, with the name: whoever is called needs it. The same draft while one waits."""
    scope = _scope(work)
    case = review_queries.case_by_id(work.db, scope, case_id)
    waiting = reports_queries.waiting_draft(work.db, scope, case_id)
    if waiting is not None:
        return waiting
    shown = review_queries.view_of(work.db, scope, case_id)
    review_actions.note_reveal(work, case, RevealReason.SAFETY, "通告の下書き")
    name, kana = _name(vault, case.pseudonym)
    group = f"{shown.school} {GRADE_WORDS[shown.grade]} {shown.class_name.rpartition('年')[2].removesuffix('組')}組"
    content = begun(name, kana, group, facts, own_words)
    return reports_actions.draft(work, case_id=case.id, school_id=case.school_id, content=content)


def see_report(work: Work, vault: Vault, case_id: str, report_id: str) -> SeenReport:
    """The draft or record, with the name on it: each look leaves a line."""
    scope = _scope(work)
    case = review_queries.case_by_id(work.db, scope, case_id)
    report = _named(work, vault, scope, case, report_id)
    review_actions.note_reveal(work, case, RevealReason.SAFETY, "通告の表示")
    locked = not report.content.name and school_locks.public_of(work.db, case.school_id) is not None
    listed = [agency for agency in agencies_queries.recipients(work.db) if agency.kind in TOLD_TO]
    listed.sort(key=lambda agency: agency.kind != AgencyKind.CHILD_GUIDANCE)
    return SeenReport(review_queries.view_of(work.db, scope, case_id), report, listed, locked)


def tell_report(
    work: Work, vault: Vault, case_id: str, report_id: str, recipient: str, said: Mapping[str, str]
) -> None:
    """Write down the call; the case becomes 通告済み and is looked at again on the next school day."""
    scope = _scope(work)
    case = review_queries.case_by_id(work.db, scope, case_id)
    report = _named(work, vault, scope, case, report_id)
    if report.closed is not None:  # the own words that are there stay: nobody could see them while typing
        said = {name: text for name, text in said.items() if name != "own_words"}
    names = {agency.id: agency.name for agency in agencies_queries.recipients(work.db)}
    staff = access_queries.staff_by_id(work.db, work.actor.id)
    content = report.content.told(said, names.get(recipient, ""), staff.name if staff else "")
    reports_actions.tell(work, report, content, recipient)
    details = {
        "report_id": report_id,
        "words": f"{content.recipient_name} {content.fields['receiver']}\n{content.fields['advice']}".strip(),
    }
    tomorrow = add_school_days(school_day(work.now), 1)
    review_actions.report(work, case, details, tomorrow)


def _name(vault: Vault, pseudonym: str) -> tuple[str, str]:
    """(name, kana); empty while the school's lock is closed."""
    try:
        person = vault.name_of(pseudonym)
    except SchoolLocked:
        return "", ""
    return person.full, person.kana


def _named(work: Work, vault: Vault, scope: Scope, case: Case, report_id: str) -> OpenReport:
    """A report with the name on it, also when it was begun while the lock was closed and is open now."""
    report = reports_queries.report_by_id(work.db, work.keys, scope, case.id, report_id, work.opened)
    if report.content.name or report.closed is not None:
        return report
    name, kana = _name(vault, case.pseudonym)
    return replace(report, content=replace(report.content, name=name, kana=kana))


def _scope(work: Work) -> Scope:
    require(work.actor, Permission.HAND_OVER)
    return Scope.of(work.actor, Permission.HAND_OVER)
