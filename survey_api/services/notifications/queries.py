"""The outbox, and who is told where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, func, select

from survey_api.services.notifications.rules import audience
from survey_api.tables.notifications import AlertAddress, AlertTest, Delivery, Notification
from survey_api.tables.preferences import StaffPreference
from survey_api.tables.staff import Grant, Staff
from survey_api.vocabulary import DeliveryState, NotificationKind, NotificationState, Role

DUTY = NotificationKind.CASE_TO_DUTY


@dataclass(frozen=True)
class Due:
    """One delivery that may leave now."""

    id: str
    notification_id: str
    kind: NotificationKind
    urgent: bool
    channel: str
    email: str
    tries: int


def address_of(db: Session, staff_id: str) -> AlertAddress | None:
    return db.get(AlertAddress, staff_id)


def not_spread(db: Session) -> Sequence[Notification]:
    """Notifications nobody has made deliveries of yet, oldest first."""
    return db.exec(
        select(Notification)
        .where(Notification.state == NotificationState.WAITING)
        .order_by(col(Notification.created_at))
    ).all()


def listeners(db: Session, roles: Sequence[str], school_id: str | None, urgent: bool) -> list[str]:
    """Ids of the staff with one of the roles at a school (or for the city) who have an address and want it."""
    muted = AlertAddress.mute_urgent if urgent else AlertAddress.mute_usual
    rows = db.exec(
        select(AlertAddress.staff_id, Grant.school_id)
        .join(Staff, col(Staff.id) == col(AlertAddress.staff_id))
        .join(Grant, col(Grant.staff_id) == col(Staff.id))
        .where(col(Staff.active), col(Grant.role).in_(roles), AlertAddress.email != "", col(muted).is_(False))
    ).all()
    return sorted({staff_id for staff_id, where in rows if where in (None, school_id)})


def told(db: Session, notification: Notification, today: date) -> list[str]:
    """Ids of the staff a notification goes to: those of its school, or its one person; and who stands in for them."""
    if notification.staff_id:
        row = db.get(AlertAddress, notification.staff_id)
        return [notification.staff_id] if row and row.email and not row.mute_usual else []
    if notification.school_id is None:  # of no school: those who stand behind all of them
        return listeners(db, (Role.DUTY,), None, True) if notification.kind == DUTY else []
    roles = audience(NotificationKind(notification.kind), notification.urgent)
    return sorted(
        {
            *listeners(db, roles, notification.school_id, notification.urgent),
            *_standing_in(db, roles, notification.school_id, today),
        }
    )


def _standing_in(db: Session, roles: Sequence[str], school_id: str, today: date) -> list[str]:
    """Who was asked to be told instead of somebody with one of the roles at this school, and has an address."""
    rows = db.exec(
        select(StaffPreference.cover_id, Grant.school_id)
        .join(Grant, col(Grant.staff_id) == col(StaffPreference.staff_id))
        .join(AlertAddress, col(AlertAddress.staff_id) == col(StaffPreference.cover_id))
        .join(Staff, col(Staff.id) == col(StaffPreference.cover_id))
        .where(
            col(Grant.role).in_(roles),
            col(Staff.active),
            AlertAddress.email != "",
            col(StaffPreference.cover_from) <= today,
            col(StaffPreference.cover_until) >= today,
        )
    ).all()
    return [cover_id for cover_id, where in rows if cover_id and where in (None, school_id)]


def quiet_of(db: Session, staff_id: str) -> tuple[str, str] | None:
    """(from, until) of the hours in which this person wants no mail."""
    row = db.get(StaffPreference, staff_id)
    return (row.quiet_from, row.quiet_until) if row and row.quiet_from and row.quiet_until else None


def due(db: Session, now: datetime) -> list[Due]:
    """Deliveries whose time has come, the urgent ones first."""
    rows = db.exec(
        select(Delivery, Notification, AlertAddress.email)
        .join(Notification, col(Notification.id) == col(Delivery.notification_id))
        .outerjoin(AlertAddress, col(AlertAddress.staff_id) == col(Delivery.reaches))
        .where(Delivery.state == DeliveryState.WAITING, Delivery.next_try_at <= now)
        .order_by(col(Notification.urgent).desc(), col(Notification.created_at))
    ).all()
    return [
        Due(
            delivery.id,
            notification.id,
            NotificationKind(notification.kind),
            notification.urgent,
            delivery.channel,
            email or "",
            delivery.tries,
        )
        for delivery, notification, email in rows
    ]


def outbox(db: Session) -> dict[tuple[str, str], int]:
    """(channel, state) → how many deliveries."""
    rows = db.exec(
        select(Delivery.channel, Delivery.state, func.count()).group_by(Delivery.channel, Delivery.state)
    ).all()
    return {(channel, state): count for channel, state, count in rows}


def last_failures(db: Session, most: int) -> Sequence[tuple[str, str]]:
    """(channel, code) of deliveries that failed and were given up or wait for another try."""
    return db.exec(
        select(Delivery.channel, Delivery.said)
        .where(Delivery.said != "", Delivery.state != DeliveryState.SENT)
        .order_by(col(Delivery.next_try_at).desc())
        .limit(most)
    ).all()


def last_test(db: Session, school_id: str) -> AlertTest | None:
    """The newest test alert of a school."""
    asked = select(AlertTest).where(AlertTest.school_id == school_id)
    return db.exec(asked.order_by(col(AlertTest.sent_at).desc()).limit(1)).first()


def heard_tests(db: Session) -> dict[str, datetime]:
    """School → when somebody there last said that a test alert had arrived."""
    rows = db.exec(
        select(AlertTest.school_id, func.max(AlertTest.heard_at))
        .where(col(AlertTest.heard_at).is_not(None))
        .group_by(AlertTest.school_id)
    ).all()
    return {school_id: heard_at for school_id, heard_at in rows if heard_at is not None}


def has_left(db: Session, event_key: str) -> bool:
    """Whether one delivery of an event was handed to a mail server or the webhook."""
    sent = (
        select(Delivery.id)
        .join(Notification, col(Notification.id) == col(Delivery.notification_id))
        .where(Notification.event_key == event_key, Delivery.state == DeliveryState.SENT)
    )
    return db.exec(sent).first() is not None
