"""Queue a notification once per event, spread it to those who are to hear it, and let each leave at most once."""

from collections.abc import Collection
from datetime import date, datetime, time

from sqlmodel import col, select, update

from survey_api.audit import trail
from survey_api.kit.actor import ActorKind
from survey_api.kit.clock import SCHOOL_ZONE, quarter_hour, school_day
from survey_api.kit.db import delete_whole, table_of
from survey_api.kit.ids import new_id
from survey_api.kit.problems import IllegalMove
from survey_api.kit.work import Work
from survey_api.services.notifications import queries
from survey_api.services.notifications.queries import Due
from survey_api.services.notifications.rules import (
    URGENT_KINDS,
    after_quiet,
    next_try,
    require_email,
    require_reached,
)
from survey_api.tables.notifications import AlertAddress, AlertTest, Delivery, Notification
from survey_api.vocabulary import (
    AuditKind,
    Channel,
    DeliveryState,
    NotificationKind,
    NotificationState,
    Role,
)

HEARERS = (Role.COUNSELOR, Role.HEAD, Role.DUTY)
"""Roles that a case waits for: each of them is heard of by somebody."""
WEBHOOK = "webhook"
"""What a delivery to the city's webhook reaches."""


def queue(
    work: Work,
    kind: NotificationKind,
    *,
    school_id: str | None,
    subject_id: str,
    event_key: str,
    urgent: bool = False,
    staff_id: str | None = None,
) -> None:
    """Put one line in the outbox, for a school's people or for one person; the same event again changes nothing.

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
            staff_id=staff_id,
            subject_id=subject_id,
            event_key=event_key,
            urgent=urgent or kind in URGENT_KINDS,
            state=NotificationState.WAITING,
            created_at=quarter_hour(work.now) if by_child else work.now,
        )
    )
    if not by_child:
        trail.record(work, AuditKind.NOTIFICATION_QUEUED, "case", subject_id, about=str(kind))


def spread(work: Work, *, mail: bool, webhook: bool) -> int:
    """Make the deliveries of what is new; returns how many. What reaches nobody is given up, and seen as such."""
    made = 0
    for notification in queries.not_spread(work.db):
        staff = queries.told(work.db, notification, school_day(work.now))
        places = [(Channel.EMAIL, staff_id) for staff_id in staff if mail]
        places += [(Channel.WEBHOOK, WEBHOOK)] if webhook else []
        for channel, reaches in places:
            quiet = None if notification.urgent else queries.quiet_of(work.db, reaches)
            work.db.add(
                Delivery(
                    id=new_id(),
                    notification_id=notification.id,
                    channel=channel,
                    reaches=reaches,
                    state=DeliveryState.WAITING,
                    tries=0,
                    next_try_at=after_quiet(quiet, work.now),
                    said="",
                )
            )
        notification.state = NotificationState.SENT if places else NotificationState.GIVEN_UP
        work.db.add(notification)
        work.db.flush()
        trail.record(work, AuditKind.NOTIFICATION_SPREAD, "notification", notification.id, count=len(places))
        made += len(places)
    return made


def take(work: Work, delivery: Due) -> bool:
    """Claim a delivery before it leaves: whoever claims it sends it, and nobody after. False when it is gone."""
    changed = work.db.connection().execute(
        update(Delivery)
        .where(col(Delivery.id) == delivery.id, col(Delivery.state) == DeliveryState.WAITING)
        .values(state=DeliveryState.LEAVING, tries=delivery.tries + 1)
    )
    return bool(changed.rowcount == 1)


def settle(work: Work, delivery: Due, code: str, *, certain: bool) -> DeliveryState:
    """How it went: sent (no code), to be tried again, or given up. Uncertain is never sent twice."""
    again: datetime | None = next_try(delivery.tries + 1, work.now) if code and certain else None
    state = DeliveryState.SENT if not code else DeliveryState.WAITING if again else DeliveryState.GIVEN_UP
    work.db.connection().execute(
        update(Delivery)
        .where(col(Delivery.id) == delivery.id)
        .values(state=state, said=code, next_try_at=again or work.now)
    )
    if state is not DeliveryState.WAITING:
        trail.record(
            work,
            AuditKind.NOTIFICATION_SETTLED,
            "notification",
            delivery.notification_id,
            channel=delivery.channel,
            state=str(state),
        )
    return state


def keep_address(work: Work, email: str, *, mute_usual: bool, mute_urgent: bool) -> None:
    """Where the acting member of staff is told. BadInput when nobody at a school would hear the most urgent."""
    kept = require_email(email)
    staff_id = work.actor.id
    for role, school_id in work.actor.grants:
        if role in HEARERS:
            others = [one for one in queries.listeners(work.db, [role], school_id, True) if one != staff_id]
            require_reached(mutes_urgent=mute_urgent, has_email=bool(kept), others_reached=len(others))
    row = queries.address_of(work.db, staff_id) or AlertAddress(
        staff_id=staff_id, email="", mute_usual=False, mute_urgent=False
    )
    row.email, row.mute_usual, row.mute_urgent = kept, mute_usual, mute_urgent
    work.db.add(row)
    work.db.flush()
    trail.record(work, AuditKind.ALERTS_SET, "staff", staff_id, mute_urgent=mute_urgent)


def drop_settled(work: Work, day: date) -> int:
    """Notifications of that day or before that are not on their way any more; how many. The certificate has the line."""
    moment = datetime.combine(day, time.max, SCHOOL_ZONE)
    waiting = select(Delivery.notification_id).where(
        col(Delivery.state).in_([DeliveryState.WAITING, DeliveryState.LEAVING])
    )
    old = select(Notification.id).where(
        col(Notification.created_at) <= moment,
        col(Notification.state) != NotificationState.WAITING,
        col(Notification.id).not_in(waiting),
    )
    return len(_drop(work, list(work.db.exec(old).all())))


def drop_about(work: Work, subjects: Collection[str]) -> list[str]:
    """Notifications about what was just erased; their ids. The certificate has the line."""
    about = select(Notification.id).where(col(Notification.subject_id).in_(subjects))
    return _drop(work, list(work.db.exec(about).all()))


def _drop(work: Work, ids: list[str]) -> list[str]:
    return delete_whole(work.db.connection(), table_of(Notification), ids).get("notifications", [])


def send_test(work: Work, school_id: str) -> None:
    """A test alert to everybody who would hear of a most urgent case of this school, by the real way."""
    test = AlertTest(id=new_id(), school_id=school_id, sent_at=work.now, sent_by=work.actor.id)
    work.db.add(test)
    work.db.flush()
    key = f"school-test|{test.id}"
    queue(work, NotificationKind.SCHOOL_TEST, school_id=school_id, subject_id=school_id, event_key=key)
    trail.record(work, AuditKind.ALERT_TESTED, "school", school_id)


def hear_test(work: Work, school_id: str) -> None:
    """Somebody of the school says that the last test arrived. IllegalMove when none has left."""
    test = queries.last_test(work.db, school_id)
    if test is None or test.heard_at is not None:
        raise IllegalMove("先に「試しの知らせを送る」を押してください。")
    if not queries.has_left(work.db, f"school-test|{test.id}"):
        raise IllegalMove(
            "まだ送れていません。1分ほど待ってもう一度押すか、運用担当にメールの設定を確かめてもらってください。"
        )
    test.heard_at, test.heard_by = work.now, work.actor.id
    work.db.add(test)
    work.db.flush()
    trail.record(work, AuditKind.ALERT_HEARD, "school", school_id)
