"""What a route may ask for: the runtime, who is acting, a read session, a Work, the vault.

WorkDep ends (and commits) before the answer leaves: a commit that fails can never follow a success.
"""

import asyncio
from collections.abc import Callable, Iterator
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlmodel import Session

from survey_api.access import sessions
from survey_api.access.permissions import Permission
from survey_api.access.policy import may
from survey_api.audit import trail
from survey_api.kit.actor import Actor
from survey_api.kit.opened import Opened
from survey_api.kit.problems import NotAllowed, NotSignedIn
from survey_api.kit.work import Work
from survey_api.runtime import Runtime
from survey_api.vault.door import Vault
from survey_api.vocabulary import AuditKind
from survey_api.web import cookies


def runtime_of(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


RuntimeDep = Annotated[Runtime, Depends(runtime_of)]


def open_reading(runtime: RuntimeDep) -> Iterator[Session]:
    with runtime.reading() as db:
        yield db


ReadDep = Annotated[Session, Depends(open_reading, scope="function")]


def staff_actor(request: Request, runtime: RuntimeDep, db: ReadDep) -> Actor:
    """The signed-in member of staff; NotSignedIn otherwise. Keeps the session alive."""
    token = cookies.staff_token(request)
    actor = sessions.actor_of(db, runtime.clock, token) if token else None
    if actor is None or token is None:
        raise NotSignedIn
    if sessions.is_stale(db, runtime.clock, token):
        with runtime.work(actor) as work:
            sessions.touch(work, token)
    return actor


StaffDep = Annotated[Actor, Depends(staff_actor)]


def needs(permission: Permission) -> Any:
    """A dependency: the signed-in member of staff holds this permission; a refusal leaves a trail line."""

    def check(request: Request, runtime: RuntimeDep, actor: StaffDep) -> Actor:
        if not may(actor, permission):
            with runtime.work(actor) as work:
                route = getattr(request.scope.get("route"), "path", "")
                trail.record(
                    work, AuditKind.REFUSED, "staff", actor.id, route=route, permission=str(permission)
                )
            raise NotAllowed
        return actor

    return Depends(check)


def opened_of(request: Request, runtime: RuntimeDep) -> Opened:
    """What the session of this request has unlocked."""
    return runtime.opened_by(cookies.staff_token(request))


OpenedDep = Annotated[Opened, Depends(opened_of)]


def open_work(request: Request, runtime: RuntimeDep, actor: StaffDep, opened: OpenedDep) -> Iterator[Work]:
    with runtime.work(actor, getattr(request.state, "request_id", ""), opened) as work:
        yield work


WorkDep = Annotated[Work, Depends(open_work, scope="function")]


def open_vault(runtime: RuntimeDep, opened: OpenedDep) -> Vault:
    return runtime.vault_for(opened)


VaultDep = Annotated[Vault, Depends(open_vault)]


def pupil_ticket(request: Request, runtime: RuntimeDep) -> str:
    """The ticket id in the pupil's cookie; NotSignedIn when there is none or it is too old."""
    ticket_id = cookies.pupil_ticket(request, runtime.keys)
    if ticket_id is None:
        raise NotSignedIn
    return ticket_id


PupilDep = Annotated[str, Depends(pupil_ticket)]


def write(runtime: Runtime, actor: Actor, job: Callable[[Work], Any]) -> Any:
    """Run a pupil's small job in the group writer and wait until it is durable."""
    return runtime.writer.submit(actor, job).result()


async def written(runtime: Runtime, actor: Actor, job: Callable[[Work], Any]) -> Any:
    """The same for what a whole school sends at one bell: while it waits for the disk it holds no thread, so that
    every page still opens."""
    return await asyncio.wrap_future(runtime.writer.submit(actor, job))
