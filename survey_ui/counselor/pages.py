"""The counselor's doors, one file each."""

from fastapi import APIRouter

from survey_ui.counselor import case, checks, deeds, duty, lead, name, places, queue, settings, sheets

router = APIRouter()
for door in (queue, case, deeds, name, sheets, places, duty, settings, checks, lead):
    router.include_router(door.router)
