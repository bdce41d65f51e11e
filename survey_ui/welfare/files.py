"""Released numbers as files: choose a form, say what for and for whom, take it."""

from datetime import date

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from survey_api.access import queries as access_queries
from survey_api.access.permissions import Permission
from survey_api.kit.actor import Actor
from survey_api.kit.problems import BadInput
from survey_api.services.insights import released
from survey_api.services.insights.exports import actions
from survey_api.services.insights.exports.formats import KINDS, Format
from survey_api.services.insights.exports.rows import Codes
from survey_api.services.insights.exports.sections import SECTIONS, Choice, Section
from survey_api.services.insights.exports.taken import taken
from survey_api.services.insights.released import ReleasedWave
from survey_api.services.students import queries as students_queries
from survey_api.services.students.school_code import looks_like_school_code
from survey_api.web.deps import ReadDep, RuntimeDep, WorkDep
from survey_ui.shell.forms import StaffForm, text_of
from survey_ui.shell.guards import enter
from survey_ui.shell.templating import page

router = APIRouter(prefix="/welfare/files")
SHOWN = 20


@router.get("")
def files(
    request: Request,
    runtime: RuntimeDep,
    db: ReadDep,
    actor: Actor = enter(Permission.READ_AGGREGATES, fresh=True),
) -> Response:
    """The forms there are, and who took what lately."""
    waves = released.released_waves(db, runtime.keys)
    if not waves:
        return page(request, "welfare/empty.html")
    names = {person.id: person.name for person in access_queries.all_staff(db)}
    context = {
        "kinds": [(kind.value, one.title) for kind, one in KINDS.items()],
        "waves": waves,
        "taken": [
            (
                row.made_at,
                names.get(row.made_by, ""),
                KINDS[Format(row.format)].title,
                row.purpose,
                row.recipient,
            )
            for row in taken(db, SHOWN)
        ],
    }
    return page(request, "welfare/files.html", context)


@router.post("")
def take(
    request: Request,
    runtime: RuntimeDep,
    work: WorkDep,
    form: StaffForm,
    actor: Actor = enter(Permission.READ_AGGREGATES, fresh=True),
) -> Response:
    """The file itself, as a download; what for and for whom is kept with it."""
    kind, waves = _kind(text_of(form, "format", 10)), released.released_waves(work.db, runtime.keys)
    chosen = _chosen(waves, text_of(form, "wave", 40))
    made = actions.take(
        work,
        kind,
        chosen,
        text_of(form, "purpose"),
        text_of(form, "recipient"),
        codes=_codes(work.db, runtime.settings.city_code),
    )
    name = f"kizuki-{_stamp(chosen[-1].opens_on)}.{kind.value}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(made, media_type=KINDS[kind].media_type, headers=headers)


@router.get("/pack")
def pack(
    request: Request, runtime: RuntimeDep, db: ReadDep, actor: Actor = enter(Permission.READ_AGGREGATES)
) -> Response:
    """The meeting pack: which sections, with or without the names of schools."""
    waves = released.released_waves(db, runtime.keys)
    if not waves:
        return page(request, "welfare/empty.html")
    return page(request, "welfare/pack.html", {"waves": waves, "sections": SECTIONS.items()})


@router.post("/pack")
def make_pack(
    request: Request,
    runtime: RuntimeDep,
    work: WorkDep,
    form: StaffForm,
    actor: Actor = enter(Permission.READ_AGGREGATES),
) -> Response:
    """The PDF, up to the chosen wave; nothing is made when the chosen numbers together would tell of a child."""
    waves = released.released_waves(work.db, runtime.keys)
    newest = _chosen(waves, text_of(form, "wave", 40))[-1]
    upto = tuple(one for one in waves if one.opens_on <= newest.opens_on)
    chosen = frozenset(section for section in Section if str(section) in form.getlist("section"))
    if not chosen:
        raise BadInput("資料に入れるものを1つ以上選んでください。")
    choice = Choice(chosen, unnamed=text_of(form, "unnamed", 5) == "yes")
    made = actions.take(
        work,
        Format.PDF,
        upto,
        text_of(form, "purpose"),
        text_of(form, "recipient"),
        {"choice": choice},
    )
    name = f"kizuki-{_stamp(newest.opens_on)}.pdf"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(made, media_type=KINDS[Format.PDF].media_type, headers=headers)


def _codes(db: Session, area: str) -> Codes:
    """The city's code, and the schools' as far as the roster holds one and not a number of its own."""
    schools = students_queries.schools(db)
    return Codes(area, {school.id: school.code for school in schools if looks_like_school_code(school.code)})


def _kind(value: str) -> Format:
    try:
        return Format(value)
    except ValueError as unknown:
        raise BadInput("ファイルの形を選んでください。") from unknown


def _chosen(waves: tuple[ReleasedWave, ...], wave: str) -> tuple[ReleasedWave, ...]:
    """One wave, or all of them when none is named; never none, for a file of nothing tells nobody anything."""
    if not waves:
        raise BadInput("公表した調査回がまだありません。")
    if not wave:
        return waves
    chosen = tuple(one for one in waves if one.wave_id == wave)
    if not chosen:
        raise BadInput("調査回を選び直してください。")
    return chosen


def _stamp(day: date) -> str:
    return f"{day:%Y-%m}"
