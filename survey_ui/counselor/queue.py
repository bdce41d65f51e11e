"""対応待ち: who needs somebody today, and why."""

import re
from datetime import date, timedelta

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import JSONResponse, RedirectResponse, Response

from survey_api.access import queries as access_queries
from survey_api.access.permissions import Permission
from survey_api.access.scope import Scope
from survey_api.journeys.assign_cases import assign_cases
from survey_api.journeys.read_queue import read_queue
from survey_api.kit.actor import Actor
from survey_api.kit.clock import school_day
from survey_api.kit.problems import BadInput
from survey_api.runtime import Runtime
from survey_api.services.memos import queries as memos_queries
from survey_api.services.preferences import queries as preferences_queries
from survey_api.services.review import queries as review_queries
from survey_api.services.review.clocks import actions as clocks_actions
from survey_api.services.review.clocks import queries as clocks_queries
from survey_api.services.review.hold import actions as hold_actions
from survey_api.services.review.hold import queries as hold_queries
from survey_api.services.submissions import queries as submissions_queries
from survey_api.vocabulary import Role
from survey_api.web.deps import ReadDep, RuntimeDep
from survey_ui.counselor.door import CaseWork, version_of
from survey_ui.counselor.filters import Chosen, choices_of, chosen_of, fit, kept
from survey_ui.counselor.queue_view import queue_rows
from survey_ui.shell.forms import StaffForm, text_of
from survey_ui.shell.guards import enter
from survey_ui.shell.templating import page

router = APIRouter()

VISIT_EVERY = timedelta(minutes=5)
AT_SCHOOL = (Role.COUNSELOR, Role.HEAD)
_ID = re.compile(r"[0-9a-f]{32}")


@router.get("/counselor/")
def queue(
    request: Request, runtime: RuntimeDep, db: ReadDep, actor: Actor = enter(Permission.WORK_CASES)
) -> Response:
    now = runtime.clock.now()
    today = school_day(now)
    scope = Scope.of(actor, Permission.WORK_CASES)
    waiting = read_queue(db, runtime.keys, actor, now)
    chosen = chosen_of(request.query_params, waiting)
    own = _who_i_am(db, actor.id, today)
    shown = kept(waiting, chosen, own, today)
    rules, colleagues = clocks_queries.city_rules(db), _colleagues(db, scope)
    context = {
        "rows": queue_rows(shown, today, dict(colleagues)),
        "hidden": len(waiting) - len(shown),
        "fitting": len(fit(waiting, chosen, own, today)),
        "late": len(submissions_queries.late_sheets(db, scope)),
        "memos": memos_queries.urgent_waiting(db, scope),
        "now": now,
        "chosen": chosen,
        "choices": choices_of(waiting, own, today),
        "filters": hold_queries.filters_of(db, actor.id),
        "known": " ".join(one.case.id[:8] for one in waiting),
        "colleagues": colleagues,
        "on_site": _on_site(runtime, scope),
        "hours": f"{rules.opens}〜{rules.ends}",
        "school_on": rules.calendar().is_on(now),
    }
    _note_visit(runtime, actor, scope)
    return page(request, "counselor/queue.html", context)


def _colleagues(db: Session, scope: Scope) -> list[tuple[str, str]]:
    """(id, name) of everybody who may work on cases of the actor's schools."""
    found = {
        staff.id: staff.name
        for school in sorted(scope.schools or ())
        for staff in access_queries.staff_at(db, school, AT_SCHOOL)
    }
    return sorted(found.items(), key=lambda pair: pair[1])


def _on_site(runtime: Runtime, scope: Scope) -> list[str] | None:
    """Who is at the actor's schools just now; None when nobody has said who is there when."""
    with runtime.reading() as db:
        presence = clocks_queries.on_site(db, scope)
    half = clocks_queries.half_of(runtime.clock.now())
    return sorted({one.who for one in presence if (one.weekday, one.half) == half}) if presence else None


def _note_visit(runtime: Runtime, actor: Actor, scope: Scope) -> None:
    """Somebody looks: written down every few minutes, so that an unattended queue can be told."""
    with runtime.reading() as db:
        seen, now = clocks_queries.last_visits(db, scope), runtime.clock.now()
    stale = [
        school for school in scope.schools or () if seen.get(school, now - VISIT_EVERY) <= now - VISIT_EVERY
    ]
    if stale:
        with runtime.work(actor) as work:
            clocks_actions.note_visit(work, stale)


@router.get("/counselor/waiting.json")
def waiting_now(runtime: RuntimeDep, db: ReadDep, actor: Actor = enter(Permission.WORK_CASES)) -> Response:
    """Beginnings of the ids that wait now: the page counts what it does not show yet."""
    scope, today = Scope.of(actor, Permission.WORK_CASES), school_day(runtime.clock.now())
    return JSONResponse({"waiting": [id_[:8] for id_ in review_queries.waiting_ids(db, scope, today)]})


@router.post("/counselor/assign")
def assign(work: CaseWork, form: StaffForm) -> Response:
    """Several cases to one colleague, or to oneself."""
    picked = [str(value).partition(":") for value in form.getlist("case")]
    if not picked:
        raise BadInput("担当を決める件を、左の□で選んでください。")
    cases = [(case_id, version_of(version)) for case_id, _, version in picked]
    as_reviewer = text_of(form, "as", 10) == "reviewer"
    assign_cases(work, cases, text_of(form, "owner", 40) or work.actor.id, as_reviewer=as_reviewer)
    return _back(text_of(form, "query", 400), cases[0][0])


@router.get("/counselor/coverage")
def coverage(request: Request, runtime: RuntimeDep, work: CaseWork) -> Response:
    """Who has which case until when, for the wall of the staff room: no answer, no reason, no wish, no name."""
    today = school_day(work.now)
    waiting = read_queue(work.db, work.keys, work.actor, work.now)
    own = _who_i_am(work.db, work.actor.id, today)
    shown = kept(waiting, chosen_of(request.query_params, waiting), own, today)
    people = dict(_colleagues(work.db, Scope.of(work.actor, Permission.WORK_CASES)))
    copy = clocks_actions.note_coverage(work, len(shown))
    me = access_queries.staff_by_id(work.db, work.actor.id)
    context = {"rows": queue_rows(shown, today, people), "now": work.now, "copy": copy}
    return page(request, "counselor/coverage.html", {**context, "who": me.name if me else ""})


@router.post("/counselor/filters")
def keep_filter(work: CaseWork, form: StaffForm) -> Response:
    """Keep the filter that is on under a name."""
    kinds = tuple(str(kind) for kind in form.getlist("kind"))
    school, grade, concern = (text_of(form, name, 40) for name in ("school", "grade", "concern"))
    chosen = Chosen(school, grade, concern, kinds)
    hold_actions.save_filter(work, text_of(form, "name", 20), chosen.query)
    return _back(chosen.query)


@router.post("/counselor/filters/{filter_id}/forget")
def forget_filter(filter_id: str, work: CaseWork, form: StaffForm) -> Response:
    hold_actions.forget_filter(work, filter_id)
    return _back("")


def _back(query: str, case_id: str = "") -> Response:
    """Back to the queue, to the row that was acted on."""
    row = f"#c-{case_id[:8]}" if _ID.fullmatch(case_id) else ""
    return RedirectResponse(f"/counselor/?{query}{row}" if query else f"/counselor/{row}", status_code=303)


def _who_i_am(db: Session, staff_id: str, today: date) -> frozenset[str]:
    """This person, and whoever's place it takes today: their cases are its own until they are back."""
    absent = preferences_queries.stands_in_for(db, staff_id, today)
    return frozenset({staff_id, *(one.staff_id for one in absent)})
