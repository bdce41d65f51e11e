"""The teacher's screen in class: a script to read aloud and how far the class is. No account, no name, no answer."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from survey_api.access import ticket_tries
from survey_api.access.class_code import ClassOf, class_code, class_of, corner, could_be_code
from survey_api.access.scope import Scope
from survey_api.kit.actor import Actor
from survey_api.kit.clock import school_day
from survey_api.kit.problems import NotSignedIn
from survey_api.runtime import Runtime
from survey_api.services.waves import queries as waves_queries
from survey_api.services.waves.rules import coarse
from survey_api.vocabulary import GRADE_WORDS
from survey_api.web import cookies
from survey_api.web.deps import ReadDep, RuntimeDep, write
from survey_ui.shell.forms import PlainForm, text_of
from survey_ui.shell.templating import page

router = APIRouter(prefix="/class")
DOOR = Actor.student("door")


@dataclass(frozen=True)
class Counts:
    """What a class screen says: words, never a number that could name a child."""

    opened: str
    sent: str


class Classroom:
    """The class whose code this browser showed; NotSignedIn (back to the code) when there is none."""

    def __init__(self, request: Request, runtime: RuntimeDep, db: ReadDep) -> None:
        today = school_day(runtime.clock.now())
        found = class_of(runtime.keys, cookies.classroom(request), waves_queries.classes_on(db, today))
        if found is None:
            raise NotSignedIn
        self.of: ClassOf = found
        wave_id, school_id, grade, name = found
        self.wave = waves_queries.wave_by_id(db, wave_id)
        progress = waves_queries.class_progress(
            db, Scope(frozenset({school_id})), wave_id, school_id, grade, name
        )
        self.counts = Counts(
            opened=coarse(progress.opened, progress.tickets, all_of_them="全員ひらきました"),
            sent=coarse(progress.sent, progress.tickets),
        )


ClassroomDep = Annotated[Classroom, Depends(Classroom, scope="function")]


@router.get("")
def ask_code(request: Request, runtime: RuntimeDep) -> Response:
    """Where a teacher types the code of the class."""
    response = _ask(request)
    cookies.set_device(request, response, runtime.keys)
    return response


@router.post("")
def show_code(request: Request, runtime: RuntimeDep, form: PlainForm) -> Response:
    """A wrong code slows down this screen and its corner of the code space; what is typed meanwhile counts nothing."""
    typed, now = text_of(form, "code", 20), runtime.clock.now()
    # Apart from the ticket numbers of the same tablet: the code stands in front of the class.
    screen = f"class {cookies.device(request, runtime.keys)}"
    if wait := _seconds_to_wait(runtime, screen, typed):
        return _ask(request, refused=True, wait=wait)
    with runtime.reading() as db:
        found = class_of(runtime.keys, typed, waves_queries.classes_on(db, school_day(now)))
    if found is None:
        if could_be_code(typed):
            write(runtime, DOOR, lambda work: ticket_tries.note_wrong(work, screen, corner(typed)))
        return _ask(request, refused=True, wait=_seconds_to_wait(runtime, screen, typed))
    write(runtime, DOOR, lambda work: ticket_tries.forgive(work, screen))
    response = RedirectResponse("/class/now", status_code=303)
    cookies.set_classroom(request, response, class_code(runtime.keys, found))
    return response


def _seconds_to_wait(runtime: Runtime, screen: str, typed: str) -> int:
    with runtime.reading() as db:
        return ticket_tries.wait_seconds(db, runtime.keys, runtime.clock.now(), screen, corner(typed))


def _ask(request: Request, *, refused: bool = False, wait: int = 0) -> Response:
    """The page that asks for the code, with what was wrong with the last one."""
    status = 429 if wait else 404 if refused else 200
    response = page(request, "student/class_code.html", {"refused": refused, "wait": wait}, status=status)
    if wait:
        response.headers["retry-after"] = str(wait)
    return response


@router.get("/now")
def now(request: Request, runtime: RuntimeDep, room: ClassroomDep) -> Response:
    """The screen for the front of the class."""
    _, _, grade, name = room.of
    context = {
        "wave": room.wave,
        "group": f"{GRADE_WORDS[grade]} {name.rpartition('年')[2].removesuffix('組')}組"
        if name
        else GRADE_WORDS[grade],
        "code": class_code(runtime.keys, room.of),
        "counts": room.counts,
        "address": runtime.settings.address,
    }
    return page(request, "student/classroom.html", context)


@router.get("/counts")
def counts(room: ClassroomDep) -> Response:
    """The two lines alone, for a screen that stays open."""
    return JSONResponse({"opened": room.counts.opened, "sent": room.counts.sent})
