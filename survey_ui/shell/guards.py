"""Who may enter a door. A page asks for one permission; everything else is refused or sent to sign-in."""

from typing import Any

from fastapi import Depends, Request

from survey_api.access.permissions import Permission
from survey_api.kit.actor import Actor
from survey_api.web import cookies
from survey_api.web.deps import RuntimeDep, needs
from survey_ui.shell.forms import csrf_token


def enter(permission: Permission) -> Any:
    """A dependency for pages: the actor holds the permission; the page learns actor and CSRF token."""

    holder = needs(permission)

    def check(request: Request, runtime: RuntimeDep, actor: Actor = holder) -> Actor:
        request.state.actor = actor
        request.state.csrf = csrf_token(runtime.keys, cookies.staff_token(request) or "")
        return actor

    return Depends(check)
