"""Queue a notification, once per event."""

from sqlmodel import select

from survey_api.audit import trail
from survey_api.kit.ids import new_id
from survey_api.kit.work import Work
from survey_api.tables.notifications import Notification
from survey_api.vocabulary import AuditKind, NotificationKind, NotificationState


def queue(work: Work, kind: NotificationKind, *, school_id: str, subject_id: str, event_key: str) -> None:
    """Put one line in the outbox; the same event again changes nothing."""
    known = work.db.exec(select(Notification.id).where(Notification.event_key == event_key)).first()
    if known is not None:
        return
    work.db.add(
        Notification(
            id=new_id(),
            kind=kind,
            school_id=school_id,
            subject_id=subject_id,
            event_key=event_key,
            state=NotificationState.WAITING,
            created_at=work.now,
        )
    )
    trail.record(work, AuditKind.NOTIFICATION_QUEUED, "case", subject_id, about=str(kind))
