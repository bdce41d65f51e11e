"""受け取りの連絡: whoever holds a hand-over sheet says what became of it, by the number on the paper. Nothing is shown."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from survey_api.journeys.hear_reply import answer_by_receipt, possible_answers
from survey_api.kit.actor import Actor
from survey_api.kit.problems import BadInput, IllegalMove
from survey_api.web.deps import RuntimeDep
from survey_ui.shell.forms import PlainForm, text_of
from survey_ui.shell.templating import page

router = APIRouter(prefix="/reply")
RECEIVER = Actor.terminal("receiver")
NOTHING: dict[str, str] = {"number": "", "answer": "", "words": ""}


@router.get("")
def reply_form(request: Request) -> Response:
    return page(
        request, "memo/reply.html", {"typed": NOTHING, "replies": possible_answers(), "refusal": None}
    )


@router.post("")
def reply(request: Request, runtime: RuntimeDep, form: PlainForm) -> Response:
    """Kept, and thanked for in the same words whatever it was; a refusal loses no word."""
    typed = {
        "number": text_of(form, "number", 40),
        "answer": text_of(form, "answer", 40),
        "words": text_of(form, "words", 400),
    }
    try:
        with runtime.work(RECEIVER) as work:
            answer_by_receipt(work, typed["number"], typed["answer"], typed["words"])
    except (BadInput, IllegalMove) as refusal:
        context = {"typed": typed, "replies": possible_answers(), "refusal": refusal}
        return page(request, "memo/reply.html", context, status=422)
    return page(request, "memo/replied.html")
