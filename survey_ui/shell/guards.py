"""Who may enter a door. A page asks for one permission; everything else is refused or sent to sign-in."""

from typing import Any

from fastapi import Depends, Request

from survey_api.access import sessions
from survey_api.access.permissions import Permission
from survey_api.kit.actor import Actor
from survey_api.kit.problems import SignInAgain
from survey_api.services.preferences import queries as preferences_queries
from survey_api.web import cookies
from survey_api.web.deps import ReadDep, RuntimeDep, needs
from survey_ui.shell.forms import csrf_token


def enter(permission: Permission, *, fresh: bool = False) -> Any:
    """A dependency for pages: the actor holds the permission; the page learns actor and CSRF token.

    `fresh`: only with a sign-in of the last five minutes, for what leaves the house.
    """

    holder = needs(permission)

    def check(request: Request, runtime: RuntimeDep, db: ReadDep, actor: Actor = holder) -> Actor:
        if fresh and not sessions.is_fresh(db, runtime.clock, cookies.staff_token(request) or ""):
            raise SignInAgain
        request.state.actor = actor
        request.state.look = preferences_queries.look_of(db, actor.id)
        request.state.csrf = csrf_token(runtime.keys, cookies.staff_token(request) or "")
        return actor

    return Depends(check)
