"""The operator's page: is everything up, does the trail hold, what happened last."""

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from survey_api.access import queries as access_queries
from survey_api.access.permissions import Permission
from survey_api.audit import chain, checkpoints
from survey_api.audit import queries as audit_queries
from survey_api.jobs import health
from survey_api.kit.actor import Actor
from survey_api.runtime import Runtime
from survey_api.tables.audit import AuditEntry
from survey_api.web.deps import ReadDep, RuntimeDep
from survey_ui.operator import alerts, view
from survey_ui.shell.guards import enter
from survey_ui.shell.templating import page

router = APIRouter(prefix="/operator")
router.include_router(alerts.router)
SHOWN = 50


@router.get("/")
def home(
    request: Request, runtime: RuntimeDep, db: ReadDep, actor: Actor = enter(Permission.SEE_HEALTH)
) -> Response:
    """The chain is walked at every visit; the newest lines stand below it."""
    logins = {staff.id: staff.login for staff in access_queries.all_staff(db)}
    context = {
        "verdict": _verdict(runtime, db),
        "lines": [
            (line.seq, line.at, view.who(line.actor_kind, _who(line), logins), view.what(line.kind))
            for line in audit_queries.newest(db, SHOWN)
        ],
        "findings": health.look(runtime),
    }
    return page(request, "operator/home.html", context)


def _who(line: AuditEntry) -> str:
    """The door writes for a person who is not signed in yet: then it is the one it is about."""
    return line.subject_id if line.actor_id == "signin" else line.actor_id


def _verdict(runtime: Runtime, db: Session) -> chain.Verdict:
    """The walk along the trail, past every note kept of it; a note that was changed is a break too."""
    try:
        marks = checkpoints.marks(runtime.settings.checkpoint_folder, runtime.keys)
    except checkpoints.CheckpointBroken as broken:
        return chain.Verdict(0, "", 0, broken.detail)
    return chain.verify(audit_queries.all_entries(db), marks)
