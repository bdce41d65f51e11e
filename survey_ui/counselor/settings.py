"""期限の決まり and 在校の予定: the city's clocks, and who is at school when. Changing one moves what is due."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from survey_api.access.permissions import Permission
from survey_api.access.scope import Scope
from survey_api.journeys import set_calendar
from survey_api.kit.actor import Actor
from survey_api.kit.clock import school_day
from survey_api.kit.problems import BadInput
from survey_api.services.review.clocks import queries as clocks_queries
from survey_api.services.review.clocks.rules import CLOCK_LIMITS, LIMITS, URGENCY_NAMES, rules_of
from survey_api.vocabulary import TalksAs, Urgency
from survey_api.web.deps import ReadDep, RuntimeDep
from survey_ui.counselor.csv_text import csv_text
from survey_ui.counselor.door import CaseWork, ClockWork, version_of
from survey_ui.shell.forms import StaffForm, day_of, text_of
from survey_ui.shell.guards import enter
from survey_ui.shell.templating import page

router = APIRouter()

WEEK = "月火水木金"
HALF_WORDS = {"am": "午前", "pm": "午後"}
KNOWN_AS = {
    str(TalksAs.NURSE): "保健の先生",
    str(TalksAs.COUNSELOR): "相談の先生",
    str(TalksAs.OTHER_STAFF): "ほかの先生",
}


@router.get("/counselor/clocks")
def clocks(request: Request, db: ReadDep, actor: Actor = enter(Permission.SET_CLOCKS)) -> Response:
    rules = clocks_queries.city_rules(db)
    context = {
        "rules": rules,
        "urgencies": [(urgency, URGENCY_NAMES[urgency], rules.clocks[urgency]) for urgency in Urgency],
        "limits": [(name, *LIMITS[name], getattr(rules, name)) for name in LIMITS],
        "parts": CLOCK_LIMITS,
        "minutes": str(Urgency.TODAY),
    }
    return page(request, "counselor/clocks.html", context)


@router.post("/counselor/clocks")
def set_clocks(work: ClockWork, form: StaffForm) -> Response:
    given = {name: value for name, value in form.items() if isinstance(value, str)}
    set_calendar.set_rules(work, rules_of(given), version_of(text_of(form, "number")))
    return RedirectResponse("/counselor/clocks", status_code=303)


@router.get("/counselor/days")
def days(
    request: Request, runtime: RuntimeDep, db: ReadDep, actor: Actor = enter(Permission.WORK_CASES)
) -> Response:
    """Who is on site on which half-day, days without school, and how many open cases each person has."""
    scope, today = Scope.of(actor, Permission.WORK_CASES), school_day(runtime.clock.now())
    context = {
        "desks": set_calendar.desks(db, scope, today),
        "week": list(enumerate(WEEK)),
        "halves": HALF_WORDS,
        "known_as": KNOWN_AS,
        "today": today,
    }
    return page(request, "counselor/days.html", context)


@router.get("/counselor/days/uncovered.csv")
def uncovered(runtime: RuntimeDep, db: ReadDep, actor: Actor = enter(Permission.WORK_CASES)) -> Response:
    """School days and half-days of the coming weeks without anybody of the desk: one row each, no person in it."""
    scope, today = Scope.of(actor, Permission.WORK_CASES), school_day(runtime.clock.now())
    rows = [
        [day.isoformat(), desk.school, HALF_WORDS[half], "担当者がいない"]
        for desk in set_calendar.desks(db, scope, today)
        for day, half in desk.gaps
    ]
    text = csv_text([["日付", "学校", "午前・午後", "状態"], *rows])
    headers = {"content-disposition": 'attachment; filename="uncovered.csv"'}
    return Response(text.encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/counselor/days/{school_id}/week")
def set_week(school_id: str, work: CaseWork, form: StaffForm) -> Response:
    there = []
    for value in form.getlist("there"):
        weekday, half, staff_id = [*str(value).split(":"), "", ""][:3]
        if not weekday.isdecimal():
            raise BadInput("在校の予定は、月曜から金曜の午前・午後で選んでください。")
        there.append((int(weekday), half, staff_id))
    as_whom = [str(value).partition(":") for value in form.getlist("as")]
    set_calendar.set_week(work, school_id, there, {staff_id: whom for whom, _, staff_id in as_whom})
    return RedirectResponse("/counselor/days", status_code=303)


@router.post("/counselor/days/{school_id}/closures")
def add_closure(school_id: str, work: CaseWork, form: StaffForm) -> Response:
    first = day_of(text_of(form, "first_on", 10), "休業の始まり")
    last = day_of(text_of(form, "last_on", 10), "休業の終わり") or first
    if first is None or last is None:
        raise BadInput("休業の始まりの日を入れてください。")
    set_calendar.add_closure(work, school_id, first, last, text_of(form, "words", 40))
    return RedirectResponse("/counselor/days", status_code=303)


@router.post("/counselor/days/{school_id}/closures/{closure_id}/remove")
def remove_closure(school_id: str, closure_id: str, work: CaseWork, form: StaffForm) -> Response:
    set_calendar.remove_closure(work, school_id, closure_id)
    return RedirectResponse("/counselor/days", status_code=303)
