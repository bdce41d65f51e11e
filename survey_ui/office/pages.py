"""The school office: roster, waves, tickets, progress. Never an answer, never a flag."""

import base64
from collections import Counter
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from survey_api.access.class_code import class_code
from survey_api.access.permissions import Permission
from survey_api.access.scope import Scope
from survey_api.journeys import close_wave as closing
from survey_api.journeys import enrol_students
from survey_api.journeys import open_wave as opening
from survey_api.journeys.print_tickets import handed_out, print_tickets
from survey_api.kit.actor import Actor
from survey_api.kit.clock import school_day
from survey_api.kit.crypto import open_sealed, seal
from survey_api.kit.problems import BadInput, KeyMissing, Problem
from survey_api.runtime import Runtime
from survey_api.services.banks import queries as banks_queries
from survey_api.services.students import queries as students_queries
from survey_api.services.waves import queries as waves_queries
from survey_api.services.waves.rules import WavePlan, helplines_fresh
from survey_api.settings import Mode
from survey_api.vocabulary import GRADE_WORDS
from survey_api.web.deps import ReadDep, RuntimeDep, VaultDep, WorkDep
from survey_ui.office import consent, memo_cards, places, view
from survey_ui.shell.child_words import helplines, helplines_verified_on, status_of
from survey_ui.shell.forms import StaffForm, text_of
from survey_ui.shell.guards import enter
from survey_ui.shell.templating import page

router = APIRouter(prefix="/office")
router.include_router(places.router)
router.include_router(consent.router)
router.include_router(memo_cards.router)
SHOWN_PROBLEMS = 200


@router.get("/")
def home(request: Request, db: ReadDep, actor: Actor = enter(Permission.SEE_PROGRESS)) -> Response:
    """What is there, and what to do next."""
    sizes = students_queries.grade_sizes(db)
    scope = Scope.of(actor, Permission.SEE_PROGRESS)
    context = {
        "schools": sum(scope.covers(school.id) for school in students_queries.schools(db)),
        "students": sum(size.students for size in sizes if scope.covers(size.school_id)),
        "banks": banks_queries.newest_versions(db),
        "waves": waves_queries.waves(db),
    }
    return page(request, "office/home.html", context)


@router.get("/roster")
def roster(request: Request, actor: Actor = enter(Permission.IMPORT_ROSTER)) -> Response:
    return page(request, "office/roster.html", {"preview": None})


@router.post("/roster")
def roster_dry_run(
    request: Request,
    runtime: RuntimeDep,
    vault: VaultDep,
    form: StaffForm,
    actor: Actor = enter(Permission.IMPORT_ROSTER),
) -> Response:
    """Show what the file would do. Nothing is written; the file travels back sealed inside the form."""
    upload = form.get("file")
    data = upload.file.read() if isinstance(upload, UploadFile) else b""
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
        "sealed": base64.urlsafe_b64encode(seal(runtime.keys["cookies"], data, _place(actor))).decode(),
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
    data = _previewed(runtime, form, actor)
    with runtime.vault_work(actor, work.opened) as vault_work:
        preview = enrol_students.apply(work, vault_work, vault, data)
    return page(request, "office/roster_done.html", {"diff": preview.diff})


def _previewed(runtime: Runtime, form: FormData, actor: Actor) -> bytes:
    """The file of the dry run, opened; BadInput when it is not the one this person was shown."""
    sealed = form.get("sealed")
    try:
        blob = base64.urlsafe_b64decode(sealed if isinstance(sealed, str) else "")
        return open_sealed(runtime.keys["cookies"], blob, _place(actor))
    except (ValueError, KeyMissing) as broken:
        raise BadInput(
            "確認した名簿が届きませんでした。ファイルをもう一度選んで、確認からやり直してください。"
        ) from broken


def _place(actor: Actor) -> str:
    return f"roster|{actor.id}"


@router.get("/waves")
def waves(
    request: Request, runtime: RuntimeDep, db: ReadDep, actor: Actor = enter(Permission.PLAN_WAVES)
) -> Response:
    return _waves_page(request, runtime, db, actor, {})


def _waves_page(
    request: Request,
    runtime: Runtime,
    db: Session,
    actor: Actor,
    filled: dict[str, Any],
    refusal: Problem | None = None,
) -> Response:
    """The list and the form; after a refusal with what was filled in, so that nothing is typed twice."""
    today = school_day(runtime.clock.now())
    scope = Scope.of(actor, Permission.PLAN_WAVES)
    sizes = Counter[int]()
    for size in students_queries.grade_sizes(db):
        sizes[size.grade] += size.students if scope.covers(size.school_id) else 0
    context = {
        "waves": waves_queries.waves(db),
        "grades": [(grade, GRADE_WORDS[grade], sizes[grade]) for grade in sorted(+sizes)],
        "filled": {
            "name": "",
            "opens_on": today.isoformat(),
            "closes_on": "",
            "grades": frozenset(),
            "languages": frozenset(),
        }
        | filled,
        "drafts": _drafts(db),
        "helplines": [] if helplines_fresh(helplines_verified_on(), today) else helplines(),
        "today": today,
        "refusal": refusal,
    }
    return page(request, "office/waves.html", context, status=refusal.status if refusal else 200)


@router.post("/waves")
def open_a_wave(
    request: Request,
    runtime: RuntimeDep,
    db: ReadDep,
    form: StaffForm,
    actor: Actor = enter(Permission.PLAN_WAVES),
) -> Response:
    """Open a wave for grades and dates; every reason against it is listed at once, above the same form."""
    try:
        with runtime.work(actor) as work:
            plan = _plan(form, school_day(runtime.clock.now()))
            real = runtime.settings.mode is Mode.PRODUCTION
            wave_id = opening.open_wave(work, plan, demand_locks=real, demand_alert_tests=real)
    except BadInput as refused:
        filled = {
            "name": text_of(form, "name", 80),
            "opens_on": text_of(form, "opens_on", 10),
            "closes_on": text_of(form, "closes_on", 10),
            "grades": _grades(form),
            "languages": _languages(form),
        }
        return _waves_page(request, runtime, db, actor, filled, refused)
    return RedirectResponse(f"/office/waves/{wave_id}", status_code=303)


def _plan(form: FormData, today: date) -> WavePlan:
    return WavePlan(
        name=text_of(form, "name", 80),
        opens_on=_date(form, "opens_on", "始まりの日"),
        closes_on=_date(form, "closes_on", "終わりの日"),
        grades=_grades(form),
        draft_languages=_languages(form),
        helplines_checked_on=today if "helplines" in form else helplines_verified_on(),
    )


def _languages(form: FormData) -> frozenset[str]:
    return frozenset(code for code in view.LANGUAGE_WORDS if code in form.getlist("language"))


def _drafts(db: Session) -> list[tuple[str, str]]:
    """(code, name) of the translations that no native speaker has read yet: each wave decides about them."""
    banks = [banks_queries.published(db, row.sha256) for row in banks_queries.newest_versions(db)]
    return [
        (code, name)
        for code, name in view.LANGUAGE_WORDS.items()
        if "draft" in {status_of(code), *(bank.texts[code]["status"] for bank in banks if code in bank.texts)}
    ]


def _grades(form: FormData) -> frozenset[int]:
    chosen = {value for value in form.getlist("grade") if isinstance(value, str)}
    return frozenset(grade for grade in GRADE_WORDS if str(grade) in chosen)


def _date(form: FormData, name: str, label: str) -> date:
    try:
        return date.fromisoformat(text_of(form, name, 10))
    except ValueError as broken:
        raise BadInput(f"{label}を 2026-11-24 の形で入れてください。") from broken


@router.get("/waves/{wave_id}")
def progress(
    request: Request,
    runtime: RuntimeDep,
    db: ReadDep,
    wave_id: str,
    actor: Actor = enter(Permission.SEE_PROGRESS),
) -> Response:
    """How far each class is, as coarse counts without a name."""
    wave = waves_queries.wave_by_id(db, wave_id)
    scope = Scope.of(actor, Permission.SEE_PROGRESS)
    rows = waves_queries.class_rows(db, scope, wave_id)
    codes = {
        (row.school_id, row.grade, row.class_name): class_code(
            runtime.keys, (wave_id, row.school_id, row.grade, row.class_name)
        )
        for row in rows
    }
    context = {"wave": wave, "blocks": view.school_blocks(rows), "codes": codes}
    return page(request, "office/progress.html", context)


@router.post("/waves/{wave_id}/close")
def close_a_wave(
    form: StaffForm, work: WorkDep, wave_id: str, actor: Actor = enter(Permission.PLAN_WAVES)
) -> Response:
    if text_of(form, "sure") != "yes":
        raise BadInput("終えると元に戻せません。「終えてよい」に印をつけてから、もう一度押してください。")
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
    """A sheet of cards for one class. Each print makes new secrets; the old cards stop working, so it asks first."""
    grade = text_of(form, "grade", 2)
    chosen: dict[str, Any] = {
        "school_id": text_of(form, "school_id", 64),
        "grade": int(grade) if grade.isdigit() else 0,
        "class_name": text_of(form, "class_name", 80),
    }
    number, only_new = text_of(form, "number", 4), "new" in form
    handed = 0
    if not (only_new or number or text_of(form, "sure") == "yes"):
        handed = handed_out(work, wave_id=wave_id, **chosen)
    cards = (
        []
        if handed
        else print_tickets(
            work,
            vault,
            wave_id=wave_id,
            address=_address(runtime),
            only_new=only_new,
            number=number,
            **chosen,
        )
    )
    school = next((row for row in students_queries.schools(work.db) if row.id == chosen["school_id"]), None)
    context = {
        "cards": cards,
        "handed": handed,
        "chosen": chosen,
        "whole": not (only_new or number),
        "school": school.name if school else "",
        "grade": GRADE_WORDS.get(chosen["grade"], ""),
        "class_name": chosen["class_name"],
        "address": _address(runtime),
        "wave": waves_queries.wave_by_id(work.db, wave_id),
    }
    return page(request, "office/tickets.html", context)


def _address(runtime: Runtime) -> str:
    return runtime.settings.address


@router.get("/banks")
def banks(request: Request, db: ReadDep, actor: Actor = enter(Permission.READ_BANKS)) -> Response:
    return page(
        request,
        "office/banks.html",
        {"banks": banks_queries.newest_versions(db), "bank_words": view.BANK_WORDS},
    )


@router.get("/banks/{sha256}")
def bank(request: Request, db: ReadDep, sha256: str, actor: Actor = enter(Permission.READ_BANKS)) -> Response:
    """Every question of a published version, in the words a child reads."""
    loaded = banks_queries.published(db, sha256)
    words = loaded.words()
    lines = [
        (item.id, words["items"][item.id]["ask"], list(words["items"][item.id].get("options", {}).values()))
        for item in loaded.bank.items.values()
    ]
    return page(
        request,
        "office/bank.html",
        {"bank": loaded.bank, "lines": lines, "sha256": sha256, "bank_words": view.BANK_WORDS},
    )
