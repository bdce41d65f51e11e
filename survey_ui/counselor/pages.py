"""The counselor's doors, one file each."""

from fastapi import APIRouter

from survey_ui.counselor import (
    alerts,
    case,
    checks,
    conferences,
    deeds,
    duty,
    late,
    lead,
    memos,
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
    late,
    settings,
    checks,
    lead,
    reports,
    conferences,
    plans,
    memos,
    alerts,
):
    router.include_router(door.router)
