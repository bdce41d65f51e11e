"""The leaflet for a child or family: the checked entries of the directory, with labels in seven languages."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from fastapi import APIRouter, Request
from starlette.responses import Response

from survey_api.access.permissions import Permission
from survey_api.kit.actor import Actor
from survey_api.kit.clock import school_day
from survey_api.services.agencies import queries, rules
from survey_api.web.deps import ReadDep, RuntimeDep
from survey_ui.counselor.places import wanted_of
from survey_ui.shell.guards import enter
from survey_ui.shell.templating import page

router = APIRouter()

FILE = Path(__file__).with_name("leaflet.yaml")
FIRST = "ja-easy"


@cache
def labels() -> dict[str, dict[str, Any]]:
    """Language → what stands around the entries."""
    return dict(yaml.safe_load(FILE.read_text(encoding="utf-8")))


@router.get("/counselor/places/leaflet")
def leaflet(
    request: Request,
    runtime: RuntimeDep,
    db: ReadDep,
    lang: str = FIRST,
    kind: str = "",
    area: str = "",
    age: str = "",
    alone: str = "",
    actor: Actor = enter(Permission.READ_DIRECTORY),
) -> Response:
    """What nobody has checked for half a year is not on it."""
    known, today = labels(), school_day(runtime.clock.now())
    language = lang if lang in known else FIRST
    wanted = wanted_of(kind, area, age, alone)
    context = {
        "said": known[language],
        "language": language,
        "html_lang": "ja" if language == FIRST else language,
        "languages": [(code, one["name"]) for code, one in known.items()],
        "rows": [
            agency
            for agency in queries.directory(db, wanted)
            if not rules.is_stale(agency.verified_on, today)
        ],
        "wanted": wanted,
        "all_ages": (0, rules.OLDEST),
        "today": today,
    }
    return page(request, "counselor/leaflet.html", context)
