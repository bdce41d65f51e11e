"""The counselor's doors, one file each."""

from fastapi import APIRouter

from survey_ui.counselor import (
    alerts,
    appointments,
    case,
    checks,
    conferences,
    deeds,
    duty,
    late,
    lead,
    leaflet,
    memos,
    name,
    own,
    places,
    plans,
    progress,
    queue,
    reports,
    search,
    settings,
    sheets,
)

router = APIRouter()
for door in (
    queue,
    case,
    deeds,
    name,
    sheets,
    places,
    leaflet,
    duty,
    late,
    settings,
    checks,
    lead,
    reports,
    conferences,
    plans,
    memos,
    alerts,
    own,
    progress,
    search,
    appointments,
):
    router.include_router(door.router)
