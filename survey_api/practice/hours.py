"""Hours of オンライン相談 in the invented city: some free, one taken by an invented branch office."""

from datetime import timedelta

from sqlmodel import select

from survey_api.access import queries as access_queries
from survey_api.journeys import meet_online
from survey_api.kit.actor import Actor, ActorKind
from survey_api.kit.clock import school_day
from survey_api.runtime import Runtime
from survey_api.services.appointments.rules import Slot
from survey_api.services.review.school_days import add_school_days
from survey_api.tables.staff import Staff

TIMES = ("10:00", "13:30", "15:00")


def offer_hours(runtime: Runtime) -> None:
    """The desk of こども福祉課 keeps three hours free on each of the next two school days; one is taken."""
    host, guest = _person(runtime, "welfare"), _person(runtime, "welfare-2")
    with runtime.work(host) as work:
        desk = meet_online.desks(work.db)[0][0]
        days = [add_school_days(school_day(work.now) + timedelta(days=1), count) for count in range(2)]
        made = [
            meet_online.offer_hour(work, Slot(desk, on_day, starts, 30, "本庁 会議室2・市の会議回線"))
            for on_day in days
            for starts in TIMES
        ]
    with runtime.work(guest) as work:
        meet_online.take_hour(work, made[1], 1, "山沿総合支所", "living")


def _person(runtime: Runtime, login: str) -> Actor:
    with runtime.reading() as db:
        staff_id = db.exec(select(Staff.id).where(Staff.login == login)).one()
        return Actor(ActorKind.STAFF, staff_id, access_queries.grants_of(db, staff_id))
