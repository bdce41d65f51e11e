"""Hours at the desks of the head office: public to everybody who may take one; no child stands in any of them."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from survey_api.kit.problems import NotFound
from survey_api.tables.agencies import Agency
from survey_api.tables.appointments import Appointment
from survey_api.tables.staff import Staff
from survey_api.vocabulary import AppointmentState


@dataclass(frozen=True)
class Hour:
    """One hour with the names around it."""

    id: str
    desk: str
    on_day: date
    starts: str
    minutes: int
    how: str
    host_id: str
    host: str
    guest_id: str | None
    guest: str
    branch: str
    topic: str
    state: AppointmentState
    version: int


def hours(db: Session, first_on: date, last_on: date) -> list[Hour]:
    """Every hour of these days, in the order of the clock."""
    host, guest = aliased(Staff), aliased(Staff)
    rows = db.exec(
        select(Appointment, Agency.name, host.name, guest.name)
        .join(Agency, col(Agency.id) == col(Appointment.agency_id))
        .join(host, col(host.id) == col(Appointment.host_id))
        .outerjoin(guest, col(guest.id) == col(Appointment.guest_id))
        .where(Appointment.on_day >= first_on, Appointment.on_day <= last_on)
        .order_by(col(Appointment.on_day), col(Appointment.starts), Agency.name)
    ).all()
    return [_hour(row, desk, who, other) for row, desk, who, other in rows]


def appointment_by_id(db: Session, appointment_id: str) -> Appointment:
    """One hour; NotFound when there is none."""
    row = db.get(Appointment, appointment_id)
    if row is None:
        raise NotFound("この時間はありません。一覧を開き直してください。")
    return row


def clashes(db: Session, agency_id: str, on_day: date) -> list[Appointment]:
    """What a desk already offers on a day and has not taken back."""
    return list(
        db.exec(
            select(Appointment).where(
                Appointment.agency_id == agency_id,
                Appointment.on_day == on_day,
                Appointment.state != AppointmentState.CANCELLED,
            )
        ).all()
    )


def _hour(row: Appointment, desk: str, host: str, guest: str | None) -> Hour:
    return Hour(
        row.id,
        desk,
        row.on_day,
        row.starts,
        row.minutes,
        row.how,
        row.host_id,
        host,
        row.guest_id,
        guest or "",
        row.branch,
        row.topic,
        AppointmentState(row.state),
        row.version,
    )
