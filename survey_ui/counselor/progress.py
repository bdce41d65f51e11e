"""実施の進み: how far each class of the own schools is, in steps of five. No name, no sign, nobody to be told from it."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from survey_api.access.permissions import Permission
from survey_api.access.scope import Scope
from survey_api.kit.actor import Actor
from survey_api.services.waves import queries
from survey_api.services.waves.rules import class_words
from survey_api.vocabulary import WaveState
from survey_api.web.deps import ReadDep
from survey_ui.counselor.saying import group_words
from survey_ui.shell.guards import enter
from survey_ui.shell.templating import page

router = APIRouter()


@router.get("/counselor/progress")
def progress(request: Request, db: ReadDep, actor: Actor = enter(Permission.WORK_CASES)) -> Response:
    """Every wave that runs, newest first."""
    scope = Scope.of(actor, Permission.WORK_CASES)
    waves = [
        (wave, [(row.school, group_words(row.grade, row.class_name), class_words(row)) for row in rows])
        for wave in queries.waves(db)
        if wave.state == WaveState.OPEN and (rows := queries.class_rows(db, scope, wave.id))
    ]
    return page(request, "counselor/progress.html", {"waves": waves})
