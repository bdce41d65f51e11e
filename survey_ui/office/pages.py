"""The school office: roster, waves, tickets, progress. Never an answer, never a flag."""

import base64
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from survey_api.access.permissions import Permission
from survey_api.journeys import close_wave as closing
from survey_api.journeys import enrol_students
from survey_api.journeys import open_wave as opening
from survey_api.journeys.print_tickets import print_tickets
from survey_api.kit.actor import Actor
from survey_api.kit.clock import school_day
from survey_api.kit.crypto import open_sealed, seal
from survey_api.kit.problems import BadInput
from survey_api.runtime import Runtime
from survey_api.services.banks import queries as banks_queries
from survey_api.services.students import queries as students_queries
from survey_api.services.waves import queries as waves_queries
from survey_api.services.waves.rules import WavePlan
from survey_api.web.deps import ReadDep, RuntimeDep, VaultDep, WorkDep
from survey_ui.office import view
from survey_ui.shell.forms import StaffForm, text_of
from survey_ui.shell.guards import enter
from survey_ui.shell.templating import page

router = APIRouter(prefix="/office")
SHOWN_PROBLEMS = 200


@router.get("/")
def home(request: Request, db: ReadDep, actor: Actor = enter(Permission.SEE_PROGRESS)) -> Response:
    """What is there, and what to do next."""
    sizes = students_queries.grade_sizes(db)
    context = {
        "schools": len(students_queries.schools(db)),
        "students": sum(size.students for size in sizes),
        "banks": banks_queries.newest_versions(db),
        "waves": waves_queries.waves(db),
    }
    return page(request, "office/home.html", context)


@router.get("/roster")
def roster(request: Request, actor: Actor = enter(Permission.IMPORT_ROSTER)) -> Response:
    return page(request, "office/roster.html", {"preview": None})


@router.post("/roster")
async def roster_dry_run(
    request: Request,
    runtime: RuntimeDep,
    vault: VaultDep,
    form: StaffForm,
    actor: Actor = enter(Permission.IMPORT_ROSTER),
) -> Response:
    """Show what the file would do. Nothing is written; the file travels back sealed inside the form."""
    upload = form.get("file")
    data = await upload.read() if isinstance(upload, UploadFile) else b""
    if not data:
        raise BadInput("名簿のZIPファイルを選んでください。")
    with runtime.reading() as db:
        preview = enrol_students.dry_run(db, vault, actor, data)
    context = {
        "preview": preview,
        "problems": [
            (problem.severity, enrol_students.describe(problem))
            for problem in preview.problems[:SHOWN_PROBLEMS]
        ],
        "more": max(0, len(preview.problems) - SHOWN_PROBLEMS),
        "sealed": base64.b64encode(seal(runtime.keys["cookies"], data, _place(actor))).decode(),
    }
    return page(request, "office/roster.html", context)


@router.post("/roster/apply")
def roster_apply(
    request: Request,
    runtime: RuntimeDep,
    vault: VaultDep,
    form: StaffForm,
    work: WorkDep,
    actor: Actor = enter(Permission.IMPORT_ROSTER),
) -> Response:
    """Apply exactly the file that was previewed: names to the vault, then the rest."""
    sealed = form.get("sealed")
    data = open_sealed(
        runtime.keys["cookies"], base64.b64decode(sealed if isinstance(sealed, str) else ""), _place(actor)
    )
    with runtime.vault_work(actor) as vault_work:
        preview = enrol_students.apply(work, vault_work, vault, data)
    return page(request, "office/roster_done.html", {"diff": preview.diff})


def _place(actor: Actor) -> str:
    return f"roster|{actor.id}"


@router.get("/waves")
def waves(
    request: Request, runtime: RuntimeDep, db: ReadDep, actor: Actor = enter(Permission.PLAN_WAVES)
) -> Response:
    context = {
        "waves": waves_queries.waves(db),
        "grades": view.GRADES,
        "today": school_day(runtime.clock.now()),
    }
    return page(request, "office/waves.html", context)


@router.post("/waves")
def open_a_wave(
    request: Request, form: StaffForm, work: WorkDep, actor: Actor = enter(Permission.PLAN_WAVES)
) -> Response:
    """Open a wave for grades and dates; every reason against it is listed at once."""
    wave_id = opening.open_wave(work, _plan(form))
    return RedirectResponse(f"/office/waves/{wave_id}", status_code=303)


def _plan(form: FormData) -> WavePlan:
    grades = frozenset(
        int(value) for value in form.getlist("grade") if isinstance(value, str) and value.isdigit()
    )
    return WavePlan(
        name=text_of(form, "name", 80),
        opens_on=_date(form, "opens_on", "始まりの日"),
        closes_on=_date(form, "closes_on", "終わりの日"),
        grades=grades & frozenset(view.GRADES),
    )


def _date(form: FormData, name: str, label: str) -> date:
    try:
        return date.fromisoformat(text_of(form, name, 10))
    except ValueError as broken:
        raise BadInput(f"{label}を 2026-11-24 の形で入れてください。") from broken


@router.get("/waves/{wave_id}")
def progress(
    request: Request, db: ReadDep, wave_id: str, actor: Actor = enter(Permission.SEE_PROGRESS)
) -> Response:
    """How far each class is, as coarse counts without a name."""
    wave = waves_queries.wave_by_id(db, wave_id)
    blocks = view.school_blocks(waves_queries.class_rows(db, wave_id))
    return page(request, "office/progress.html", {"wave": wave, "blocks": blocks})


@router.post("/waves/{wave_id}/close")
def close_a_wave(
    form: StaffForm, work: WorkDep, wave_id: str, actor: Actor = enter(Permission.PLAN_WAVES)
) -> Response:
    closing.close_wave(work, wave_id)
    return RedirectResponse(f"/office/waves/{wave_id}", status_code=303)


@router.post("/waves/{wave_id}/tickets")
def tickets(
    request: Request,
    runtime: RuntimeDep,
    vault: VaultDep,
    form: StaffForm,
    work: WorkDep,
    wave_id: str,
    actor: Actor = enter(Permission.PRINT_TICKETS),
) -> Response:
    """A sheet of cards for one class. Each print makes new secrets; the old cards stop working."""
    grade = text_of(form, "grade", 2)
    chosen: dict[str, Any] = {
        "school_id": text_of(form, "school_id", 64),
        "grade": int(grade) if grade.isdigit() else 0,
        "class_name": text_of(form, "class_name", 80),
    }
    cards = print_tickets(work, vault, wave_id=wave_id, address=_address(runtime), **chosen)
    school = next((row for row in students_queries.schools(work.db) if row.id == chosen["school_id"]), None)
    context = {
        "cards": cards,
        "school": school.name if school else "",
        "grade": view.GRADES.get(chosen["grade"], ""),
        "class_name": chosen["class_name"],
        "wave": waves_queries.wave_by_id(work.db, wave_id),
    }
    return page(request, "office/tickets.html", context)


def _address(runtime: Runtime) -> str:
    return runtime.settings.address


@router.get("/banks")
def banks(request: Request, db: ReadDep, actor: Actor = enter(Permission.READ_BANKS)) -> Response:
    return page(request, "office/banks.html", {"banks": banks_queries.newest_versions(db)})


@router.get("/banks/{sha256}")
def bank(request: Request, db: ReadDep, sha256: str, actor: Actor = enter(Permission.READ_BANKS)) -> Response:
    """Every question of a published version, in the words a child reads."""
    loaded = banks_queries.published(db, sha256)
    words = loaded.words()
    lines = [
        (item.id, words["items"][item.id]["ask"], list(words["items"][item.id].get("options", {}).values()))
        for item in loaded.bank.items.values()
    ]
    return page(request, "office/bank.html", {"bank": loaded.bank, "lines": lines, "sha256": sha256})
