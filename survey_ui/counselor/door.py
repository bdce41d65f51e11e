"""The counselor's door: one Work per request, and a trail line when somebody knocks at another school's case."""

import re
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Depends, Request

from survey_api.access.permissions import Permission
from survey_api.access.scope import Scope
from survey_api.audit import trail
from survey_api.kit.actor import Actor
from survey_api.kit.problems import BadInput, NotFound, Problem, SchoolLocked
from survey_api.kit.work import Work
from survey_api.runtime import Runtime
from survey_api.services.review import queries as review_queries
from survey_api.services.review.hold import actions as hold_actions
from survey_api.vocabulary import AuditKind
from survey_api.web.deps import OpenedDep, RuntimeDep
from survey_ui.shell.guards import enter

_ID = re.compile(r"[0-9a-f]{32}")


def _work_for(permission: Permission) -> Any:
    holder = enter(permission)

    def open_door(
        request: Request, runtime: RuntimeDep, opened: OpenedDep, actor: Actor = holder
    ) -> Iterator[Work]:
        """A Work that commits before the answer leaves. A refusal is written down in a transaction of its own."""
        try:
            with runtime.work(actor, getattr(request.state, "request_id", ""), opened) as work:
                yield work
        except NotFound:
            case_id = str(request.path_params.get("case_id", ""))
            subject = case_id if _ID.fullmatch(case_id) else "unknown"
            route = getattr(request.scope.get("route"), "path", "")
            with runtime.work(actor) as work:
                trail.record(
                    work, AuditKind.REFUSED, "case", subject, route=route, permission=str(permission)
                )
            raise
        except SchoolLocked:
            raise  # its page carries the whole form and sends it again once the key is open
        except Problem as refused:
            kept = _keep_unsent(request, runtime, actor)
            if kept:
                raise type(refused)(f"{refused.detail} {KEPT}", details=refused.details) from refused
            raise

    return Depends(open_door, scope="function")


KEPT = "書いたことばは消えていません。ケースのページに下書きとして残っています。"


def _keep_unsent(request: Request, runtime: Runtime, actor: Actor) -> bool:
    """What was typed into a form that was refused, kept as its writer's draft."""
    name, words = getattr(request.state, "unsent", ("", ""))
    if not words:
        return False
    scope = Scope.of(actor, Permission.WORK_CASES)
    with runtime.work(actor) as work:
        case = review_queries.case_by_id(work.db, scope, str(request.path_params["case_id"]))
        hold_actions.save_draft(work, case, name, words)
    return True


CaseWork = Annotated[Work, _work_for(Permission.WORK_CASES)]
NameWork = Annotated[Work, _work_for(Permission.REVEAL_NAME)]
SheetWork = Annotated[Work, _work_for(Permission.HAND_OVER)]
LeadWork = Annotated[Work, _work_for(Permission.LEAD_CASES)]
AlertWork = Annotated[Work, _work_for(Permission.HEAR_ALERTS)]
DutyWork = Annotated[Work, _work_for(Permission.TAKE_ESCALATIONS)]
MeetWork = Annotated[Work, _work_for(Permission.MEET_ONLINE)]
ClockWork = Annotated[Work, _work_for(Permission.SET_CLOCKS)]


def version_of(text: str) -> int:
    """The version a form was made from; BadInput when the form does not say."""
    if not text.isdecimal():
        raise BadInput("画面の版が分かりません。ページを開き直してください。")
    return int(text)
