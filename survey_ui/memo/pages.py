"""気づきメモ: a form that opens with a card's number, and a receipt. Nothing else can be seen from here."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from survey_api.journeys.take_memo import leave_memo
from survey_api.kit.actor import Actor
from survey_api.kit.problems import BadInput
from survey_api.services.memos import queries, rules
from survey_api.services.memos.rules import Memo
from survey_api.services.students import queries as students_queries
from survey_api.web.deps import ReadDep, RuntimeDep
from survey_ui.shell.forms import PlainForm, text_of
from survey_ui.shell.templating import page

router = APIRouter(prefix="/memo")
SENDER = Actor.terminal("memo")


@router.get("")
def memo_form(request: Request, db: ReadDep) -> Response:
    return _form(request, db, {})


@router.post("")
def leave(request: Request, runtime: RuntimeDep, db: ReadDep, form: PlainForm) -> Response:
    """Keep it and give a receipt number; a refusal loses no word."""
    try:
        with runtime.work(SENDER) as work:
            receipt = leave_memo(work, text_of(form, "card", 40), memo_of(form))
    except BadInput as refusal:
        typed = {name: text_of(form, name) for name in (*rules.FIELDS, "card", "urgent", "school")}
        return _form(request, db, typed, refusal)
    return page(request, "memo/received.html", {"receipt": rules.spoken(receipt)})


@router.get("/receipt")
def receipt_form(request: Request) -> Response:
    return page(request, "memo/receipt.html", {"said": None})


@router.post("/receipt")
def receipt(request: Request, runtime: RuntimeDep, db: ReadDep, form: PlainForm) -> Response:
    """Received, acted on, or a number nobody gave out."""
    state = queries.state_by_receipt(db, runtime.keys, text_of(form, "receipt", 40))
    said = rules.STATE_WORDS[state] if state else "この番号の気づきメモはありません。"
    return page(request, "memo/receipt.html", {"said": said}, status=200 if state else 404)


def memo_of(form: FormData) -> Memo:
    """The form as a memo."""
    fields = {name: text_of(form, name).replace("\r\n", "\n") for name in rules.FIELDS}
    return Memo(fields, text_of(form, "urgent", 3) == "yes", text_of(form, "school", 40) or None)


def _form(request: Request, db: Any, typed: dict[str, str], refusal: BadInput | None = None) -> Response:
    context = {
        "typed": typed,
        "fields": rules.FIELDS,
        "schools": students_queries.schools(db),
        "refusal": refusal,
    }
    return page(request, "memo/form.html", context, status=422 if refusal else 200)
