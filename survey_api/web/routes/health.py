"""Is the service up, and can it keep an answer?"""

from fastapi import APIRouter
from sqlalchemy import text
from starlette.responses import JSONResponse

from survey_api.web.deps import RuntimeDep

router = APIRouter()


@router.get("/health")
def health() -> dict[str, str]:
    """The process answers."""
    return {"status": "up"}


@router.get("/ready")
def ready(runtime: RuntimeDep) -> JSONResponse:
    """Both databases answer and the write lock can be taken."""
    for store in (runtime.survey, runtime.vault_store):
        with store.write.begin() as connection:
            connection.execute(text("SELECT 1"))
    return JSONResponse({"status": "ready"})
