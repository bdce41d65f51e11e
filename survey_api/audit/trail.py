"""Write one line of the trail, inside the transaction of what it tells."""

from collections.abc import Mapping

from sqlalchemy import insert, text
from sqlmodel import col, select

from survey_api.audit.chain import GENESIS, canonical, link_hash
from survey_api.kit.db import table_of
from survey_api.kit.work import Work
from survey_api.tables.audit import AuditEntry
from survey_api.vocabulary import AuditKind

Fact = str | int | bool | None

FACTS: Mapping[AuditKind, frozenset[str]] = {
    AuditKind.SIGNED_IN: frozenset({"by"}),
    AuditKind.SIGN_IN_REFUSED: frozenset({"reason"}),
    AuditKind.SIGNED_OUT: frozenset(),
    AuditKind.SESSIONS_ENDED: frozenset({"count"}),
    AuditKind.FACTOR_CHANGED: frozenset({"factor", "change"}),
    AuditKind.PASSWORD_SET: frozenset(),
    AuditKind.STAFF_INVITED: frozenset(),
    AuditKind.STAFF_SWITCHED: frozenset({"active"}),
    AuditKind.GRANT_TAKEN: frozenset({"role", "school_id"}),
    AuditKind.GRANTS_REVIEWED: frozenset({"kept", "taken"}),
    AuditKind.SECOND_PERSON_ASKED: frozenset({"about", "request"}),
    AuditKind.SECOND_PERSON_GRANTED: frozenset({"about", "request"}),
    AuditKind.GRANT_GIVEN: frozenset({"role", "school_id"}),
    AuditKind.REFUSED: frozenset({"route", "permission"}),
    AuditKind.ROSTER_APPLIED: frozenset({"added", "changed", "moved", "left", "file_sha256"}),
    AuditKind.SCHOOL_ADDED: frozenset(),
    AuditKind.STUDENTS_CHANGED: frozenset({"added", "changed", "left"}),
    AuditKind.BANK_PUBLISHED: frozenset({"bank", "version"}),
    AuditKind.WAVE_OPENED: frozenset({"tickets", "opens_on", "closes_on", "helplines_checked_on"}),
    AuditKind.WAVE_CLOSED: frozenset(),
    AuditKind.WAVE_KEY_RENEWED: frozenset({"number"}),
    AuditKind.LATE_READ: frozenset({"wave_id"}),
    AuditKind.LATE_LEFT: frozenset({"wave_id"}),
    AuditKind.TICKETS_PRINTED: frozenset({"school_id", "grade", "class_name", "count"}),
    AuditKind.TICKETS_FOLLOWED: frozenset({"added", "revoked"}),
    AuditKind.CASE_OPENED: frozenset({"urgency"}),
    AuditKind.CASE_VIEWED: frozenset(),
    AuditKind.CASE_CLAIMED: frozenset({"owner"}),
    AuditKind.CASE_MOVED: frozenset({"from", "to", "outcome", "label"}),
    AuditKind.CASE_CONTACT: frozenset({"result"}),
    AuditKind.CASE_TOLD: frozenset({"what"}),
    AuditKind.CASE_NOTE: frozenset({"private"}),
    AuditKind.CASE_RAISED: frozenset({"from", "to"}),
    AuditKind.CASE_HELD: frozenset(),
    AuditKind.CASE_RELEASED: frozenset(),
    AuditKind.CASE_ASSIGNED: frozenset({"owner", "reviewer"}),
    AuditKind.CASE_LOWER_ASKED: frozenset({"from", "to"}),
    AuditKind.CASE_LOWERED: frozenset({"from", "to"}),
    AuditKind.CASE_RESTRICTED: frozenset({"restricted"}),
    AuditKind.COVERAGE_LISTED: frozenset({"count", "copy"}),
    AuditKind.CASE_CLOSE_ASKED: frozenset({"outcome", "label"}),
    AuditKind.CASE_ESCALATED: frozenset({"level", "cause"}),
    AuditKind.ESCALATION_TAKEN: frozenset({"level", "case_id"}),
    AuditKind.QUEUE_UNATTENDED: frozenset({"level"}),
    AuditKind.CITY_RULES_SET: frozenset({"number"}),
    AuditKind.CALENDAR_SET: frozenset({"what"}),
    AuditKind.FILTER_SAVED: frozenset(),
    AuditKind.PREFERENCE_SET: frozenset({"what"}),
    AuditKind.WORDS_SEARCHED: frozenset({"purpose", "count"}),
    AuditKind.APPOINTMENT_SET: frozenset({"state"}),
    AuditKind.REVEAL_REVIEWED: frozenset({"case_id"}),
    AuditKind.CHECK_DRAWN: frozenset({"school_id", "seed", "population", "size"}),
    AuditKind.CHECK_VIEWED: frozenset(),
    AuditKind.CHECK_LABELLED: frozenset({"label"}),
    AuditKind.CHECK_MISS: frozenset({"case_id"}),
    AuditKind.NAME_REVEALED: frozenset({"reason", "case_id"}),
    AuditKind.NAMES_WRITTEN: frozenset({"count"}),
    AuditKind.REFERRAL_DRAFTED: frozenset({"case_id"}),
    AuditKind.REFERRAL_HANDED_OVER: frozenset({"case_id", "recipient", "consent", "mode", "copy_number"}),
    AuditKind.REFERRAL_REPLIED: frozenset({"case_id", "state"}),
    AuditKind.RELEASE_ASKED: frozenset(),
    AuditKind.RELEASE_PREPARED: frozenset({"cells", "sha256"}),
    AuditKind.RELEASE_REFUSED: frozenset({"code"}),
    AuditKind.RELEASE_SENT_BACK: frozenset({"sha256"}),
    AuditKind.EXPORT_MADE: frozenset({"format", "waves", "sha256"}),
    AuditKind.LAB_FILE_ASKED: frozenset({"key"}),
    AuditKind.LAB_FILE_APPROVED: frozenset({"asked_by", "key"}),
    AuditKind.LAB_FILE_REFUSED: frozenset(),
    AuditKind.LAB_FILE_TAKEN: frozenset({"children", "sha256"}),
    AuditKind.RELEASE_MADE: frozenset({"cells", "sha256", "asked_by"}),
    AuditKind.REFERRAL_EXPORTED: frozenset({"case_id", "copy_number"}),
    AuditKind.AGENCY_SAVED: frozenset({"about", "active"}),
    AuditKind.REPORT_DRAFTED: frozenset({"case_id"}),
    AuditKind.REPORT_MADE: frozenset({"case_id", "recipient"}),
    AuditKind.CONFERENCE_OPENED: frozenset({"case_id", "about"}),
    AuditKind.CONFERENCE_SAVED: frozenset({"case_id"}),
    AuditKind.CONFERENCE_HELD: frozenset({"case_id", "about"}),
    AuditKind.PLAN_SAVED: frozenset({"case_id", "rows"}),
    AuditKind.PLAN_DECIDED: frozenset({"case_id", "rows", "consent"}),
    AuditKind.PLAN_ROW_MOVED: frozenset({"case_id", "state"}),
    AuditKind.NOTIFICATION_QUEUED: frozenset({"about"}),
    AuditKind.ERASED: frozenset({"rule", "count"}),
    AuditKind.HOLD_PLACED: frozenset({"about"}),
    AuditKind.HOLD_LIFTED: frozenset({"about"}),
    AuditKind.OPTED_OUT: frozenset({"out"}),
    AuditKind.NOTIFICATION_SPREAD: frozenset({"count"}),
    AuditKind.NOTIFICATION_SETTLED: frozenset({"channel", "state"}),
    AuditKind.ALERTS_SET: frozenset({"mute_urgent"}),
    AuditKind.ALERT_TESTED: frozenset(),
    AuditKind.ALERT_HEARD: frozenset(),
    AuditKind.MEMO_CARD_SET: frozenset({"active"}),
    AuditKind.MEMO_RECEIVED: frozenset({"urgent"}),
    AuditKind.MEMO_ACTED: frozenset({"case_id"}),
    AuditKind.LOCK_BEGUN: frozenset({"key"}),
    AuditKind.LOCK_SEALED: frozenset({"key"}),
    AuditKind.LOCK_ROTATED: frozenset({"key", "former"}),
    AuditKind.LOCK_OPENED: frozenset({"unlocker", "by"}),
    AuditKind.LOCK_REFUSED: frozenset(),
    AuditKind.LOCK_CLOSED: frozenset(),
    AuditKind.LOCK_FORGOTTEN: frozenset({"count"}),
    AuditKind.UNLOCKER_ASKED: frozenset({"unlocker"}),
    AuditKind.UNLOCKER_ADDED: frozenset({"unlocker", "by"}),
    AuditKind.UNLOCKER_REMOVED: frozenset({"unlocker"}),
    AuditKind.BACKUP_MADE: frozenset({"count"}),
    AuditKind.DRILL_PASSED: frozenset({"count"}),
    AuditKind.KEYS_ROTATED: frozenset({"count"}),
    AuditKind.KEYS_RENEWED: frozenset(),
    AuditKind.KEYS_FORGOTTEN: frozenset(),
    AuditKind.ACCESS_REPORTED: frozenset(),
    AuditKind.MANY_OPENED: frozenset({"cases", "names"}),
    AuditKind.RESULT_RECOMPUTED: frozenset({"same"}),
    AuditKind.PRACTICE_RESET: frozenset(),
}
"""Which facts a line of each kind may carry. Not an answer, not a name, not a ticket: nothing else fits."""

_ADD = insert(table_of(AuditEntry))
_HEAD = select(AuditEntry.seq, AuditEntry.hash).order_by(col(AuditEntry.seq).desc()).limit(1)
_LOCK = 7_203_118  # PostgreSQL: lines are linked one at a time, across workers


def record(work: Work, kind: AuditKind, subject_kind: str, subject_id: str, **facts: Fact) -> None:
    """Append a line. A fact that is not on the list of its kind is a programming error and refuses."""
    unknown = set(facts) - FACTS[kind]
    if unknown:
        raise ValueError(f"facts not allowed for {kind}: {sorted(unknown)}")
    if work.db.connection().dialect.name == "postgresql":
        work.db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    head = work.db.connection().execute(_HEAD).first()
    seq, previous = (head[0] + 1, head[1]) if head else (1, GENESIS)
    said = (
        str(work.actor.kind),
        work.actor.id,
        str(kind),
        subject_kind,
        subject_id,
        canonical(facts),
        previous,
    )
    work.db.connection().execute(
        _ADD,
        {
            "seq": seq,
            "at": work.now,
            "actor_kind": said[0],
            "actor_id": said[1],
            "kind": said[2],
            "subject_kind": said[3],
            "subject_id": said[4],
            "facts": said[5],
            "previous_hash": said[6],
            "hash": link_hash(seq, work.now, *said),
        },
    )
