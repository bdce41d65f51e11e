"""Offer an hour, take it, give it back, say how it went. Each change only from the version that was seen."""

from datetime import date, timedelta
from typing import Any

from sqlmodel import col, update

from survey_api.audit import trail
from survey_api.kit.clock import school_day
from survey_api.kit.ids import new_id
from survey_api.kit.problems import BadInput, IllegalMove, StaleForm
from survey_api.kit.work import Work
from survey_api.services.appointments import queries
from survey_api.services.appointments.rules import (
    Slot,
    begins_at,
    checked,
    require_booking,
    require_move,
)
from survey_api.tables.appointments import Appointment
from survey_api.vocabulary import AppointmentState, AuditKind


def offer(work: Work, slot: Slot) -> str:
    """A desk keeps an hour free; returns its id. BadInput when the desk is taken at that time."""
    kept, on_day = checked(slot, school_day(work.now))
    _require_free(work, kept, on_day)
    appointment_id = new_id()
    work.db.add(
        Appointment(
            id=appointment_id,
            agency_id=kept.agency_id,
            on_day=on_day,
            starts=kept.starts,
            minutes=kept.minutes,
            host_id=work.actor.id,
            how=kept.how,
            state=AppointmentState.OPEN,
            made_at=work.now,
        )
    )
    work.db.flush()
    _note(work, appointment_id, AppointmentState.OPEN)
    return appointment_id


def book(work: Work, row: Appointment, version: int, branch: str, topic: str) -> None:
    """A branch office takes an hour that is free and has not begun."""
    require_booking(branch, topic)
    require_move(AppointmentState(row.state), AppointmentState.BOOKED)
    if begins_at(row.on_day, row.starts) <= work.now:
        raise IllegalMove("もう始まった時間は予約できません。")
    _change(work, row, version, AppointmentState.BOOKED, branch=branch, topic=topic, guest_id=work.actor.id)


def move(work: Work, row: Appointment, version: int, target: str) -> None:
    """How it went, or that it is given back or called off. Only the two sides of an hour move it."""
    state = require_move(AppointmentState(row.state), target)
    if state is AppointmentState.BOOKED:
        raise BadInput("予約は、支所の名前と相談の種類を入れて行ってください。")
    if work.actor.id not in (row.host_id, row.guest_id):
        raise IllegalMove("この時間を変えられるのは、窓口の担当と予約した人です。")
    if (
        state in (AppointmentState.HELD, AppointmentState.MISSED)
        and begins_at(row.on_day, row.starts) > work.now
    ):
        raise IllegalMove("始まる前に、行ったかどうかは残せません。")
    given_back: dict[str, Any] = {"branch": "", "topic": "", "guest_id": None}
    _change(work, row, version, state, **(given_back if state is AppointmentState.OPEN else {}))


def _require_free(work: Work, slot: Slot, on_day: date) -> None:
    start = begins_at(on_day, slot.starts)
    end = start + timedelta(minutes=slot.minutes)
    if start <= work.now:
        raise BadInput("始まりの時刻: これからの時刻を入れてください。")
    for other in queries.clashes(work.db, slot.agency_id, on_day):
        begun = begins_at(other.on_day, other.starts)
        if begun < end and start < begun + timedelta(minutes=other.minutes):
            raise BadInput(f"この窓口は、{other.starts}から{other.minutes}分の時間がもうあります。")


def _change(work: Work, row: Appointment, version: int, state: AppointmentState, **values: Any) -> None:
    changed = work.db.connection().execute(
        update(Appointment)
        .where(col(Appointment.id) == row.id, col(Appointment.version) == version)
        .values(version=version + 1, state=state, **values)
    )
    if changed.rowcount != 1:
        raise StaleForm
    _note(work, row.id, state)


def _note(work: Work, appointment_id: str, state: AppointmentState) -> None:
    trail.record(work, AuditKind.APPOINTMENT_SET, "appointment", appointment_id, state=str(state))
