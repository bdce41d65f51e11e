"""Who answered, what became of children, other places' figures, and the city about itself."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from survey_api.access.permissions import Permission
from survey_api.kit.actor import Actor
from survey_api.services.insights import released
from survey_api.services.insights.planning import RESPONSE
from survey_api.services.insights.safe import PlaceKind
from survey_api.web.deps import ReadDep, RuntimeDep
from survey_ui.shell.guards import enter
from survey_ui.shell.templating import page
from survey_ui.welfare import charts, compare_view, curves, outcome_view, view
from survey_ui.welfare.method_view import BANK_WORDS
from survey_ui.welfare.profile import profile_of

router = APIRouter(prefix="/welfare")
NEEDED_SHARE = 60
"""Below this share of answers (percent) the page says that the numbers are those of the answering only."""


@router.get("/response")
def response(
    request: Request,
    runtime: RuntimeDep,
    db: ReadDep,
    wave: str = "",
    actor: Actor = enter(Permission.READ_AGGREGATES),
) -> Response:
    """How many answered: city, levels, schools, grades; and who is not in any number."""
    waves = released.released_waves(db, runtime.keys)
    if not waves:
        return page(request, "welfare/empty.html")
    chosen = view.wave_of(waves, wave)
    table = chosen.release.table
    schools = [(place.title, cell) for place, cell in table.of(RESPONSE.id, PlaceKind.UNIT)]
    wide = [
        (place.title, cell)
        for kind in (PlaceKind.CITY, PlaceKind.LEVEL)
        for place, cell in table.of(RESPONSE.id, kind)
    ]
    grades = [(place.title, cell) for place, cell in table.of(RESPONSE.id, PlaceKind.GRADE)]
    context = {
        "wave": chosen,
        "waves": waves,
        "wide": wide,
        "schools": schools,
        "grades": grades,
        "thin": [title for title, cell in [*wide, *schools, *grades] if cell.likely_low < NEEDED_SHARE],
        "needed": NEEDED_SHARE,
        "funnel": curves.funnel([curves.sized(*one) for one in schools], curves.sized(*wide[0]))
        if wide
        else None,
        "invited": outcome_view.shares_of(table.measure("silent")),
        "invited_how": note.definition if (note := table.measure("silent")) else "",
        "language": outcome_view.shares_of(table.measure("language")),
        "language_how": note.definition if (note := table.measure("language")) else "",
        "skipped": [(BANK_WORDS[bank], items) for bank, items in outcome_view.skipped(table)],
        "chart": charts.interval_chart(charts.drawn(wide, schools)),
        "silent": view.silent_schools(chosen.release.plan, table),
    }
    return page(request, "welfare/response.html", context)


@router.get("/outcomes")
def outcomes(
    request: Request,
    runtime: RuntimeDep,
    db: ReadDep,
    wave: str = "",
    actor: Actor = enter(Permission.READ_AGGREGATES),
) -> Response:
    """Time until somebody met the child, and what became of it. No number of meetings."""
    waves = released.released_waves(db, runtime.keys)
    if not waves:
        return page(request, "welfare/empty.html")
    chosen = view.wave_of(waves, wave)
    table = chosen.release.table
    schools, funnel = outcome_view.by_school(table)
    context = {
        "wave": chosen,
        "waves": waves,
        "schools": schools,
        "funnel": funnel,
        "curves": outcome_view.curves(table),
        "waiting": outcome_view.uncontacted(table),
        "reached": outcome_view.reached(table),
        "outcomes": outcome_view.outcomes(table),
    }
    return page(request, "welfare/outcomes.html", context)


@router.get("/compare")
def compare(
    request: Request, runtime: RuntimeDep, db: ReadDep, actor: Actor = enter(Permission.READ_AGGREGATES)
) -> Response:
    """Beside what others published, each figure with all that is needed to mistrust it."""
    waves = released.released_waves(db, runtime.keys)
    if not waves:
        return page(request, "welfare/empty.html")
    newest = waves[-1]
    context = {"wave": newest, "compared": compare_view.compared(newest.release.table)}
    return page(request, "welfare/compare.html", context)


@router.get("/city")
def city(
    request: Request, runtime: RuntimeDep, db: ReadDep, actor: Actor = enter(Permission.READ_AGGREGATES)
) -> Response:
    """Population, births, households beside the survey's own trends."""
    waves = released.released_waves(db, runtime.keys)
    context = {
        "profile": profile_of(runtime.settings),
        "lines": view.city_lines(waves) if waves else (),
        "wave": waves[-1] if waves else None,
    }
    return page(request, "welfare/city.html", context)
