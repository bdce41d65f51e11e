"""The counselor's doors, one file each."""

from fastapi import APIRouter

from survey_ui.counselor import case, deeds, name, places, queue, sheets

router = APIRouter()
for door in (queue, case, deeds, name, sheets, places):
    router.include_router(door.router)
