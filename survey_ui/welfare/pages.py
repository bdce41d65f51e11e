"""Welfare staff: how the city's children are doing, from released bundles only. Never a row about a child."""

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.background import BackgroundTask
from starlette.responses import RedirectResponse, Response

from survey_api.access.permissions import Permission
from survey_api.access.policy import may
from survey_api.jobs.prepare_release import prepare_release
from survey_api.journeys import release_wave
from survey_api.kit.actor import Actor
from survey_api.kit.problems import NotFound
from survey_api.runtime import Runtime
from survey_api.services.insights import limits, plan_words, released
from survey_api.services.insights.released import ReleasedWave
from survey_api.services.insights.safe import PlaceKind
from survey_api.web.deps import ReadDep, RuntimeDep, WorkDep
from survey_ui.shell.forms import StaffForm
from survey_ui.shell.guards import enter
from survey_ui.shell.templating import page
from survey_ui.welfare import charts, view

router = APIRouter(prefix="/welfare")
public = APIRouter()


@router.get("/")
def overview(
    request: Request, runtime: RuntimeDep, db: ReadDep, actor: Actor = enter(Permission.READ_AGGREGATES)
) -> Response:
    """The newest wave in sentences."""
    waves = released.released_waves(db, runtime.keys)
    if not waves:
        return page(request, "welfare/empty.html")
    newest = waves[-1]
    context = {
        "wave": newest,
        "waves": waves,
        "lines": view.city_lines(waves),
        "withheld": view.withheld(newest.release.table),
        "silent": view.silent_schools(newest.release.plan, newest.release.table),
    }
    return page(request, "welfare/overview.html", context)


@router.get("/schools")
def schools(
    request: Request,
    runtime: RuntimeDep,
    db: ReadDep,
    wave: str = "",
    actor: Actor = enter(Permission.READ_AGGREGATES),
) -> Response:
    """Schools by indicators, in the fixed order of schools."""
    waves = released.released_waves(db, runtime.keys)
    if not waves:
        return page(request, "welfare/empty.html")
    chosen = _wave(waves, wave)
    table = chosen.release.table
    context = {
        "wave": chosen,
        "waves": waves,
        "schools": view.school_heat(table),
        "wide": view.wide_heat(table),
        "withheld": view.withheld(table),
        "silent": view.silent_schools(chosen.release.plan, table),
        "rule": plan_words.RULE,
    }
    return page(request, "welfare/schools.html", context)


@router.get("/trends")
def trends(
    request: Request, runtime: RuntimeDep, db: ReadDep, actor: Actor = enter(Permission.READ_AGGREGATES)
) -> Response:
    """Every indicator over the waves, for the whole city."""
    waves = released.released_waves(db, runtime.keys)
    if not waves:
        return page(request, "welfare/empty.html")
    labels = [_label(wave) for wave in waves]
    drawn = []
    for line in view.city_lines(waves):
        cells = view.series(waves, line.note.id, line.cell.place)
        drawn.append((line.note, charts.line_chart(labels, cells), view.series_sentence(cells), cells))
    return page(request, "welfare/trends.html", {"waves": waves, "labels": labels, "drawn": drawn})


@router.get("/indicators/{indicator}")
def one_indicator(
    request: Request,
    runtime: RuntimeDep,
    db: ReadDep,
    indicator: str,
    place: str = "",
    actor: Actor = enter(Permission.READ_AGGREGATES),
) -> Response:
    """One indicator: what it means, over time at one place, and side by side over places."""
    waves = released.released_waves(db, runtime.keys)
    holding = [wave for wave in waves if any(c.indicator == indicator for c in wave.release.table.cells)]
    if not holding:
        raise NotFound
    table = holding[-1].release.table
    places = view.places_of(table, indicator)
    chosen = next((one for one in places if one.id == place), None) if place else places[0]
    if chosen is None:
        raise NotFound
    cells = view.series(waves, indicator, chosen.id)
    wide = [PlaceKind.LEVEL, PlaceKind.CITY]
    kinds = wide if table.indicator(indicator).level_only else [PlaceKind.UNIT, *wide]
    beside = [(one.title, cell) for kind in kinds for one, cell in table.of(indicator, kind)]
    labels = [_label(wave) for wave in waves]
    context = {
        "note": table.indicator(indicator),
        "wave": holding[-1],
        "places": places,
        "place": chosen,
        "trend": charts.line_chart(labels, cells),
        "points": list(zip(waves, cells, strict=True)),
        "sentence": view.series_sentence(cells),
        "beside": beside,
        "chart": charts.interval_chart(beside),
        "blocks": [(one.title, cell) for one, cell in table.of(indicator, PlaceKind.BLOCK)],
        "grades": plan_words.grades_word(table.indicator(indicator).grades),
    }
    return page(request, "welfare/indicator.html", context)


@router.get("/method")
def method(
    request: Request, runtime: RuntimeDep, db: ReadDep, actor: Actor = enter(Permission.READ_AGGREGATES)
) -> Response:
    """How the numbers are made and what they cannot say."""
    return _method(request, runtime, db)


@public.get("/method")
def public_method(request: Request, runtime: RuntimeDep, db: ReadDep) -> Response:
    """The same page for everybody, without signing in."""
    return _method(request, runtime, db)


@router.get("/releases")
def releases(request: Request, db: ReadDep, actor: Actor = enter(Permission.APPROVE_RELEASE)) -> Response:
    """Which waves were released, which wait for a second person, and the doors to both."""
    context = {
        "waves": released.standings(db),
        "me": actor.id,
        "may_ask": may(actor, Permission.MAKE_RELEASE),
    }
    return page(request, "welfare/releases.html", context)


@router.post("/releases/{wave}")
def ask_release(
    request: Request,
    runtime: RuntimeDep,
    work: WorkDep,
    form: StaffForm,
    wave: str,
    actor: Actor = enter(Permission.MAKE_RELEASE),
) -> Response:
    """The first person: the job begins once this answer has left."""
    release_wave.ask(work, wave)
    job = BackgroundTask(prepare_release, runtime, wave)
    return RedirectResponse("/welfare/releases", status_code=303, background=job)


@router.post("/releases/{wave}/approve")
def approve_release(
    request: Request,
    work: WorkDep,
    form: StaffForm,
    wave: str,
    actor: Actor = enter(Permission.APPROVE_RELEASE),
) -> Response:
    """The second person: the prepared bytes leave as they are."""
    release_wave.approve(work, wave)
    return RedirectResponse("/welfare/releases", status_code=303)


@router.post("/releases/{wave}/send-back")
def send_release_back(
    request: Request,
    work: WorkDep,
    form: StaffForm,
    wave: str,
    actor: Actor = enter(Permission.APPROVE_RELEASE),
) -> Response:
    """Anybody of the two: the prepared bytes are thrown away unseen."""
    release_wave.send_back(work, wave)
    return RedirectResponse("/welfare/releases", status_code=303)


def _method(request: Request, runtime: Runtime, db: Session) -> Response:
    waves = released.released_waves(db, runtime.keys)
    newest = waves[-1] if waves else None
    context = {
        "rule": plan_words.RULE,
        "wave": newest,
        "notes": newest.release.table.indicators if newest else (),
        "plan": plan_words.describe(newest.release.plan)[1:] if newest else (),
        "digest": newest.release.table.plan_digest if newest else "",
        "limits": limits,
    }
    return page(request, "welfare/method.html", context)


def _wave(waves: tuple[ReleasedWave, ...], wave: str) -> ReleasedWave:
    if not wave:
        return waves[-1]
    chosen = next((one for one in waves if one.wave_id == wave), None)
    if chosen is None:
        raise NotFound
    return chosen


def _label(wave: ReleasedWave) -> str:
    return f"{wave.opens_on.year}年{wave.opens_on.month}月"
