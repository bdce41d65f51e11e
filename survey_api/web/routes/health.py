"""Is the service up, can it keep an answer, and the same as numbers for a monitor that holds the token."""

import hmac

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, PlainTextResponse

from survey_api.jobs.health import is_ready, look, metrics
from survey_api.kit.problems import NotFound
from survey_api.web.deps import RuntimeDep

router = APIRouter()


@router.get("/health")
def health() -> dict[str, str]:
    """The process answers."""
    return {"status": "up"}


@router.get("/ready")
def ready(runtime: RuntimeDep) -> JSONResponse:
    """Both databases answer, are up to date and can be written, and the disk has room; 503 otherwise."""
    if is_ready(runtime):
        return JSONResponse({"status": "ready"})
    return JSONResponse({"status": "not ready"}, status_code=503)


@router.get("/metrics")
def numbers(request: Request, runtime: RuntimeDep) -> PlainTextResponse:
    """Counts and ages in Prometheus' text format. Without KIZUKI_METRICS_TOKEN this door does not exist."""
    token = runtime.settings.metrics_token.get_secret_value()
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(given.encode(), token.encode()):
        raise NotFound
    return PlainTextResponse(metrics(look(runtime)))
