"""Welfare staff: how the city's children are doing, from released bundles only. Never a row about a child."""

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from survey_api.access.permissions import Permission
from survey_api.kit.actor import Actor
from survey_api.kit.problems import NotFound
from survey_api.services.banks import queries as banks_queries
from survey_api.services.insights import plan_words, released
from survey_api.services.insights.measures import BANK_GRADES
from survey_api.services.insights.planning import RESPONSE, declared
from survey_api.services.insights.released import ReleasedWave
from survey_api.services.insights.safe import PlaceKind
from survey_api.services.waves import queries as waves_queries
from survey_api.web.deps import ReadDep, RuntimeDep
from survey_ui.shell.guards import enter
from survey_ui.shell.templating import page
from survey_ui.welfare import charts, curves, method_view, outcome_view, view

router = APIRouter(prefix="/welfare")


@router.get("/")
def overview(
    request: Request, runtime: RuntimeDep, db: ReadDep, actor: Actor = enter(Permission.READ_AGGREGATES)
) -> Response:
    """The newest wave in sentences."""
    waves = released.released_waves(db, runtime.keys)
    if not waves:
        return page(request, "welfare/empty.html")
    newest = waves[-1]
    lines = view.city_lines(waves)
    context = {
        "wave": newest,
        "waves": waves,
        "lines": lines,
        "tiles": outcome_view.tiles(
            waves, [line for line in lines if line.versus in view.CHANGED], len(lines)
        ),
        "running": [one for one in released.standings(db) if not one.released],
        "response": next((line for line in lines if line.note.id == RESPONSE.id), None),
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
    part: int = 1,
    actor: Actor = enter(Permission.READ_AGGREGATES),
) -> Response:
    """Schools by indicators, in the fixed order of schools."""
    waves = released.released_waves(db, runtime.keys)
    if not waves:
        return page(request, "welfare/empty.html")
    chosen = view.wave_of(waves, wave)
    table = chosen.release.table
    context = {
        "wave": chosen,
        "waves": waves,
        "schools": view.school_heat(table, part),
        "part": part,
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
        words = view.reworded(waves, line.note.id)
        sentence = view.series_sentence(cells, reworded=words[-1])
        drawn.append((line.note, charts.line_chart(labels, cells, words), sentence, cells))
    return page(request, "welfare/trends.html", {"waves": waves, "labels": labels, "drawn": drawn})


@router.get("/indicators/{indicator}")
def one_indicator(
    request: Request,
    runtime: RuntimeDep,
    db: ReadDep,
    indicator: str,
    place: str = "",
    wave: str = "",
    actor: Actor = enter(Permission.READ_AGGREGATES),
) -> Response:
    """One indicator: what it means, over time at one place, and side by side over places."""
    waves = released.released_waves(db, runtime.keys)
    holding = [wave for wave in waves if wave.release.table.holds(indicator)]
    if not holding:
        raise NotFound
    newest = view.wave_of(tuple(holding), wave)
    table = newest.release.table
    places = view.places_of(table, indicator)
    chosen = next((one for one in places if one.id == place), None) if place else places[0]
    if chosen is None:
        raise NotFound
    cells = view.series(waves, indicator, chosen.id)
    wide = [
        (one.title, cell)
        for kind in (PlaceKind.CITY, PlaceKind.LEVEL)
        for one, cell in table.of(indicator, kind)
    ]
    schools = [(one.title, cell) for one, cell in table.of(indicator, PlaceKind.UNIT)]
    words = view.reworded(waves, indicator)
    labels = [_label(wave) for wave in waves]
    context = {
        "note": table.indicator(indicator),
        "wave": newest,
        "waves": holding,
        "schools": schools,
        "funnel": curves.funnel([curves.sized(*one) for one in schools], curves.sized(*wide[0]))
        if wide
        else None,
        "years": [(one.title, cell) for one, cell in table.of(indicator, PlaceKind.GRADE)],
        "places": places,
        "place": chosen,
        "trend": charts.line_chart(labels, cells, words),
        "reworded": [one.name for one, changed in zip(waves, words, strict=True) if changed],
        "wordings": _wordings(db, newest, indicator),
        "points": list(zip(waves, cells, strict=True)),
        "sentence": view.series_sentence(cells, reworded=words[-1]),
        "beside": [*wide, *schools],
        "chart": charts.interval_chart(charts.drawn(wide, schools)),
        "blocks": [(one.title, cell) for one, cell in table.of(indicator, PlaceKind.BLOCK)],
        "grades": plan_words.grades_word(table.indicator(indicator).grades),
    }
    return page(request, "welfare/indicator.html", context)


def _wordings(db: Session, wave: ReleasedWave, indicator: str) -> list[method_view.Wording]:
    """What children of each band were asked; nothing for an indicator that is not declared any more."""
    one = next((one for one in declared() if one.id == indicator), None)
    if one is None:
        return []
    asked = [banks_queries.published(db, sha256) for sha256 in waves_queries.banks_of(db, wave.wave_id)]
    banks = {loaded.bank.id: loaded for loaded in asked}
    return [
        method_view.wording(banks[bank], one)
        for bank in BANK_GRADES
        if bank in banks and bank in one.readings
    ]


def _label(wave: ReleasedWave) -> str:
    return f"{wave.opens_on.year}年{wave.opens_on.month}月"
