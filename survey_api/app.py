"""The JSON service alone: `uvicorn survey_api.app:app`. The pages are added by survey_ui.app."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager

from fastapi import APIRouter, FastAPI
from starlette.types import Scope

from survey_api.kit import log
from survey_api.runtime import Runtime, open_runtime, settle_memory
from survey_api.settings import Settings
from survey_api.web.errors import answer_as_json
from survey_api.web.middleware import Guard
from survey_api.web.routes import drafts, health, submissions

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'{styles}; img-src 'self' data:; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def create_app(
    settings: Settings | None = None,
    *,
    open_with: Callable[[Settings], AbstractContextManager[Runtime]] = open_runtime,
    style_hashes: str = "",
) -> FastAPI:
    """The app over one runtime, opened at start and closed at the end. No documentation pages are served."""
    chosen = settings or Settings()
    log.set_up()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with open_with(chosen) as runtime:
            app.state.runtime = runtime
            settle_memory()
            yield

    app = FastAPI(title="Kizuki", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(
        Guard,
        policy=POLICY.format(styles=style_hashes),
        secure=chosen.secure_cookies,
        public_url=chosen.public_url,
    )
    app.include_router(health.router)
    app.router.routes += [submissions.route, *drafts.routes]
    app.add_exception_handler(Exception, answer_as_json)
    build_routes(app)
    return app


def build_routes(router: FastAPI | APIRouter) -> None:
    """Build every route a router includes now, in this thread.

    FastAPI leaves it to the first request and silences warnings of the whole process meanwhile, which Python cannot
    do beside other threads; and the first child of a bell would wait for it.
    """
    nowhere: Scope = {"type": "http", "method": "GET", "path": "/", "root_path": "", "headers": []}
    for route in router.routes:
        route.matches(nowhere)


app = create_app()
