"""Who wishes not to be asked, and who takes answers back: recorded by the office, the same for every child."""

import json
from collections.abc import Sequence

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from survey_api.access.permissions import Permission
from survey_api.access.scope import Scope
from survey_api.journeys.hold_back import lift_hold, place_hold
from survey_api.journeys.withdraw_answers import opt_out, withdraw_answers
from survey_api.kit.actor import Actor
from survey_api.kit.problems import BadInput
from survey_api.services.erasure import queries as erasure_queries
from survey_api.services.students import queries as students_queries
from survey_api.services.waves import queries as waves_queries
from survey_api.tables.erasure import Certificate
from survey_api.vocabulary import HoldKind, WithdrawnBy
from survey_api.web.deps import ReadDep, WorkDep
from survey_ui.shell.forms import StaffForm, text_of
from survey_ui.shell.guards import enter
from survey_ui.shell.templating import page

router = APIRouter()
KINDS = {
    "withdrawal.child": "本人の申し出による回答の取り消し",
    "withdrawal.guardian": "保護者の申し出による回答の取り消し",
    "pupil": "保存期間の終わり(児童生徒)",
    "calm_answers": "保存期間の終わり(対応待ちにならなかった回答)",
    "case_records": "保存期間の終わり(対応の記録)",
    "memos": "保存期間の終わり(気づきメモ)",
    "outbox": "保存期間の終わり(送り終えた知らせ)",
    "sign_ins": "保存期間の終わり(終わったサインイン)",
    "drafts": "保存期間の終わり(下書き)",
    "ticket_verifiers": "保存期間の終わり(チケット)",
}

HOLDS = {"pupil": "児童生徒ひとり", "wave": "調査回", "school": "学校全体"}


@router.get("/consent")
def consent(request: Request, db: ReadDep, actor: Actor = enter(Permission.KEEP_CONSENT)) -> Response:
    """The two wishes as forms, and every certificate of the actor's schools."""
    scope = Scope.of(actor, Permission.KEEP_CONSENT)
    context = {
        "schools": [school for school in students_queries.schools(db) if scope.covers(school.id)],
        "waves": waves_queries.waves(db),
        "holds": [
            (hold.id, HOLDS[hold.kind], hold.placed_at, hold.placed_by == actor.id)
            for hold in erasure_queries.holds(db, scope)
        ],
        "lines": _lines(db, erasure_queries.certificates(db, scope)),
    }
    return page(request, "office/consent.html", context)


@router.post("/consent")
def record(form: StaffForm, work: WorkDep, actor: Actor = enter(Permission.KEEP_CONSENT)) -> Response:
    """Carry a wish out. The answer is the same whatever was there."""
    school_id, sign = text_of(form, "school_id", 64), text_of(form, "sign", 40)
    wish = text_of(form, "wish", 20)
    if wish in ("out", "in"):
        opt_out(work, school_id, sign, out=wish == "out")
        return RedirectResponse("/office/consent", status_code=303)
    if wish not in set(WithdrawnBy):
        raise BadInput("だれの、どの希望かを選んでください。")
    if form.get("sure") != "yes":
        raise BadInput("取り消すと元には戻せません。「消してよい」に印をつけてください。")
    made = withdraw_answers(work, school_id, sign, text_of(form, "wave_id", 64), WithdrawnBy(wish))
    return RedirectResponse(f"/office/consent/{made}", status_code=303)


@router.post("/holds")
def hold(form: StaffForm, work: WorkDep, actor: Actor = enter(Permission.KEEP_CONSENT)) -> Response:
    """Nothing of it is erased from now on."""
    kind = text_of(form, "kind", 20)
    if kind not in set(HoldKind):
        raise BadInput("何を保全するかを選んでください。")
    place_hold(
        work,
        HoldKind(kind),
        text_of(form, "school_id", 64),
        sign=text_of(form, "sign", 40),
        wave_id=text_of(form, "wave_id", 64),
        reason=text_of(form, "reason", 400),
    )
    return RedirectResponse("/office/consent", status_code=303)


@router.post("/holds/{hold_id}/lift")
def lift(
    form: StaffForm, work: WorkDep, hold_id: str, actor: Actor = enter(Permission.KEEP_CONSENT)
) -> Response:
    """Another person lets it go."""
    lift_hold(work, hold_id)
    return RedirectResponse("/office/consent", status_code=303)


@router.get("/consent/{certificate_id}")
def certificate(
    request: Request, db: ReadDep, certificate_id: str, actor: Actor = enter(Permission.KEEP_CONSENT)
) -> Response:
    """One certificate, for printing. It does not say whether there were answers."""
    scope = Scope.of(actor, Permission.KEEP_CONSENT)
    found = erasure_queries.certificate_by_id(db, scope, certificate_id)
    return page(request, "office/certificate.html", {"line": _lines(db, [found])[0]})


def _lines(db: Session, rows: Sequence[Certificate]) -> list[dict[str, object]]:
    schools = {school.id: school.name for school in students_queries.schools(db)}
    waves = {wave.id: wave.name for wave in waves_queries.waves(db)}
    return [
        {
            "id": row.id,
            "kind": KINDS.get(row.kind, row.kind),
            "sign": row.sign,
            "school": schools.get(row.school_id or "", "市全体"),
            "wave": waves.get(row.wave_id or "", ""),
            "asked_on": row.asked_on,
            "done_on": row.done_on,
            "by_rule": None if row.kind.startswith("withdrawal.") else sum(json.loads(row.counts).values()),
        }
        for row in rows
    ]
