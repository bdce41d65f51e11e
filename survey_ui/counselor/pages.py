"""The counselor's doors, one file each."""

from fastapi import APIRouter

from survey_ui.counselor import (
    case,
    checks,
    conferences,
    deeds,
    duty,
    lead,
    name,
    places,
    plans,
    queue,
    reports,
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
    duty,
    settings,
    checks,
    lead,
    reports,
    conferences,
    plans,
):
    router.include_router(door.router)
