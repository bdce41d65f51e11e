"""The words that are stored. Nothing here decides or fetches."""

from enum import StrEnum


class Role(StrEnum):
    COUNSELOR = "counselor"
    WELFARE = "welfare"
    OFFICE = "office"
    OPERATOR = "operator"
    HEAD = "head"
    """管理職: stands behind the people on site at one school."""
    DUTY = "duty"
    """教育委員会の当番: stands behind the schools."""


class TalksAs(StrEnum):
    """As whom a child knows somebody who is at its school: the codes of the question whom it wants to talk to."""

    NURSE = "nurse"
    COUNSELOR = "counselor"
    OTHER_STAFF = "other_staff"


class Stage(StrEnum):
    """School stage as published tables name it."""

    ELEMENTARY = "elementary"
    JUNIOR_HIGH = "junior_high"
    HIGH = "high"

    @classmethod
    def of_grade(cls, grade: int) -> "Stage":
        """Grade 1..12 → stage (P1–P6, J1–J3, H1–H3)."""
        if grade <= 6:
            return cls.ELEMENTARY
        return cls.JUNIOR_HIGH if grade <= 9 else cls.HIGH


GRADE_WORDS = {
    **{grade: f"小{grade}" for grade in range(1, 7)},
    **{grade + 6: f"中{grade}" for grade in range(1, 4)},
    **{grade + 9: f"高{grade}" for grade in range(1, 4)},
}
"""Grade 1..12 as people say it."""


class Sex(StrEnum):
    """What a roster may say. Kept sealed; the city's tables know girls and boys only."""

    FEMALE = "F"
    MALE = "M"
    OTHER = "O"
    """Something else, or the roster does not say."""


class WaveState(StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"


class LateState(StrEnum):
    """waiting → read (it became a submission like the others) or left (kept, unread)."""

    WAITING = "waiting"
    READ = "read"
    LEFT = "left"


class TicketState(StrEnum):
    UNUSED = "unused"
    OPENED = "opened"
    SPENT = "spent"
    REVOKED = "revoked"


class SubmissionState(StrEnum):
    CLOSED = "closed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Urgency(StrEnum):
    """How soon a person looks; same words as scoring.vocabulary.Urgency, strongest first."""

    TODAY = "today"
    THIS_WEEK = "this_week"
    CHECK = "check"
    WATCH = "watch"


class CaseState(StrEnum):
    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    TRIAGE = "triage"
    MONITORING = "monitoring"
    SUPPORTING = "supporting"
    REFERRED = "referred"
    NOTIFIED = "notified"
    CLOSED = "closed"
    REOPENED = "reopened"


class Outcome(StrEnum):
    """Why a case was closed: the label later learning uses."""

    NEGLECT_CONCERN = "neglect_concern"
    CARE_SUPPORT_NEED = "care_support_need"
    OTHER_NEED = "other_need"
    KNOWN_ALREADY = "known_already"
    MISTAKEN_ANSWER = "mistaken_answer"
    INSUFFICIENT = "insufficient"
    CHILD_DECLINED = "child_declined"
    NOT_REACHED = "not_reached"


class Label(StrEnum):
    """What a person found behind a flag, or behind a sheet without one: the label learning uses."""

    NEGLECT = "neglect"
    CARE = "care"
    SAFETY = "safety"
    MOOD = "mood"
    OTHER = "other"
    NONE = "none"
    UNCLEAR = "unclear"


class Level(StrEnum):
    """Which role a case is waiting for."""

    ONSITE = "onsite"
    HEAD = "head"
    DUTY = "duty"


class LateCause(StrEnum):
    """Why something went to the next role."""

    UNACKNOWLEDGED = "unacknowledged"
    OVERDUE = "overdue"
    NOBODY_ON_SITE = "nobody_on_site"
    UNATTENDED = "unattended"
    MEMO = "memo"
    """An urgent 気づきメモ that nobody has acted on."""


class ContactResult(StrEnum):
    MET = "met"
    ABSENT = "absent"
    CHILD_DECLINED = "child_declined"
    GUARDIAN = "guardian"
    PHONE = "phone"


class WithdrawnBy(StrEnum):
    CHILD = "child"
    GUARDIAN = "guardian"


class HoldKind(StrEnum):
    """What is held back from erasure as a whole."""

    PUPIL = "pupil"
    WAVE = "wave"
    SCHOOL = "school"


class RevealReason(StrEnum):
    SAFETY = "safety"
    CHILD_WISH = "child_wish"
    CONFERENCE = "conference"
    HAND_OVER = "hand_over"
    BREAK_GLASS = "break_glass"
    """Most urgent, opened at once; the reason is looked at afterwards."""
    OTHER = "other"


class Consent(StrEnum):
    """On a hand-over sheet: was the child or family asked, and on which ground it goes without."""

    GIVEN = "given"
    WITHOUT_FOR_SAFETY = "without_for_safety"
    WITHOUT_CONFERENCE_LAW = "without_conference_law"
    WITHOUT_COUNCIL_LAW = "without_council_law"
    NOT_ASKED = "not_asked"


class ReferralMode(StrEnum):
    """refer: others help and the counselor stays in charge. transfer: the recipient takes charge."""

    REFER = "refer"
    TRANSFER = "transfer"


class ReferralState(StrEnum):
    DRAFT = "draft"
    HANDED_OVER = "handed_over"
    ACKNOWLEDGED = "acknowledged"
    ACCEPTED = "accepted"
    PASSED_ON = "passed_on"
    RETURNED = "returned"


class PreparationState(StrEnum):
    """How far a release is that waits for its second person."""

    WAITING = "waiting"
    COUNTING = "counting"
    READY = "ready"
    REFUSED = "refused"


class LabFileState(StrEnum):
    """A file of answers without names, on its way to the lab."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    TAKEN = "taken"


class Channel(StrEnum):
    """A way out of the service."""

    EMAIL = "email"
    WEBHOOK = "webhook"


class DeliveryState(StrEnum):
    """waiting → leaving (claimed, sent once) → sent, or waiting again when nothing can have arrived."""

    WAITING = "waiting"
    LEAVING = "leaving"
    SENT = "sent"
    GIVEN_UP = "given_up"


class MemoState(StrEnum):
    """All that the sender of a memo learns."""

    RECEIVED = "received"
    ACTED = "acted"


class AppointmentState(StrEnum):
    """オンライン相談: an hour that a desk offers, and what became of it."""

    OPEN = "open"
    BOOKED = "booked"
    HELD = "held"
    MISSED = "missed"
    CANCELLED = "cancelled"


class SearchPurpose(StrEnum):
    """Why somebody looks for a word that a child wrote."""

    SAFETY = "safety"
    HANDED_OVER = "handed_over"
    SAME_PLACE = "same_place"


class ReportState(StrEnum):
    """通告: drafted in one tap, and told to somebody by telephone."""

    DRAFT = "draft"
    REPORTED = "reported"


class ConferenceKind(StrEnum):
    """支援会議 stands on a law and needs no consent; 重層的支援会議 needs the person's consent."""

    SUPPORT = "support"
    LAYERED = "layered"


class ConferenceState(StrEnum):
    PLANNED = "planned"
    HELD = "held"


class PlanState(StrEnum):
    DRAFT = "draft"
    DECIDED = "decided"


class RowState(StrEnum):
    """How far one line of a support plan is."""

    PLANNED = "planned"
    DOING = "doing"
    DONE = "done"
    STOPPED = "stopped"


class AgencyKind(StrEnum):
    """What kind of help an entry of the directory is."""

    CITY = "city"
    CHILD_GUIDANCE = "child_guidance"
    CONSULTATION = "consultation"
    SCHOOL = "school"
    MEDICAL = "medical"
    WELFARE_COUNCIL = "welfare_council"
    VOLUNTEER = "volunteer"
    WORK = "work"
    PLACE = "place"
    MEAL = "meal"
    STUDY = "study"
    HOME_HELP = "home_help"
    INTERPRETER = "interpreter"


class Alone(StrEnum):
    """May a child come without an adult?"""

    YES = "yes"
    ASK = "ask"
    NO = "no"


class NotificationKind(StrEnum):
    CASE_WAITING = "case_waiting"
    REFERRAL_WAITING = "referral_waiting"
    CASE_TO_HEAD = "case_to_head"
    CASE_TO_DUTY = "case_to_duty"
    QUEUE_UNATTENDED = "queue_unattended"
    REPLY_LATE = "reply_late"
    MEMO_WAITING = "memo_waiting"
    MANY_OPENED = "many_opened"
    APPOINTMENT_SOON = "appointment_soon"
    TEST = "test"
    SCHOOL_TEST = "school_test"


class NotificationState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given_up"


class LockState(StrEnum):
    """Of a school's key pair."""

    PREPARING = "preparing"
    """Unlockers are being gathered; the school's names are still under the server's keys."""
    SEALED = "sealed"
    """What is written for this school is sealed to this key."""
    RETIRING = "retiring"
    """Being replaced: opens what is not yet sealed to the new one."""


class AuditKind(StrEnum):
    """What a trail line can say happened."""

    SIGNED_IN = "staff.signed_in"
    SIGN_IN_REFUSED = "staff.sign_in_refused"
    SIGNED_OUT = "staff.signed_out"
    SESSIONS_ENDED = "staff.sessions_ended"
    FACTOR_CHANGED = "staff.factor_changed"
    PASSWORD_SET = "staff.password_set"  # noqa: S105 - a word of the trail
    STAFF_INVITED = "staff.invited"
    STAFF_SWITCHED = "staff.switched"
    GRANT_GIVEN = "staff.grant_given"
    GRANT_TAKEN = "staff.grant_taken"
    GRANTS_REVIEWED = "staff.grants_reviewed"
    SECOND_PERSON_ASKED = "staff.second_person_asked"
    SECOND_PERSON_GRANTED = "staff.second_person_granted"
    REFUSED = "access.refused"
    ROSTER_APPLIED = "roster.applied"
    SCHOOL_ADDED = "school.added"
    STUDENTS_CHANGED = "students.changed"
    BANK_PUBLISHED = "bank.published"
    WAVE_OPENED = "wave.opened"
    WAVE_CLOSED = "wave.closed"
    WAVE_KEY_RENEWED = "wave.key_renewed"
    LATE_READ = "late.read"
    LATE_LEFT = "late.left"
    TICKETS_PRINTED = "tickets.printed"
    TICKETS_FOLLOWED = "tickets.followed_roster"
    CASE_OPENED = "case.opened"
    CASE_VIEWED = "case.viewed"
    CASE_CLAIMED = "case.claimed"
    CASE_MOVED = "case.moved"
    CASE_CONTACT = "case.contact"
    CASE_NOTE = "case.note"
    CASE_TOLD = "case.told"
    CASE_RAISED = "case.raised"
    CASE_HELD = "case.held"
    CASE_RELEASED = "case.released"
    CASE_ASSIGNED = "case.assigned"
    CASE_CLOSE_ASKED = "case.close_asked"
    CASE_LOWER_ASKED = "case.lower_asked"
    CASE_LOWERED = "case.lowered"
    CASE_RESTRICTED = "case.restricted"
    CASE_ESCALATED = "case.escalated"
    ESCALATION_TAKEN = "escalation.taken"
    QUEUE_UNATTENDED = "queue.unattended"
    CITY_RULES_SET = "desk.rules_set"
    CALENDAR_SET = "desk.calendar_set"
    FILTER_SAVED = "desk.filter_saved"
    PREFERENCE_SET = "desk.preference_set"
    WORDS_SEARCHED = "desk.words_searched"
    APPOINTMENT_SET = "appointment.set"
    COVERAGE_LISTED = "desk.coverage_listed"
    REVEAL_REVIEWED = "vault.reveal_reviewed"
    CHECK_DRAWN = "check.drawn"
    CHECK_VIEWED = "check.viewed"
    CHECK_LABELLED = "check.labelled"
    CHECK_MISS = "check.miss"
    NAME_REVEALED = "vault.name_revealed"
    NAMES_WRITTEN = "vault.names_written"
    REFERRAL_DRAFTED = "referral.drafted"
    REFERRAL_HANDED_OVER = "referral.handed_over"
    REFERRAL_REPLIED = "referral.replied"
    RELEASE_ASKED = "release.asked"
    RELEASE_PREPARED = "release.prepared"
    RELEASE_REFUSED = "release.refused"
    RELEASE_SENT_BACK = "release.sent_back"
    REFERRAL_EXPORTED = "referral.exported"
    AGENCY_SAVED = "agency.saved"
    EXPORT_MADE = "release.file_taken"
    LAB_FILE_ASKED = "lab_file.asked"
    LAB_FILE_APPROVED = "lab_file.approved"
    LAB_FILE_REFUSED = "lab_file.refused"
    LAB_FILE_TAKEN = "lab_file.taken"
    REPORT_DRAFTED = "report.drafted"
    REPORT_MADE = "report.made"
    CONFERENCE_OPENED = "conference.opened"
    CONFERENCE_SAVED = "conference.saved"
    CONFERENCE_HELD = "conference.held"
    PLAN_SAVED = "plan.saved"
    PLAN_DECIDED = "plan.decided"
    PLAN_ROW_MOVED = "plan.row_moved"
    RELEASE_MADE = "release.made"
    NOTIFICATION_QUEUED = "notification.queued"
    ERASED = "record.erased"
    HOLD_PLACED = "hold.placed"
    HOLD_LIFTED = "hold.lifted"
    OPTED_OUT = "student.opted_out"
    NOTIFICATION_SPREAD = "notification.spread"
    NOTIFICATION_SETTLED = "notification.settled"
    ALERTS_SET = "staff.alerts_set"
    ALERT_TESTED = "alerts.tested"
    ALERT_HEARD = "alerts.heard"
    MEMO_CARD_SET = "memo.card_set"
    MEMO_RECEIVED = "memo.received"
    MEMO_ACTED = "memo.acted"
    LOCK_BEGUN = "lock.begun"
    LOCK_SEALED = "lock.sealed"
    LOCK_ROTATED = "lock.rotated"
    LOCK_OPENED = "lock.opened"
    LOCK_REFUSED = "lock.refused"
    LOCK_CLOSED = "lock.closed"
    LOCK_FORGOTTEN = "lock.forgotten"
    UNLOCKER_ASKED = "lock.unlocker_asked"
    UNLOCKER_ADDED = "lock.unlocker_added"
    UNLOCKER_REMOVED = "lock.unlocker_removed"
    BACKUP_MADE = "backup.made"
    DRILL_PASSED = "backup.drill_passed"
    KEYS_ROTATED = "keys.rotated"
    KEYS_RENEWED = "keys.renewed"
    KEYS_FORGOTTEN = "keys.forgotten"
    ACCESS_REPORTED = "access.reported"
    MANY_OPENED = "access.many_opened"
    RESULT_RECOMPUTED = "result.recomputed"
    PRACTICE_RESET = "practice.reset"
