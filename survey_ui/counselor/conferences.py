"""支援会議 and 重層的支援会議: the list of a case, a new one behind its gate, minutes, print."""

from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from survey_api.journeys.hold_conference import (
    CaseMeetings,
    fix_minutes,
    meetings_of,
    prepare_conference,
    write_minutes,
)
from survey_api.kit.clock import school_day
from survey_api.kit.problems import BadInput, NotFound
from survey_api.kit.work import Work
from survey_api.services.conferences import rules
from survey_api.services.conferences.queries import OpenConference
from survey_api.services.conferences.rules import Minutes
from survey_api.vocabulary import ConferenceKind, ConferenceState
from survey_ui.counselor.door import SheetWork, version_of
from survey_ui.counselor.rows import is_reshaping, reshaped, rows_of
from survey_ui.counselor.saying import group_words
from survey_ui.shell.forms import StaffForm, day_of, text_of
from survey_ui.shell.templating import page

router = APIRouter(prefix="/counselor/cases/{case_id}/conferences")

START_ROWS = {"members": 4, "facts": 3, "decisions": 3}


@router.get("")
def conferences(request: Request, case_id: str, work: SheetWork) -> Response:
    found = meetings_of(work, case_id)
    context = {**_case(found), "meetings": found.meetings, "kinds": rules.KINDS}
    return page(request, "counselor/conferences.html", context)


@router.get("/new/{kind}")
def new_conference(request: Request, case_id: str, kind: str, work: SheetWork) -> Response:
    """An empty form of one kind, with who was there last time."""
    found = meetings_of(work, case_id)
    earlier = found.meetings[-1].minutes.rows["members"] if found.meetings else ()
    invited = [{"agency": row["agency"], "role": row["role"]} for row in earlier]
    minutes = Minutes({}, "", {**rules.EMPTY.rows, "members": invited})
    held_on = school_day(work.now)
    return _form(request, found, _kind(kind), None, held_on.isoformat(), minutes)


@router.post("/new/{kind}")
def prepare(request: Request, case_id: str, kind: str, work: SheetWork, form: StaffForm) -> Response:
    typed, held_on = minutes_of(form), text_of(form, "held_on", 10)
    chosen = _kind(kind)
    if is_reshaping(form):
        return _form(request, meetings_of(work, case_id), chosen, None, held_on, typed)
    try:
        conference_id = prepare_conference(work, case_id, chosen, _day(held_on), typed)
    except BadInput as refusal:
        return _form(request, meetings_of(work, case_id), chosen, None, held_on, typed, refusal)
    return _to(case_id, conference_id)


@router.get("/{conference_id}")
def conference(request: Request, case_id: str, conference_id: str, work: SheetWork) -> Response:
    """The minutes: a form while the meeting is open, a closed paper when they are fixed."""
    found = meetings_of(work, case_id)
    meeting = _meeting(found, conference_id)
    if meeting.state is ConferenceState.HELD:
        return _paper(request, work, found, meeting)
    return _form(request, found, meeting.kind, meeting, meeting.held_on.isoformat(), meeting.minutes)


@router.post("/{conference_id}")
def write(request: Request, case_id: str, conference_id: str, work: SheetWork, form: StaffForm) -> Response:
    """Keep what is written, or fix it; a refusal loses no word."""
    typed, held_on = minutes_of(form), text_of(form, "held_on", 10)
    version = version_of(text_of(form, "version"))
    refusal = None
    if not is_reshaping(form):
        deed = fix_minutes if text_of(form, "do", 10) == "fix" else write_minutes
        try:
            deed(work, case_id, conference_id, version, _day(held_on), typed)
        except BadInput as refused:
            refusal = refused
        else:
            return _to(case_id, conference_id)
    found = meetings_of(work, case_id)
    meeting = _meeting(found, conference_id)
    return _form(request, found, meeting.kind, meeting, held_on, typed, refusal)


def minutes_of(form: FormData) -> Minutes:
    """The form as minutes, with the rows as the pressed button leaves them."""
    rows = {
        table: reshaped(form, table, rows_of(form, table, [name for name, _, _ in columns]))
        for table, columns in rules.ROWS.items()
    }
    texts = {name: text_of(form, name).replace("\r\n", "\n") for name in rules.TEXTS}
    return Minutes(texts, text_of(form, "child_view", 20), rows)


def _form(
    request: Request,
    found: CaseMeetings,
    kind: ConferenceKind,
    meeting: OpenConference | None,
    held_on: str,
    minutes: Minutes,
    refusal: BadInput | None = None,
) -> Response:
    filled = {table: list(rows) for table, rows in minutes.rows.items()}
    if not is_filled(filled):
        for table, count in START_ROWS.items():
            filled[table] += [{}] * (count - len(filled[table]))
    context = {
        **_case(found),
        "kind": kind,
        "about": rules.KINDS[kind],
        "meeting": meeting,
        "held_on": held_on,
        "minutes": minutes,
        "filled": filled,
        "agencies": found.agencies,
        "refusal": refusal,
        "rules": rules,
    }
    return page(request, "counselor/conference_form.html", context, status=422 if refusal else 200)


def is_filled(rows: dict[str, list[Any]]) -> bool:
    """Whether the form has been shown before: then its rows stay as the person left them."""
    return bool(rows["facts"] or rows["decisions"])


def _paper(request: Request, work: Work, found: CaseMeetings, meeting: OpenConference) -> Response:
    context = {
        **_case(found),
        "meeting": meeting,
        "about": rules.KINDS[meeting.kind],
        "minutes": meeting.minutes,
        "rules": rules,
        "now": work.now,
    }
    return page(request, "counselor/conference.html", context)


def _case(found: CaseMeetings) -> dict[str, Any]:
    return {"case": found.case, "group": group_words(found.case.grade, found.case.class_name)}


def _kind(text: str) -> ConferenceKind:
    if text not in [str(kind) for kind in ConferenceKind]:
        raise NotFound
    return ConferenceKind(text)


def _meeting(found: CaseMeetings, conference_id: str) -> OpenConference:
    meeting = next((one for one in found.meetings if one.id == conference_id), None)
    if meeting is None:
        raise NotFound
    return meeting


def _day(text: str) -> date:
    day = day_of(text, "開く日")
    if day is None:
        raise BadInput("開く日を入れてください。")
    return day


def _to(case_id: str, conference_id: str) -> Response:
    return RedirectResponse(f"/counselor/cases/{case_id}/conferences/{conference_id}", status_code=303)
