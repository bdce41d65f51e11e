"""オンライン相談: a desk of the head office offers hours, a branch office takes one, both are reminded the day before."""

from datetime import date, timedelta

from sqlmodel import Session

from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.kit.clock import school_day
from survey_api.kit.problems import BadInput
from survey_api.kit.work import Work
from survey_api.services.agencies import queries as agencies_queries
from survey_api.services.appointments import actions, queries
from survey_api.services.appointments.rules import Slot
from survey_api.services.notifications import actions as notifications_actions
from survey_api.vocabulary import AgencyKind, AppointmentState, NotificationKind

HEAD_OFFICE = (AgencyKind.CITY, AgencyKind.SCHOOL)
"""Whose desks can be met online: the city's own."""
REMIND_DAYS = 1


def desks(db: Session) -> list[tuple[str, str]]:
    """(id, name) of the desks of the head office."""
    return [
        (agency.id, agency.name)
        for agency in agencies_queries.directory(db)
        if agency.kind in [str(kind) for kind in HEAD_OFFICE]
    ]


def offer_hour(work: Work, slot: Slot) -> str:
    """A desk keeps an hour free; returns its id."""
    require(work.actor, Permission.MEET_ONLINE)
    if slot.agency_id not in [id_ for id_, _ in desks(work.db)]:
        raise BadInput("本庁の窓口を、選べるものの中から選んでください。")
    return actions.offer(work, slot)


def take_hour(work: Work, appointment_id: str, version: int, branch: str, topic: str) -> None:
    """A branch office takes a free hour."""
    require(work.actor, Permission.MEET_ONLINE)
    actions.book(work, queries.appointment_by_id(work.db, appointment_id), version, branch, topic)


def move_hour(work: Work, appointment_id: str, version: int, target: str) -> None:
    """Given back, called off, held or missed."""
    require(work.actor, Permission.MEET_ONLINE)
    actions.move(work, queries.appointment_by_id(work.db, appointment_id), version, target)


def remind_hours(work: Work) -> int:
    """Both sides of each booked hour of today and tomorrow hear of it, once. Returns how many hours there are."""
    today = school_day(work.now)
    booked = [
        hour for hour in queries.hours(work.db, today, _last(today)) if hour.state is AppointmentState.BOOKED
    ]
    for hour in booked:
        for staff_id in {hour.host_id, hour.guest_id} - {None}:
            notifications_actions.queue(
                work,
                NotificationKind.APPOINTMENT_SOON,
                school_id=None,
                staff_id=staff_id,
                subject_id=hour.id,
                event_key=f"appointment|{hour.id}|{staff_id}|{hour.on_day.isoformat()}",
            )
    return len(booked)


def _last(today: date) -> date:
    return today + timedelta(days=REMIND_DAYS)
