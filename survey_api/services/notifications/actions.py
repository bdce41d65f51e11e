"""Queue a notification, once per event."""

from sqlmodel import select

from survey_api.audit import trail
from survey_api.kit.actor import ActorKind
from survey_api.kit.clock import quarter_hour
from survey_api.kit.ids import new_id
from survey_api.kit.work import Work
from survey_api.tables.notifications import Notification
from survey_api.vocabulary import AuditKind, NotificationKind, NotificationState


def queue(work: Work, kind: NotificationKind, *, school_id: str, subject_id: str, event_key: str) -> None:
    """Put one line in the outbox; the same event again changes nothing.

    What a child's answers set off is kept with the quarter of an hour only and without a trail line: neither
    may tell who of a class had finished when the message went out.
    """
    by_child = work.actor.kind is ActorKind.STUDENT
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
            created_at=work.now if not by_child else quarter_hour(work.now),
        )
    )
    if not by_child:
        trail.record(work, AuditKind.NOTIFICATION_QUEUED, "case", subject_id, about=str(kind))
