"""The composition root: pages and JSON in one process. `uvicorn survey_ui.app:app`."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache

from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute, Mount

from survey_api.app import build_routes
from survey_api.app import create_app as create_api
from survey_api.runtime import Runtime, open_runtime
from survey_api.settings import Settings
from survey_ui.counselor import pages as counselor
from survey_ui.counselor.left_over import rescue
from survey_ui.memo import pages as memo
from survey_ui.memo import replies
from survey_ui.office import lab_files
from survey_ui.office import pages as office
from survey_ui.operator import pages as operator
from survey_ui.operator import practice
from survey_ui.operator import staff as colleagues
from survey_ui.shell import assets
from survey_ui.shell.errors import add_error_pages
from survey_ui.signin import pages as signin
from survey_ui.student import classroom
from survey_ui.student import pages as student
from survey_ui.welfare import files, outcome_pages, public_pages, release_pages
from survey_ui.welfare import pages as welfare


def create_app(
    settings: Settings | None = None,
    *,
    open_with: Callable[[Settings], AbstractContextManager[Runtime]] = open_runtime,
) -> FastAPI:
    """The whole service over one runtime."""
    app = create_api(settings, open_with=open_with, style_hashes=assets.csp_hash("student.css"))
    app.router.routes += doors()
    app.router.routes.append(Mount("/static", app=assets.StaticFiles()))
    add_error_pages(app, rescue)
    return app


@cache
def doors() -> list[BaseRoute]:
    """Every page's route, built once a process, in the thread that asks first: see build_routes."""
    city = (welfare, files, outcome_pages, release_pages, public_pages)
    desk = (counselor, memo, replies)
    house = APIRouter()
    for door in (signin, student, classroom, *desk, office, lab_files, *city, operator, colleagues, practice):
        house.include_router(door.router)
    build_routes(house)
    return house.routes


app = create_app()
