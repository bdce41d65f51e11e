"""つなぎ先・居場所: the counselor looks who helps, and prints a leaflet for a child or family."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from survey_api.access.permissions import Permission
from survey_api.kit.actor import Actor
from survey_api.kit.clock import school_day
from survey_api.services.agencies import queries, rules
from survey_api.services.agencies.rules import Wanted
from survey_api.vocabulary import AgencyKind, Alone
from survey_api.web.deps import ReadDep, RuntimeDep
from survey_ui.shell.guards import enter
from survey_ui.shell.templating import page

router = APIRouter()


@router.get("/counselor/places")
def places(
    request: Request,
    runtime: RuntimeDep,
    db: ReadDep,
    kind: str = "",
    area: str = "",
    age: str = "",
    alone: str = "",
    actor: Actor = enter(Permission.READ_DIRECTORY),
) -> Response:
    """The directory, filtered by plain links and a form without script."""
    today = school_day(runtime.clock.now())
    wanted = wanted_of(kind, area, age, alone)
    everything = queries.directory(db)
    rows = [
        (agency, rules.KIND_WORDS[AgencyKind(agency.kind)], rules.is_stale(agency.verified_on, today))
        for agency in queries.directory(db, wanted)
    ]
    context = {
        "rows": rows,
        "wanted": wanted,
        "kinds": rules.KIND_WORDS,
        "areas": sorted({agency.area for agency in everything if agency.area}),
        "alones": {str(code): label for code, label in rules.ALONE_WORDS.items()},
        "all_ages": (0, rules.OLDEST),
        "alone_yes": str(Alone.YES),
        "today": today,
    }
    return page(request, "counselor/places.html", context)


def wanted_of(kind: str, area: str, age: str, alone: str) -> Wanted:
    """What an address asks for; an age that is no number asks for none."""
    return Wanted(kind, area, int(age) if age.isascii() and age.isdecimal() else None, alone == "yes")
